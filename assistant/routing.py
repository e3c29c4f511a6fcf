"""Who gets a dialog: the first rule of a file that fits decides on the queue and the priority.

The file is `prompts/routing.yaml`, or the one that SOUFFLEUR_ROUTING_RULES names. People who run
the support edit it, so whatever is wrong in it is told by file, rule and field.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.domain import IntentLabel, Priority, Signal
from assistant.errors import RulesError
from assistant.own_yaml import read_own
from prompts import loader

SHIPPED = Path(loader.__file__).parent / "routing.yaml"

OPEN, CLOSED = "open", "closed"

_CONDITIONS: dict[str, tuple[str, ...]] = {
    "topic": (),
    "intent": tuple(IntentLabel),
    "segment": (),
    "language": loader.LANGUAGES,
    "hours": (OPEN, CLOSED),
    "signal": tuple(Signal),
}
"""What a rule may ask for, each with its possible values; none listed: any text."""
_FIELDS = ("name", *_CONDITIONS, "queue", "priority")
_LONGEST_QUEUE_CHARACTERS = 64


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a dialog when it is to be given to somebody."""

    intent: IntentLabel | None
    """None for a message that only calls for a person."""
    language: str
    is_open: bool
    """Whether operators answer at this hour."""
    topic: str | None = None
    segment: str | None = None
    signals: frozenset[Signal] = frozenset()

    @property
    def hours(self) -> str:
        """`open` or `closed`."""
        return OPEN if self.is_open else CLOSED

    def of(self, condition: str) -> frozenset[str]:
        """The values that a condition is held against, as rules write them."""
        if condition == "signal":
            return frozenset(self.signals)
        value: str | None = getattr(self, condition)
        return frozenset() if value is None else frozenset([_plain(value)])


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: where a dialog goes that meets all its conditions."""

    name: str
    queue: str
    priority: Priority
    conditions: tuple[tuple[str, frozenset[str]], ...] = ()
    """Condition and the values of which one must be there; none: the rule fits every dialog."""

    def fits(self, facts: Facts) -> bool:
        """Whether every condition is met."""
        return all(facts.of(condition) & wanted for condition, wanted in self.conditions)


@dataclass(frozen=True, slots=True)
class Route:
    """Where a dialog goes, and the name of the rule that decided."""

    queue: str
    priority: Priority
    rule: str
    topic: str | None


def choose(rules: Sequence[Rule], facts: Facts) -> Route:
    """The route of the first rule that fits; the last one of a loaded file always does."""
    rule = next(rule for rule in rules if rule.fits(facts))
    return Route(rule.queue, rule.priority, rule.name, facts.topic)


def load_rules(own: Path | None = None) -> tuple[Rule, ...]:
    """The rules of a file, of the shipped one without `own`, in their order.

    Raises RulesError naming file, rule and field.
    """
    path = SHIPPED if own is None else own
    document = read_own(path, RulesError)
    rows = document.get("rules") if isinstance(document, dict) else None
    if not isinstance(rows, list) or not rows:
        raise RulesError(f"{path}: there is no list of rules; write it under 'rules:'")
    rules = tuple(_Row(path, number, row).rule() for number, row in enumerate(rows, start=1))
    _check_order(path, rules)
    return rules


def _check_order(path: Path, rules: Sequence[Rule]) -> None:
    """Every rule has a name of its own, and the last one, and no other, fits every dialog."""
    names = [rule.name for rule in rules]
    for rule in rules:
        if names.count(rule.name) > 1:
            raise RulesError(f"{path}: two rules are named {rule.name!r}")
    for rule in rules[:-1]:
        if not rule.conditions:
            raise RulesError(
                f"{path}: rule {rule.name!r} has no conditions, so no rule after it can decide; "
                "only the last rule has none"
            )
    if rules[-1].conditions:
        raise RulesError(
            f"{path}: the last rule, {rules[-1].name!r}, has conditions; "
            "add one without any for all other dialogs"
        )


class _Row:
    """One rule as it is written; every complaint names it."""

    def __init__(self, path: Path, number: int, row: object) -> None:
        self._where = f"{path}: rule {number}"
        if not isinstance(row, dict):
            raise RulesError(f"{self._where} is not a list of fields like 'queue: general'")
        self._row: dict[object, object] = row
        self._name = self._text("name") if "name" in row else f"rule {number}"
        if "name" in row:
            self._where += f" ({self._name})"

    def rule(self) -> Rule:
        unknown = next((field for field in self._row if field not in _FIELDS), None)
        if unknown is not None:
            raise RulesError(f"{self._where}: there is no field {unknown!r}; {_one_of(_FIELDS)}")
        return Rule(
            name=self._name,
            queue=self._queue(),
            priority=self._priority(),
            conditions=tuple(
                (condition, self._wanted(condition))
                for condition in _CONDITIONS
                if condition in self._row
            ),
        )

    def _text(self, field: str) -> str:
        value = self._row.get(field)
        if not isinstance(value, str) or not value.strip():
            raise RulesError(f"{self._where}: {field} is missing or not text")
        return value.strip()

    def _queue(self) -> str:
        queue = self._text("queue")
        if len(queue) > _LONGEST_QUEUE_CHARACTERS:
            raise RulesError(
                f"{self._where}: queue has more than {_LONGEST_QUEUE_CHARACTERS} characters"
            )
        return queue

    def _priority(self) -> Priority:
        value = self._row.get("priority", Priority.NORMAL.value)
        return Priority(self._value("priority", value, tuple(Priority)))

    def _wanted(self, condition: str) -> frozenset[str]:
        """The values of a condition, of which one has to be there: one of them or a list."""
        given = self._row[condition]
        values = given if isinstance(given, list) else [given]
        if not values:
            raise RulesError(f"{self._where}: {condition} is an empty list, so it never fits")
        allowed = _CONDITIONS[condition]
        return frozenset(self._value(condition, value, allowed) for value in values)

    def _value(self, field: str, value: object, allowed: tuple[str, ...]) -> str:
        plain = _plain(value) if isinstance(value, str) else ""
        if allowed and plain not in allowed:
            raise RulesError(f"{self._where}: {field} is {value!r}; {_one_of(allowed)}")
        if not plain:
            raise RulesError(
                f"{self._where}: {field} is {value!r}, which is not text; put it in quotes"
            )
        return plain


def _plain(value: str) -> str:
    """A value without what hardly ever makes a difference: capitals and spaces."""
    return " ".join(value.split()).casefold()


def _one_of(values: Sequence[str]) -> str:
    return f"it can be {', '.join(map(str, values[:-1]))} or {values[-1]}"
