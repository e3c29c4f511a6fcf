"""Scenarios on disk: one YAML file each; whatever is malformed is named with file and field."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from assistant.domain import Action
from assistant.errors import DatasetError, TextRejectedError
from assistant.text import clean_message
from eval.simulation.scenario import Patience, Question, Scenario
from prompts.loader import LANGUAGES

_OF_A_SCENARIO = {
    *("id", "locale", "goal", "customer", "questions"),
    *("angry", "asks_human", "thanks", "waiting"),
}
_OF_A_CUSTOMER = {"name", "patience"}
_OF_PATIENCE = {"angry_after", "leaves_after"}
_OF_A_QUESTION = {
    *("messages", "satisfied_by", "satisfied_by_actions"),
    *("rephrases", "wants_human", "complaint"),
}
_CONTENT_WITH = (Action.HANDOFF, Action.ACKNOWLEDGE, Action.CLARIFY)
"""An answer satisfies by its articles alone."""


def shipped_scenarios() -> list[Path]:
    """The scenarios for the sample shop, in order of their names."""
    folder = Path(str(resources.files("eval"))) / "datasets" / "scenarios"
    return sorted(folder.glob("*.yaml"))


def load_scenarios(paths: Iterable[Path]) -> list[Scenario]:
    """The scenarios of the files, in order.

    Raises DatasetError naming file and field of what is malformed, and an id that comes twice.
    """
    found: dict[str, Scenario] = {}
    for path in paths:
        scenario = _File(path).scenario()
        if scenario.scenario_id in found:
            raise DatasetError(f"{path}: id {scenario.scenario_id!r} belongs to another file too")
        found[scenario.scenario_id] = scenario
    if not found:
        raise DatasetError("there is no scenario to simulate")
    return list(found.values())


def require_articles(scenarios: Sequence[Scenario], known: Container[str]) -> None:
    """Raises DatasetError when a scenario waits for an article that the knowledge base lacks."""
    for scenario in scenarios:
        for number, question in enumerate(scenario.questions):
            for article_id in question.satisfied_by:
                if article_id not in known:
                    raise DatasetError(
                        f"scenario {scenario.scenario_id}: questions[{number}].satisfied_by names "
                        f"{article_id!r}, and the knowledge base has no such article"
                    )


class _File:
    """One scenario's file; every complaint names it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def scenario(self) -> Scenario:
        holder = self._mapping(self._document(), _OF_A_SCENARIO, "")
        customer = self._mapping(holder.get("customer", {}), _OF_A_CUSTOMER, "customer")
        locale = self._text(holder, "locale", "")
        if locale not in LANGUAGES:
            raise self._wrong("locale", f"is {locale!r}; it can be {' or '.join(LANGUAGES)}")
        return Scenario(
            scenario_id=self._text(holder, "id", ""),
            locale=locale,
            goal=self._text(holder, "goal", ""),
            questions=self._questions(holder),
            name=self._text(customer, "name", "customer.") if "name" in customer else None,
            patience=self._patience(customer.get("patience", {})),
            angry=self._texts(holder, "angry", ""),
            asks_human=self._texts(holder, "asks_human", ""),
            thanks=self._texts(holder, "thanks", ""),
            waiting=self._texts(holder, "waiting", ""),
        )

    def _document(self) -> Any:
        try:
            return yaml.safe_load(self._path.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise DatasetError(f"{self._path} cannot be read: {error}") from error

    def _patience(self, value: Any) -> Patience:
        given = self._mapping(value, _OF_PATIENCE, "customer.patience")
        for name, count in given.items():
            if not isinstance(count, int) or isinstance(count, bool) or count < 1:
                raise self._wrong(f"customer.patience.{name}", "is not a number from 1")
        return Patience(**given)

    def _questions(self, holder: Mapping[str, Any]) -> tuple[Question, ...]:
        rows = holder.get("questions")
        if not isinstance(rows, list) or not rows:
            raise self._wrong("questions", "is not a list of at least one question")
        return tuple(self._question(row, f"questions[{at}]") for at, row in enumerate(rows))

    def _question(self, value: Any, where: str) -> Question:
        row = self._mapping(value, _OF_A_QUESTION, where)
        inside = f"{where}."
        question = Question(
            messages=self._texts(row, "messages", inside),
            satisfied_by=self._texts(row, "satisfied_by", inside),
            satisfied_by_actions=self._actions(row, inside),
            rephrases=self._texts(row, "rephrases", inside),
            wants_human=self._flag(row, "wants_human", inside),
            complaint=self._flag(row, "complaint", inside),
        )
        if not question.messages:
            raise self._wrong(f"{inside}messages", "holds nothing to say")
        if not (
            question.satisfied_by
            or question.satisfied_by_actions
            or question.is_content_with_a_person
        ):
            raise self._wrong(
                where,
                "names nothing that satisfies the customer: satisfied_by, satisfied_by_actions, "
                "wants_human or complaint",
            )
        return question

    def _actions(self, row: Mapping[str, Any], inside: str) -> frozenset[Action]:
        names = self._texts(row, "satisfied_by_actions", inside)
        for name in names:
            if name not in set(_CONTENT_WITH):
                raise self._wrong(
                    f"{inside}satisfied_by_actions",
                    f"holds {name!r}; it can hold {', '.join(_CONTENT_WITH)}",
                )
        return frozenset(Action(name) for name in names)

    def _flag(self, row: Mapping[str, Any], name: str, inside: str) -> bool:
        value = row.get(name, False)
        if not isinstance(value, bool):
            raise self._wrong(f"{inside}{name}", "is not true or false")
        return value

    def _texts(self, row: Mapping[str, Any], name: str, inside: str) -> tuple[str, ...]:
        values = row.get(name, [])
        if not isinstance(values, list):
            raise self._wrong(f"{inside}{name}", "is not a list")
        return tuple(self._said(value, f"{inside}{name}[{at}]") for at, value in enumerate(values))

    def _text(self, row: Mapping[str, Any], name: str, inside: str) -> str:
        if name not in row:
            raise self._wrong(f"{inside}{name}", "is missing")
        return self._said(row[name], f"{inside}{name}")

    def _said(self, value: Any, field: str) -> str:
        if not isinstance(value, str):
            raise self._wrong(field, f"is not text but {value!r}; put it in quotes")
        try:
            return clean_message(value)
        except TextRejectedError as error:
            raise self._wrong(field, f"cannot be sent: {error}") from error

    def _mapping(self, value: Any, known: set[str], where: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._wrong(where or "the file", "is not a mapping of fields")
        for name in value:
            if name not in known:
                field = f"{where}.{name}" if where else str(name)
                raise self._wrong(field, f"is unknown; known are {', '.join(sorted(known))}")
        return value

    def _wrong(self, field: str, what: str) -> DatasetError:
        return DatasetError(f"{self._path}: {field} {what}")
