"""What a judge is shown of each answer of a run: the dialog before it, its quotes, what is known
to be right.

A run's records hold neither the history nor the articles. The history comes from the data set where
it is still the one that was run; of a run through a server from the bot's own earlier replies, as
it went there. The articles come from the snapshot that answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.domain import AuthorKind, Turn
from assistant.errors import KnowledgeError
from assistant.knowledge.snapshot import SnapshotStore
from eval.cases import load_cases
from eval.recorded import RecordedRun
from eval.records import Record
from eval.runner import digest_of_file

Place = tuple[str, int]
"""A dialog's id and the number of a turn in it."""


@dataclass(frozen=True)
class Answered:
    """One answer of the bot with what is needed to judge it."""

    dialog_id: str
    turn: int
    lang: str
    history: tuple[Turn, ...]
    message: str
    answer: str
    quotes: tuple[str, ...]
    reference_answer: str | None
    """Written by a person; None where there is none or it is not to be shown."""
    articles: Mapping[str, str]
    """Texts by id of the articles that are cited and, unless blind, of those that people named."""
    label: bool | None
    """Whether the answer cites an article that people named; None where they said nothing. Never
    shown to the judge."""

    @property
    def place(self) -> Place:
        """Which turn this is."""
        return self.dialog_id, self.turn


@dataclass(frozen=True)
class Material:
    """What a run's folder does not hold, and what of it could not be found."""

    histories: Mapping[Place, tuple[Turn, ...]]
    articles: Mapping[str, str]
    warnings: tuple[str, ...]


def find_material(run: RecordedRun, data_dir: Path) -> Material:
    """The histories and the articles of a run; what is missing is told, not invented."""
    histories, about_histories = _histories(run)
    articles, about_articles = _articles(run, data_dir)
    return Material(histories, articles, about_histories + about_articles)


def answered_turns(run: RecordedRun, material: Material, *, blind: bool = False) -> list[Answered]:
    """Every turn that the bot answered, in the order of the run.

    `blind` keeps from the judge what people said of the turn, as it would be in dialogs that nobody
    has labelled.
    """
    return [
        _answered(record, record.reply, material, blind=blind)
        for record in run.records
        if record.answered and record.reply is not None
    ]


def _answered(record: Record, reply: str, material: Material, *, blind: bool) -> Answered:
    labelled = () if blind else record.article_labels or ()
    ids = dict.fromkeys((*labelled, *record.cited))
    return Answered(
        dialog_id=record.dialog_id,
        turn=record.turn,
        lang=record.lang,
        history=material.histories.get((record.dialog_id, record.turn), ()),
        message=record.text,
        answer=reply,
        quotes=tuple(record.quotes),
        reference_answer=None if blind else record.answer_label,
        articles={name: material.articles[name] for name in ids if name in material.articles},
        label=None if record.article_labels is None else record.cites_right,
    )


def _histories(run: RecordedRun) -> tuple[dict[Place, tuple[Turn, ...]], tuple[str, ...]]:
    if any(record.places_known is not None for record in run.records):
        return _as_it_went(run.records, with_replies=True), ()
    named = run.document.get("dataset")
    if isinstance(named, str) and Path(named).is_file():
        dataset = Path(named)
        if digest_of_file(dataset) == run.digest:
            cases = load_cases(dataset)
            return {(case.dialog_id, case.turn): case.history for case in cases}, ()
    why = (
        f"the data set of this run ({named or 'not named'}) is not there or has changed: of the "
        "dialog before a turn the judge is shown the customer's messages only"
    )
    return _as_it_went(run.records, with_replies=False), (why,)


def _as_it_went(records: Sequence[Record], *, with_replies: bool) -> dict[Place, tuple[Turn, ...]]:
    """Of each turn the customer's earlier messages, and what the bot said to them."""
    said: dict[str, list[Turn]] = {}
    found: dict[Place, tuple[Turn, ...]] = {}
    for record in records:
        before = said.setdefault(record.dialog_id, [])
        found[record.dialog_id, record.turn] = tuple(before)
        before.append(Turn(AuthorKind.CUSTOMER, record.text))
        if with_replies and record.reply is not None:
            before.append(Turn(AuthorKind.BOT, record.reply))
    return found


def _articles(run: RecordedRun, data_dir: Path) -> tuple[dict[str, str], tuple[str, ...]]:
    snapshot = run.document.get("snapshot")
    if not isinstance(snapshot, str):
        return {}, ("the run does not name its snapshot: the judge is shown quotes, no articles",)
    try:
        knowledge = SnapshotStore(data_dir).load(snapshot)
    except KnowledgeError as error:
        why = f"the articles of this run are not in {data_dir} ({error}): the judge is shown quotes"
        return {}, (f"{why}, no articles",)
    return {name: article.text for name, article in knowledge.articles.items()}, ()
