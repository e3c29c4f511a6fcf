"""`souffleur ask`, `souffleur classify` and `souffleur route` as a person runs them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
QUESTION = "Как удалить аккаунт?"


def one_line_error(done: subprocess.CompletedProcess[str]) -> str:
    """The error of a command that failed as it should."""
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("souffleur: ")
    return line


def test_ask_prints_the_answer_with_its_source_and_the_disclosure(
    run_command: Run, shop: Path
) -> None:
    done = run_command("ask", QUESTION, "--data-dir", str(shop))
    assert done.returncode == 0, done.stderr
    assert "Отвечает бот" in done.stdout
    assert "https://tropinka.example/help/account-delete" in done.stdout
    assert "question → answer" in done.stdout


def test_ask_json_is_one_reply_object_and_nothing_else(run_command: Run, shop: Path) -> None:
    done = run_command("ask", QUESTION, "--json", "--data-dir", str(shop))
    reply = json.loads(done.stdout)
    assert (reply["action"], reply["owner"], reply["handoff"]) == ("answer", "bot", None)
    assert reply["reply"]["citations"][0]["article_id"] == "account-delete"
    assert reply["reply"]["author"]["kind"] == "bot"
    assert done.stderr == ""


def test_ask_tells_why_it_handed_over(run_command: Run, shop: Path) -> None:
    done = run_command("ask", "позовите оператора", SOUFFLEUR_DATA_DIR=str(shop))
    assert done.returncode == 0
    assert "handoff (customer_request)" in done.stdout


def test_ask_without_a_knowledge_base_hands_over(run_command: Run, tmp_path: Path) -> None:
    done = run_command("ask", QUESTION, "--json", "--data-dir", str(tmp_path / "empty"))
    assert done.returncode == 0
    assert json.loads(done.stdout)["handoff"]["reason"] == "no_evidence"
    assert "souffleur kb ingest" in done.stderr


@pytest.mark.parametrize(("text", "reason"), [("", "empty"), ("  ", "empty"), ("я" * 4001, "4001")])
def test_ask_refuses_text_that_cannot_be_worked_on(
    run_command: Run, tmp_path: Path, text: str, reason: str
) -> None:
    assert reason in one_line_error(run_command("ask", text, "--data-dir", str(tmp_path / "empty")))


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask"],
        ["ask", "a", "b"],
        ["ask", "a", "--nope"],
        ["classify"],
        ["route"],
        ["route", "a", "--hours", "noon"],
    ],
)
def test_wrong_usage_exits_2(run_command: Run, arguments: list[str]) -> None:
    assert run_command(*arguments).returncode == 2


@pytest.mark.parametrize("command", ["ask", "classify", "mask", "route"])
def test_every_command_has_help(run_command: Run, command: str) -> None:
    done = run_command(command, "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_bad_setting_is_one_line(run_command: Run) -> None:
    done = run_command("ask", QUESTION, SOUFFLEUR_LOCALE="de")
    assert "SOUFFLEUR_LOCALE" in one_line_error(done)


def lines_of(*rows: object) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def test_classify_labels_each_line_in_order(run_command: Run, tmp_path: Path) -> None:
    file = tmp_path / "messages.jsonl"
    texts = {
        "a": "спасибо большое, помогло",
        "b": "Как удалить аккаунт?",
        "c": "My refund still has not arrived after three weeks",
    }
    file.write_text(lines_of(*({"id": key, "text": text} for key, text in texts.items())))
    done = run_command("classify", str(file))
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["id"], row["label"]) for row in rows] == [
        ("a", "thanks"),
        ("b", "question"),
        ("c", "complaint"),
    ]
    for row in rows:
        assert list(row["probabilities"]) == ["complaint", "question", "thanks"]
        assert sum(row["probabilities"].values()) == pytest.approx(1, abs=0.001)


def test_classify_reads_standard_input_and_keeps_any_id(run_command: Run) -> None:
    rows = [{"id": 7, "text": "спасибо"}, {"text": "thanks"}]
    done = run_command("classify", "-", stdin=lines_of(*rows) + "\n")
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == [7, None]


def test_classify_of_more_lines_than_one_batch_keeps_the_order(run_command: Run) -> None:
    rows = [{"id": number, "text": f"вопрос {number}"} for number in range(150)]
    done = run_command("classify", "-", stdin=lines_of(*rows))
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == list(range(150))


@pytest.mark.parametrize("text", ["", "👍", "я" * 5000, "<b>&amp;</b>"])
def test_classify_labels_every_text_it_is_given(run_command: Run, text: str) -> None:
    done = run_command("classify", "-", stdin=json.dumps({"id": "x", "text": text}) + "\n")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["label"] in ("complaint", "question", "thanks")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("not json", "not JSON"),
        ('["a"]', "not an object"),
        ('{"id": "x"}', "'text'"),
        ('{"id": "x", "text": 5}', "'text'"),
    ],
)
def test_malformed_line_is_named_with_its_number(
    run_command: Run, tmp_path: Path, line: str, reason: str
) -> None:
    file = tmp_path / "messages.jsonl"
    file.write_text(lines_of({"id": "a", "text": "спасибо"}) + line + "\n", encoding="utf-8")
    error = one_line_error(run_command("classify", str(file)))
    assert f"{file}:2" in error
    assert reason in error


def test_missing_file_is_named(run_command: Run) -> None:
    assert "nowhere.jsonl" in one_line_error(run_command("classify", "nowhere.jsonl"))


PROMO = "Как применить промокод к заказу?"


def test_route_tells_who_gets_a_message_and_why(run_command: Run, shop: Path) -> None:
    done = run_command("route", PROMO, "--segment", "vip", SOUFFLEUR_DATA_DIR=str(shop))
    assert done.returncode == 0, done.stderr
    told = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert told == {
        "queue": "general",
        "priority": "high",
        "rule": "vip customer",
        "topic": "payment",
        "intent": "question",
        "segment": "vip",
        "language": "ru",
        "hours": "open",
        "signals": "-",
        "action": "answer",
    }


def test_route_json_is_one_document_with_the_same(run_command: Run, shop: Path) -> None:
    done = run_command("route", "My refund still has not arrived!", "--json", "--data-dir", shop)
    route = json.loads(done.stdout)
    assert (route["queue"], route["priority"], route["rule"]) == ("complaints", "high", "complaint")
    assert (route["intent"], route["language"], route["segment"]) == ("complaint", "en", None)
    assert (route["hours"], route["signals"]) == ("open", [])
    assert done.stderr == ""


def test_route_follows_the_rules_that_the_setting_names(
    run_command: Run, shop: Path, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        "rules:\n"
        "  - {name: codes at night, topic: payment, hours: closed, queue: night}\n"
        "  - {name: codes, topic: payment, queue: codes, priority: low}\n"
        "  - {name: rest, queue: rest}\n"
    )
    names = []
    for options in ([], ["--hours", "closed"]):
        done = run_command(
            *("route", PROMO, "--json", *options),
            SOUFFLEUR_DATA_DIR=str(shop),
            SOUFFLEUR_ROUTING_RULES=str(rules),
        )
        names.append(json.loads(done.stdout)["rule"])
    assert names == ["codes", "codes at night"]


def test_route_keeps_nothing(run_command: Run, shop: Path) -> None:
    assert run_command("route", PROMO, "--data-dir", str(shop)).returncode == 0
    assert [path.name for path in shop.glob("souffleur.db*")] == []


def test_route_without_a_knowledge_base_knows_no_topic(run_command: Run, tmp_path: Path) -> None:
    done = run_command("route", PROMO, "--json", "--data-dir", str(tmp_path / "empty"))
    route = json.loads(done.stdout)
    assert (route["topic"], route["queue"]) == (None, "general")


@pytest.mark.parametrize("command", ["route", "ask"])
def test_malformed_rules_are_one_line(run_command: Run, tmp_path: Path, command: str) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("rules:\n  - {name: rest, queue: rest, priority: soon}\n")
    error = one_line_error(run_command(command, PROMO, SOUFFLEUR_ROUTING_RULES=str(rules)))
    assert f"{rules}: rule 1 (rest): priority is 'soon'" in error


def test_route_refuses_text_that_cannot_be_worked_on(run_command: Run, shop: Path) -> None:
    assert "empty" in one_line_error(run_command("route", " ", "--data-dir", str(shop)))


def test_route_of_a_bare_call_for_a_person_is_the_general_one(run_command: Run, shop: Path) -> None:
    done = run_command("route", "позовите оператора", "--json", "--data-dir", str(shop))
    route = json.loads(done.stdout)
    assert (route["queue"], route["intent"], route["topic"]) == ("general", None, None)
    assert (route["signals"], route["action"]) == (["wants_human"], "handoff")
