"""Who gets a dialog: the first rule that fits, and what is said of rules that cannot be read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.domain import IntentLabel, Priority, Signal
from assistant.errors import RulesError, SettingsError
from assistant.routing import SHIPPED, Facts, Rule, choose, load_rules

PLAIN = Facts(intent=IntentLabel.QUESTION, language="ru", is_open=True)


def written(folder: Path, *rows: str, head: str = "rules:\n") -> Path:
    """A file with these rules, each one line of YAML."""
    path = folder / "rules.yaml"
    path.write_text(head + "".join(f"  - {{{row}}}\n" for row in rows), encoding="utf-8")
    return path


def loaded(folder: Path, *rows: str) -> tuple[Rule, ...]:
    """Rules, with one behind them for all else."""
    return load_rules(written(folder, *rows, "name: rest, queue: rest"))


def facts(**known: object) -> Facts:
    return replace(PLAIN, **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("condition", "fitting", "other"),
    [
        ("topic: payment", {"topic": "payment"}, {"topic": "orders"}),
        ("topic: [orders, payment]", {"topic": "payment"}, {"topic": None}),
        ("topic: УПРАВЛЕНИЕ  аккаунтом", {"topic": "Управление Аккаунтом "}, {"topic": "ВИДЕО"}),
        ("intent: complaint", {"intent": IntentLabel.COMPLAINT}, {}),
        ("intent: [complaint, thanks]", {"intent": IntentLabel.THANKS}, {}),
        ("segment: vip", {"segment": "VIP"}, {"segment": "new"}),
        ("segment: vip", {"segment": "vip"}, {"segment": None}),
        ("language: en", {"language": "en"}, {"language": "ru"}),
        ("hours: closed", {"is_open": False}, {"is_open": True}),
        ("hours: open", {"is_open": True}, {"is_open": False}),
        ("hours: [open, closed]", {"is_open": False}, None),
        (
            "signal: [profanity, distress]",
            {"signals": frozenset([Signal.PROFANITY, Signal.WANTS_HUMAN])},
            {"signals": frozenset([Signal.WANTS_HUMAN])},
        ),
        ("signal: distress", {"signals": frozenset([Signal.DISTRESS])}, {}),
    ],
)
def test_condition_is_met_by_one_of_its_values(
    tmp_path: Path, condition: str, fitting: dict[str, object], other: dict[str, object] | None
) -> None:
    rules = loaded(tmp_path, f"name: special, {condition}, queue: special")
    assert choose(rules, facts(**fitting)).queue == "special"
    if other is not None:
        assert choose(rules, facts(**other)).queue == "rest"


def test_all_conditions_of_a_rule_have_to_be_met(tmp_path: Path) -> None:
    rules = loaded(tmp_path, "name: both, topic: payment, language: en, queue: both")
    assert choose(rules, facts(topic="payment", language="en")).rule == "both"
    assert choose(rules, facts(topic="payment")).rule == "rest"
    assert choose(rules, facts(language="en")).rule == "rest"


def test_first_rule_that_fits_decides(tmp_path: Path) -> None:
    rules = loaded(
        tmp_path,
        "name: one, language: en, queue: a",
        "name: two, topic: payment, queue: b, priority: high",
        "name: three, topic: payment, queue: c",
    )
    route = choose(rules, facts(topic="payment"))
    assert (route.queue, route.priority, route.rule, route.topic) == (
        "b",
        Priority.HIGH,
        "two",
        "payment",
    )


def test_rule_without_priority_is_normal_and_without_name_is_numbered(tmp_path: Path) -> None:
    first, _ = loaded(tmp_path, "topic: x, queue: a")
    assert (first.name, first.priority) == ("rule 1", Priority.NORMAL)


REST = "name: rest, queue: rest"


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("topik: x, queue: a", "rule 1: there is no field 'topik'; it can be name, topic, intent"),
        ("name: n, topic: x", "rule 1 (n): queue is missing or not text"),
        ("name: n, topic: x, queue: ' '", "rule 1 (n): queue is missing or not text"),
        ("name: n, topic: x, queue: 5", "rule 1 (n): queue is missing or not text"),
        (f"name: n, topic: x, queue: {'q' * 65}", "rule 1 (n): queue has more than 64 characters"),
        ("name: 7, queue: a", "rule 1: name is missing or not text"),
        (
            "name: n, topic: x, queue: a, priority: asap",
            "rule 1 (n): priority is 'asap'; it can be urgent, high, normal or low",
        ),
        ("topic: x, queue: a, priority: [high]", "rule 1: priority is ['high']; it can be urgent"),
        (
            "intent: anger, queue: a",
            "rule 1: intent is 'anger'; it can be complaint, question or thanks",
        ),
        ("language: de, queue: a", "rule 1: language is 'de'; it can be ru or en"),
        ("hours: night, queue: a", "rule 1: hours is 'night'; it can be open or closed"),
        ("hours: [open, night], queue: a", "rule 1: hours is 'night'; it can be open or closed"),
        ("signal: anger, queue: a", "rule 1: signal is 'anger'; it can be wants_human"),
        ("topic: [], queue: a", "rule 1: topic is an empty list, so it never fits"),
        ("segment: 7, queue: a", "rule 1: segment is 7, which is not text; put it in quotes"),
        ("topic: no, queue: a", "rule 1: topic is False, which is not text; put it in quotes"),
        ("topic: '', queue: a", "rule 1: topic is '', which is not text; put it in quotes"),
        ("topic: , queue: a", "rule 1: topic is None, which is not text; put it in quotes"),
        ("name: all, queue: a", "rule 'all' has no conditions, so no rule after it can decide"),
        ("name: rest, topic: x, queue: a", "two rules are named 'rest'"),
    ],
)
def test_malformed_rule_is_told_by_file_rule_and_field(
    tmp_path: Path, row: str, complaint: str
) -> None:
    path = written(tmp_path, row, REST)
    with pytest.raises(RulesError) as refused:
        load_rules(path)
    assert str(refused.value).startswith(f"{path}: {complaint}")


def test_last_rule_has_to_fit_every_dialog(tmp_path: Path) -> None:
    path = written(tmp_path, "name: a, topic: x, queue: a", "name: z, topic: y, queue: b")
    with pytest.raises(RulesError, match="the last rule, 'z', has conditions; add one without any"):
        load_rules(path)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (b"", "there is no list of rules"),
        (b"version: 1\n", "there is no list of rules"),
        (b"rules: []\n", "there is no list of rules"),
        (b"rules: general\n", "there is no list of rules"),
        (b"- queue: general\n", "there is no list of rules"),
        (b"rules:\n  - general\n", "rule 1 is not a list of fields like 'queue: general'"),
        (b"rules:\n  - queue: [a\n", ":3: not YAML ("),
        (
            b"rules:\n  - topic: a\n    topic: b\n",
            ":3: not YAML ('topic' stands here a second time",
        ),
        (b"rules:\n  - queue: \x00\n", "not YAML"),
        ("rules: очередь".encode("cp1251"), "is not UTF-8"),
        (b"[" * 5000, "is nested too deeply"),
    ],
)
def test_file_that_holds_no_rules_is_told_by_name(
    tmp_path: Path, text: bytes, complaint: str
) -> None:
    path = tmp_path / "rules.yaml"
    path.write_bytes(text)
    with pytest.raises(RulesError) as refused:
        load_rules(path)
    assert str(path) in str(refused.value)
    assert complaint in str(refused.value)


def test_missing_file_is_told_by_name_as_a_wrong_setting(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.yaml", tmp_path):
        with pytest.raises(SettingsError) as refused:
            load_rules(path)
        assert str(refused.value).startswith(f"{path} cannot be read: ")


def test_file_of_a_windows_editor_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_bytes("\ufeffrules:\r\n  - name: все\r\n    queue: общая\r\n".encode())
    (rule,) = load_rules(path)
    assert (rule.name, rule.queue) == ("все", "общая")


@pytest.mark.parametrize(
    ("known", "queue", "priority"),
    [
        ({}, "general", "normal"),
        ({"segment": "vip"}, "general", "high"),
        ({"intent": IntentLabel.COMPLAINT}, "complaints", "high"),
        ({"intent": IntentLabel.COMPLAINT, "segment": "vip"}, "complaints", "urgent"),
        ({"signals": frozenset([Signal.DISTRESS])}, "urgent", "urgent"),
        (
            {"signals": frozenset([Signal.DISTRESS]), "intent": IntentLabel.COMPLAINT},
            "urgent",
            "urgent",
        ),
        ({"signals": frozenset([Signal.WANTS_HUMAN]), "is_open": False}, "general", "normal"),
        ({"topic": "payment", "language": "en"}, "general", "normal"),
    ],
)
def test_shipped_rules_send_it_where_it_belongs(
    known: dict[str, object], queue: str, priority: str
) -> None:
    route = choose(load_rules(), facts(**known))
    assert (route.queue, route.priority) == (queue, priority)


def test_examples_in_the_shipped_file_are_rules_too(tmp_path: Path) -> None:
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    uncommented = [
        line.replace("  # ", "  ", 1) if line.startswith(("  # - ", "  #   ")) else line
        for line in lines
    ]
    path = tmp_path / "rules.yaml"
    path.write_text("\n".join(uncommented), encoding="utf-8")
    rules = load_rules(path)
    assert len(rules) == len(load_rules()) + 2
    assert choose(rules, facts(topic="payment")).queue == "payments"
    assert choose(rules, facts(language="en", is_open=False)).queue == "night-shift"


def test_shipped_file_explains_every_field_and_value() -> None:
    explained = SHIPPED.read_text(encoding="utf-8").split("rules:\n")[0]
    for word in ("queue", "topic", "segment", "hours", *Priority, *IntentLabel, *Signal):
        assert word in explained
