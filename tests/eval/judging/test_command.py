"""`souffleur eval judge` as a person would run it, against a model on loopback."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import souffleur
from eval.journal import Journal
from tests.chat_server import HANG, Answer, ChatServer
from tests.eval.judging.doubles import verdict
from tests.eval.test_metrics import PLAIN

# Not importorskip: imported before it is made quiet, litellm asks the net for prices.
pytestmark = pytest.mark.skipif(find_spec("litellm") is None, reason="litellm is not installed")

KEY = "very-secret-0123456789"
Run = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run of six answers and a handover: people find the even answers right."""
    records = [
        replace(
            PLAIN,
            dialog_id=f"d{at}",
            text=f"вопрос {at}",
            reply=f"ответ {at}",
            article_labels=["a"] if at % 2 == 0 else ["z"],
        )
        for at in range(6)
    ]
    out = tmp_path / "run"
    Journal(out, {}).finish([*records, replace(PLAIN, dialog_id="d9", action="handoff")])
    return out


@pytest.fixture
def model() -> Iterator[ChatServer]:
    """Finds the even answers right, and wrong what it is asked of the odd ones."""
    server = ChatServer(lambda body: Answer(verdict(_even(body))))
    yield server
    server.close()


def _even(body: dict[str, Any]) -> str:
    asked = body["messages"][1]["content"]
    return "right" if any(f"ответ {at}" in asked for at in (0, 2, 4)) else "wrong"


@dataclass(frozen=True)
class Done:
    """What a command said and how it ended."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def judge(
    folder: Path,
    model: ChatServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """The command in this process, where litellm is loaded once."""
    for name in [name for name in os.environ if name.startswith("SOUFFLEUR_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def run(*more: str, run: Path = folder, **environment: str) -> Done:
        for name, value in (settings_of(model) | environment).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["souffleur", "eval", "judge", str(run), *more])
        with pytest.raises(SystemExit) as ended:
            souffleur.main()
        said = capsys.readouterr()
        assert KEY not in said.out + said.err
        assert isinstance(ended.value.code, int)
        return Done(ended.value.code, said.out, said.err)

    return run


def settings_of(model: ChatServer) -> dict[str, str]:
    return {
        "SOUFFLEUR_LLM_MODEL": "openai/judge-1",
        "SOUFFLEUR_LLM_API_BASE": model.url,
        "SOUFFLEUR_LLM_API_KEY": KEY,
        "SOUFFLEUR_LLM_TIMEOUT_SECONDS": "20",
    }


def test_personal_data_leaves_this_machine_masked_and_comes_back(
    judge: Run, model: ChatServer, folder: Path
) -> None:
    phone = "8 912 345-67-89"
    personal = replace(
        PLAIN, dialog_id="d0", text=f"мой номер {phone}", reply="ответ 0", article_labels=["a"]
    )
    Journal(folder, {}).finish([personal])
    model.script = lambda body: Answer(verdict("right", "says nothing of [PHONE_1]"))
    done = judge()
    assert done.returncode == 0, done.stderr
    assert len(model.bodies) == 1
    assert phone not in json.dumps(model.bodies, ensure_ascii=False)
    assert "[PHONE_1]" in model.bodies[0]["messages"][1]["content"]
    assert phone in (folder / "judged.jsonl").read_text(encoding="utf-8")


def test_what_holds_no_personal_data_is_sent_as_it_is_when_told_so(
    judge: Run, model: ChatServer, folder: Path
) -> None:
    record = replace(PLAIN, dialog_id="d0", text="мой номер 8 912 345-67-89", reply="ответ 0")
    Journal(folder, {}).finish([record])
    judge("--no-personal-data")
    assert "8 912 345-67-89" in model.bodies[0]["messages"][1]["content"]


def test_json_is_one_document_with_verdicts_and_agreement(judge: Run, folder: Path) -> None:
    done = judge("--no-personal-data", "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert (document["n_answers"], document["n_asked"]) == (6, 6)
    assert document["counts"] == {
        "right": 3,
        "wrong": 3,
        "cannot_tell": 0,
        "unparsable": 0,
        "failed": 0,
    }
    assert document["judged_right"] == {"value": 0.5, "ci_low": 0.1876, "ci_high": 0.8124, "n": 6}
    assert document["agreement"]["kappa"]["value"] == 1.0
    assert document["agreement"]["table"] == {
        "label_right": {"judged_right": 3, "judged_wrong": 0},
        "label_wrong": {"judged_right": 0, "judged_wrong": 3},
    }
    assert document["model"] == "openai/judge-1"
    assert [name.split(":")[0] for name in document["prompts"]] == ["judge/ru@1"]
    assert len((folder / "judged.jsonl").read_text(encoding="utf-8").splitlines()) == 6


def test_table_tells_shares_agreement_and_where_the_verdicts_are(judge: Run, folder: Path) -> None:
    done = judge("--no-personal-data", "--blind")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["6", "of", "6", "answers"] in lines
    assert ["judged", "right", "0.500", "[0.188,", "0.812]", "6"] in lines
    assert ["Cohen's", "kappa", "1.000", "[1.000,", "1.000]", "6"] in lines
    assert ["label", "right", "3", "0"] in lines
    assert done.stdout.rstrip().endswith(f"verdicts: {folder / 'judged.jsonl'}")
    assert "warning: " in done.stderr


def test_sample_then_all_asks_about_each_answer_once(judge: Run, model: ChatServer) -> None:
    first = json.loads(judge("--no-personal-data", "--json", "--limit", "2").stdout)
    assert (first["n_asked"], len(model.bodies)) == (2, 2)
    second = json.loads(judge("--no-personal-data", "--json").stdout)
    assert (second["n_asked"], len(model.bodies)) == (6, 6)


def test_failures_are_told_counted_apart_and_asked_again(judge: Run, model: ChatServer) -> None:
    well = model.script

    def ill(body: dict[str, Any]) -> Answer:
        asked = body["messages"][1]["content"]
        if "ответ 1" in asked:
            return Answer(f"it broke on {KEY}", 503)
        if "ответ 2" in asked:
            return Answer("no", 500)
        return Answer("не JSON") if "ответ 3" in asked else well(body)

    model.script = ill
    done = judge("--no-personal-data", "--json")
    assert done.returncode == 1
    assert "2 answers were not judged" in done.stderr
    found = json.loads(done.stdout)
    assert (found["counts"]["failed"], found["counts"]["unparsable"]) == (2, 1)
    assert found["judged_right"]["n"] == 3
    model.script, asked = well, len(model.bodies)
    again = judge("--no-personal-data", "--json")
    assert again.returncode == 0
    assert len(model.bodies) == asked + 2
    assert json.loads(again.stdout)["counts"]["unparsable"] == 1


def test_busy_model_is_waited_for(judge: Run, model: ChatServer) -> None:
    well, busy = model.script, [Answer(f"too many for {KEY}", 429)]
    model.script = lambda body: busy.pop() if busy else well(body)
    done = judge("--no-personal-data", "--json", "--workers", "1", "--limit", "1")
    assert done.returncode == 0
    assert json.loads(done.stdout)["counts"]["failed"] == 0
    assert len(model.bodies) == 2


def test_model_that_hangs_is_a_failure_in_time(judge: Run, model: ChatServer, folder: Path) -> None:
    model.script = lambda _: HANG
    done = judge("--no-personal-data", "--limit", "2", SOUFFLEUR_LLM_TIMEOUT_SECONDS="0.3")
    assert done.returncode == 1
    assert "language_model_timeout" in done.stderr
    assert KEY not in (folder / "judged.jsonl").read_text(encoding="utf-8")


def test_key_that_is_refused_ends_the_run_with_one_line(judge: Run, model: ChatServer) -> None:
    model.script = lambda _: Answer(f"Incorrect API key provided: {KEY}", 401)
    done = judge("--no-personal-data", "--workers", "1")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("souffleur: openai/judge-1: ")
    assert len(model.bodies) == 1


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ({"SOUFFLEUR_LLM_MODEL": ""}, "SOUFFLEUR_LLM_MODEL is not set"),
        ({"SOUFFLEUR_LLM_API_BASE": "example"}, "SOUFFLEUR_LLM_API_BASE: it is no address"),
        ({"SOUFFLEUR_LLM_API_BASE": f"http://u:{KEY}@127.0.0.1"}, "without a password"),
    ],
)
def test_setting_that_is_wrong_is_named(judge: Run, setting: dict[str, str], reason: str) -> None:
    done = judge("--no-personal-data", **setting)
    assert done.returncode == 1
    assert reason in done.stderr


def test_verdicts_go_where_they_are_told_to(judge: Run, tmp_path: Path, folder: Path) -> None:
    other = tmp_path / "elsewhere" / "mine.jsonl"
    assert judge("--no-personal-data", "--out", str(other)).returncode == 0
    assert len(other.read_text(encoding="utf-8").splitlines()) == 6
    assert not (folder / "judged.jsonl").exists()


def test_run_that_is_not_there_is_named(judge: Run, model: ChatServer) -> None:
    done = judge("--no-personal-data", run=Path("nowhere"))
    assert done.returncode == 1
    assert "nowhere does not exist" in done.stderr
    assert model.bodies == []


def test_as_a_person_would_run_it_nothing_but_the_result_is_printed(
    run_command: Run, folder: Path, model: ChatServer
) -> None:
    """In another process: neither litellm nor Python has a word in it."""
    arguments = ("eval", "judge", str(folder), "--no-personal-data", "--json")
    done = run_command(*arguments, **settings_of(model))
    assert done.returncode == 0
    assert json.loads(done.stdout)["counts"]["right"] == 3
    assert [line for line in done.stderr.splitlines() if not line.startswith("warning: ")] == []
