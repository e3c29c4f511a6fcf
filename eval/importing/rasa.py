"""Rasa end-to-end tests as labelled dialogs: test stories (`stories:`) and the test cases of CALM
(`test_cases:`).

The texts of `utter_…` actions come from `responses:` in any of the files (a domain file given
beside the tests); an action of which no text is known stands with its name, so that later turns
still have an answer between them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.domain import AuthorKind, IntentLabel
from eval.importing.dialogs import Imported, ImportedDialog, ImportedTurn, check_readable
from eval.importing.sources import Node, read_yaml, shown

_TESTS = {"stories": "story", "test_cases": "test_case"}
_SPOKEN = ("user", "bot", "action", "utter")
_SILENT_STEPS = frozenset(
    {"slot_was_set", "slot_was_not_set", "active_loop", "checkpoint", "or", "rule", "intent"}
)
_SILENT_ACTIONS = frozenset(
    {
        *("action_listen", "action_restart", "action_session_start", "action_back"),
        *("action_deactivate_loop", "action_extract_slots", "action_unlikely_intent"),
    }
)
_ENTITY = re.compile(r"\[([^\[\]]+)\](?:\([^()]*\)|\{[^{}]*\}|\[\{[^\[\]]*\}\])")
_PAYLOAD = re.compile(r"/[A-Za-z_]\w*\s*(?:[({].*)?", re.DOTALL)


@dataclass(frozen=True)
class Mappings:
    """What the names of a Rasa project mean here."""

    intents: Mapping[str, IntentLabel] = field(default_factory=dict)
    articles: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Article ids by the action that gives what they say."""


def import_rasa(paths: Sequence[Path], mappings: Mappings) -> Imported:
    """The dialogs of some files. Raises DatasetError naming file, line and field."""
    files = [read_yaml(path) for path in paths]
    responses = {name: text for file in files for name, text in _responses(file)}
    reader = _Reader(mappings, responses)
    dialogs = [dialog for file in files for dialog in _dialogs(file, reader)]
    notes = reader.notes + Counter(reader.never_met())
    return Imported(dialogs, reader.left_out, notes)


def intents_of(path: Path) -> dict[str, IntentLabel]:
    """A YAML file of `intent: label`. Raises DatasetError naming file, line and field."""
    file = read_yaml(path)
    return {name: _label(file.at(name)) for name in file.object()}


def _label(node: Node) -> IntentLabel:
    if node.value not in set(IntentLabel):
        raise node.error(f"{node.told()}; it can be {', '.join(IntentLabel)}")
    return IntentLabel(node.value)


def _responses(file: Node) -> Iterable[tuple[str, str]]:
    """Names of responses with the first text of each; one without a text is left out."""
    if not file.object().keys() & {*_TESTS, "responses"}:
        raise file.error("has none of `stories`, `test_cases` and `responses`")
    responses = file.at("responses")
    for name in responses.object() if responses.value is not None else ():
        texts = [variant.at("text") for variant in responses.at(name).items()]
        said = [text.text().strip() for text in texts if text.value is not None]
        yield from ((name, text) for text in said[:1] if text)


def _dialogs(file: Node, reader: _Reader) -> Iterable[ImportedDialog]:
    for tests, test in _TESTS.items():
        if file.at(tests).value is not None:
            for node in file.at(tests).items():
                turns = reader.turns(node.at("steps"), annotated=tests == "stories")
                yield ImportedDialog(node.at(test).name(), node, turns)


class _Reader:
    """Reads the steps of tests; counts what it leaves out and what it lacks."""

    def __init__(self, mappings: Mappings, responses: Mapping[str, str]) -> None:
        self._mappings = mappings
        self._responses = responses
        self._met: set[str] = set()
        self.left_out: Counter[str] = Counter()
        self.notes: Counter[str] = Counter()

    def never_met(self) -> Iterable[str]:
        """A note for each name of the mappings that no step has."""
        for name in [*self._mappings.intents, *self._mappings.articles]:
            if name not in self._met:
                yield f"mapping of {shown(name)}, which no step has"

    def turns(self, steps: Node, *, annotated: bool) -> list[ImportedTurn]:
        """The turns of one test; in `annotated` texts entities are marked as [text](entity)."""
        turns: list[ImportedTurn] = []
        for step in steps.items():
            kind = self._kind(step)
            if kind == "user":
                turns.extend(self._user(step, annotated=annotated))
                self._asserted(step, turns)
            elif kind == "bot":
                self._add_reply(turns, step.at("bot"))
            elif kind in ("action", "utter"):
                self._act(turns, step.at(kind))
            else:
                self.left_out["steps that say nothing (slots, forms, intents alone)"] += 1
        return turns

    def _kind(self, step: Node) -> str:
        keys = step.object().keys()
        spoken = [name for name in _SPOKEN if name in keys]
        if len(spoken) > 1:
            raise step.error(f"has both `{spoken[0]}` and `{spoken[1]}`")
        if not spoken and not keys & _SILENT_STEPS:
            raise step.error(f"has none of {', '.join(f'`{name}`' for name in _SPOKEN)}")
        return spoken[0] if spoken else ""

    def _user(self, step: Node, *, annotated: bool) -> Iterable[ImportedTurn]:
        node = step.at("user")
        text = node.text().strip()
        if _PAYLOAD.fullmatch(text):
            self.left_out["buttons pressed (/intent in place of a text)"] += 1
            return
        plain = _ENTITY.sub(r"\1", text) if annotated else text
        labels = self._intent(step.at("intent"))
        yield ImportedTurn(AuthorKind.CUSTOMER.value, check_readable(plain, node), node, labels)

    def _intent(self, node: Node) -> dict[str, Any]:
        if node.value is None:
            return {}
        name = node.name()
        found = name if name in self._mappings.intents else name.partition("/")[0]
        self._met.add(found)
        if found not in self._mappings.intents:
            self.notes[f"turns of the intent {shown(name)}, which --intent does not map"] += 1
            return {}
        return {"intent": self._mappings.intents[found].value}

    def _act(self, turns: list[ImportedTurn], node: Node) -> None:
        name = node.name()
        self._cite(turns, name)
        if name in _SILENT_ACTIONS:
            self.left_out["actions that say nothing"] += 1
            return
        if name not in self._responses:
            self.notes["replies of which only the action's name is known"] += 1
        turns.append(ImportedTurn(AuthorKind.BOT.value, self._responses.get(name, name), node))

    def _cite(self, turns: list[ImportedTurn], action: str) -> None:
        """Label the customer's latest turn with the articles that an action speaks from."""
        ids = self._mappings.articles.get(action)
        at = max((i for i, turn in enumerate(turns) if turn.is_customers), default=None)
        self._met.add(action)
        if ids is None or at is None:
            return
        asked = turns[at]
        known = asked.labels.get("article_ids", [])
        labels = {**asked.labels, "article_ids": list(dict.fromkeys([*known, *ids]))}
        turns[at] = ImportedTurn(asked.author, asked.text, asked.place, labels)

    def _add_reply(self, turns: list[ImportedTurn], node: Node) -> None:
        text = node.text().strip()
        if not text:
            raise node.error("is empty")
        turns.append(ImportedTurn(AuthorKind.BOT.value, text, node))

    def _asserted(self, step: Node, turns: list[ImportedTurn]) -> None:
        """CALM may say what the bot utters as assertions under the user's step."""
        assertions = step.at("assertions")
        for assertion in assertions.items() if assertions.value is not None else ():
            uttered = assertion.at("bot_uttered")
            if uttered.value is None:
                continue
            name, text = uttered.at("utter_name"), uttered.at("text_matches")
            if text.value is not None:
                if name.value is not None:
                    self._cite(turns, name.name())
                self._add_reply(turns, text)
            elif name.value is not None:
                self._act(turns, name)
