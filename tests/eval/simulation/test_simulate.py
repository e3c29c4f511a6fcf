"""`souffleur eval simulate` against the real assistant on the sample shop."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import KnowledgeError
from assistant.settings import Settings
from eval.simulation.checks import CHECKS
from eval.simulation.customer import Move, Outcome
from eval.simulation.scenario_file import load_scenarios, shipped_scenarios
from eval.simulation.simulation import simulate
from eval.simulation.transcript import transcript
from prompts.loader import LANGUAGES, surface
from tests.conftest import REPO
from tests.eval.simulation.doubles import HANDOFF, reply, scenario, talk

Run = Callable[..., Any]
SCENARIOS = REPO / "eval" / "datasets" / "scenarios"


def test_promises_are_kept_with_every_shipped_customer(settings: Settings) -> None:
    scenarios = load_scenarios(shipped_scenarios())
    finished = simulate(scenarios, settings)
    document = finished.document()
    assert document["n_dialogs"] == len(scenarios)
    assert document["broken_promises"] == []
    assert document["metrics"]["cut_off"]["value"] == 0.0
    assert set(CHECKS) <= set(document["metrics"])
    assert document["metrics"]["person_at_once"]["n"] >= 3
    assert not (settings.data_dir / "souffleur.db").exists()


def test_question_is_answered_in_the_words_that_found_it_and_thanks_are_taken(
    settings: Settings,
) -> None:
    (dialogue,) = simulate(
        load_scenarios([SCENARIOS / "ru-vague-then-clear.yaml"]), settings
    ).dialogues
    assert [exchange.move for exchange in dialogue.exchanges][:2] == [Move.ASKS, Move.CLARIFIES]
    assert "delivery-eaeu" in dialogue.exchanges[1].reply.cited
    assert dialogue.outcome is Outcome.ANSWERED


def test_question_asked_again_after_its_answer_goes_to_a_person(settings: Settings) -> None:
    (dialogue,) = simulate(
        load_scenarios([SCENARIOS / "ru-asks-the-same-again.yaml"]), settings
    ).dialogues
    assert [exchange.reply.reason for exchange in dialogue.exchanges][:2] == [None, "repeated"]


def test_without_a_knowledge_base_the_simulation_says_so(tmp_path: Path) -> None:
    empty = Settings(data_dir=tmp_path / "empty", _env_file=None)  # type: ignore[call-arg]
    with pytest.raises(KnowledgeError, match="kb ingest"):
        simulate([scenario()], empty)


def test_two_runs_write_the_same_to_the_byte_and_leave_the_data_folder_alone(
    run_command: Run, shop: Path, tmp_path: Path
) -> None:
    before = sorted(shop.rglob("*"))
    files = [str(SCENARIOS / f"{name}.yaml") for name in ("ru-sent-twice", "en-human-politely")]
    printed = []
    for name in ("one", "two"):
        where = ("--data-dir", str(shop), "--out", str(tmp_path / name), "--lang", "en")
        done = run_command("eval", "simulate", *files, *where, "--json")
        assert done.returncode == 0, done.stderr
        printed.append(done.stdout)
    assert printed[0] == printed[1]
    for name in ("simulate.json", "dialogs.jsonl", "transcripts.md"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert json.loads(printed[0]) == json.loads((tmp_path / "one" / "simulate.json").read_text())
    lines = (tmp_path / "one" / "dialogs.jsonl").read_text(encoding="utf-8").splitlines()
    turns = [turn for line in lines for turn in json.loads(line)["turns"]]
    assert all({"action", "confidence", "citations"} <= set(turn) for turn in turns)
    assert sorted(shop.rglob("*")) == before


def test_table_names_measures_with_n_and_where_the_transcripts_are(
    run_command: Run, shop: Path, tmp_path: Path
) -> None:
    file = str(SCENARIOS / "ru-human-at-once.yaml")
    where = ("--data-dir", str(shop), "--out", str(tmp_path / "out"))
    done = run_command("eval", "simulate", file, *where)
    lines = done.stdout.splitlines()
    assert next(line for line in lines if line.startswith("person_at_once")).split()[-1] == "1"
    assert lines[-1].endswith("transcripts.md")


def test_article_that_is_not_there_fails_in_one_line(
    run_command: Run, shop: Path, tmp_path: Path
) -> None:
    path = tmp_path / "lost.yaml"
    text = (SCENARIOS / "ru-storage-days.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("delivery-storage", "no-such-article"), encoding="utf-8")
    done = run_command("eval", "simulate", str(path), "--data-dir", str(shop))
    assert done.returncode == 1
    assert "questions[0].satisfied_by names 'no-such-article'" in done.stderr
    assert done.stderr.count("\n") == 1


def test_transcript_shows_faults_under_their_message_and_keeps_marks_as_typed() -> None:
    from eval.simulation.simulation import measured

    dialogue = talk(scenario(), reply("answer", "# 7 дней", "courier"), HANDOFF, HANDOFF)
    finished = measured([dialogue], "snap", {"seed": 0})
    text = transcript(finished.dialogues, finished.faults, "snap", "en")
    assert "\n# 7 дней\n" in text
    assert text.index("not what was asked about") < text.index("срок?")
    assert "a second time" in text
    assert "handed over to a person, goal missed" in text


def test_transcripts_have_the_same_words_in_both_languages_and_one_for_every_check() -> None:
    ru, en = (surface("simulation", lang) for lang in LANGUAGES)
    assert list(ru) == list(en)
    assert {f"fault_{name}" for name in CHECKS} <= set(ru)
    assert {f"move_{move}" for move in Move} | {f"outcome_{end}" for end in Outcome} <= set(ru)
