"""The walk of an evaluation through a running server: POST /v1/messages, dialog by dialog.

The customer's turns of a labelled dialog are sent in order as one dialog of the server's own. What
the labelled operator said cannot be put into it, so from the second turn on the bot stands by its
own earlier replies, and after a handover the dialog waits for a person: whether to call one is not
scored from there on. What a reply does not show is unscored (`eval.knowable`).

Such dialogs carry the channel and the segment `eval`. Each is closed as soon as it is through, when
the key is an operator's; else those that were handed over stay in the operators' queue.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any

from assistant.domain import Action, Owner
from assistant.errors import RemoteError
from eval.cases import Case
from eval.facts import share_of_facts_kept
from eval.journal import Journal
from eval.records import Record, explain, token_f1
from eval.runner import Run, Subject, conclude, digest_of_file
from eval.server import Server
from prompts.loader import phrases

MARK = "eval"
"""Channel and segment of an evaluation's dialogs, and the operator who closes them."""
_LOCALE = re.compile(r"[A-Za-z]{2}(-[A-Za-z0-9]{2,8})?")


@dataclass(frozen=True)
class RemoteRun:
    """What an evaluation through a server found, and what it left there."""

    run: Run
    staying: int
    """Dialogs that were handed over and could not be closed."""


def run_remote(
    dataset: Path,
    cases: Sequence[Case],
    server: Server,
    out: Path,
    progress: Callable[[], object] | None = None,
    *,
    workers: int,
    seed: int,
) -> RemoteRun:
    """Send every customer's turn, write the records under `out`, measure; `workers` dialogs at a
    time.

    A run that was stopped goes on where it was when `out` is the same: dialogs that were half done
    are sent again from their beginning. Raises RemoteError when the server cannot be used.
    """
    config = {"url": server.url, "language_model": None, "seed": seed}
    subject = Subject(dataset, digest_of_file(dataset), server.snapshot(), config, seed)
    session = Session(server, subject.snapshot, may_close=server.is_operators())
    journal = Journal(out, subject.identity())
    records = _walk(cases, session, journal, workers, progress)
    return RemoteRun(conclude(subject, records, journal, out), session.staying)


def _walk(
    cases: Sequence[Case],
    session: Session,
    journal: Journal,
    workers: int,
    progress: Callable[[], object] | None,
) -> list[Record]:
    """The records of all cases in order; dialogs that the journal holds whole are not sent."""
    done: dict[int, Record] = {}
    missing = []
    for numbers in dialogs_of(cases):
        if all(number in journal.found for number in numbers):
            done |= {number: journal.found[number] for number in numbers}
        else:
            missing.append(numbers)
    told = progress or (lambda: None)
    for _ in done:
        told()
    with ThreadPoolExecutor(workers) as pool:
        sent = {
            pool.submit(session.run, [cases[at] for at in numbers]): numbers for numbers in missing
        }
        try:
            for future in as_completed(sent):
                for number, record in zip(sent[future], future.result(), strict=True):
                    journal.add(number, record)
                    done[number] = record
                    told()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    return [done[number] for number in range(len(cases))]


def dialogs_of(cases: Sequence[Case]) -> list[list[int]]:
    """The numbers of the cases of each dialog. A dialog id may come again later in a data set."""
    dialogs: list[list[int]] = []
    for number, case in enumerate(cases):
        before = cases[number - 1] if number else None
        if before and before.dialog_id == case.dialog_id and before.turn < case.turn:
            dialogs[-1].append(number)
        else:
            dialogs.append([number])
    return dialogs


_FRAME = ("offer_person", "waiting_meanwhile", "am_a_bot", "am_a_bot_waiting")
"""What may stand around an answer."""


class Session:
    """Sends dialogs to one server and closes them. Safe to use from several threads."""

    def __init__(self, server: Server, snapshot: str, *, may_close: bool) -> None:
        self._server = server
        self._snapshot = snapshot
        self._may_close = may_close
        self._counting = Lock()
        self.staying = 0
        """Dialogs so far that were handed over and could not be closed."""

    def run(self, cases: Sequence[Case]) -> list[Record]:
        """The records of one dialog's turns, in order. Raises RemoteError naming the turn."""
        opened: dict[str, Any] = {}
        records: list[Record] = []
        try:
            for case in cases:
                reply, taken = self._ask(case, opened)
                waited = opened.get("owner") not in (None, Owner.BOT.value)
                opened = {"dialog_token": opened.get("dialog_token"), **reply}
                records.append(replace(_record(case, reply, waited), latency_ms=taken))
        finally:
            if opened:
                self._close(opened)
        return records

    def _ask(self, case: Case, opened: dict[str, Any]) -> tuple[dict[str, Any], float]:
        """The reply to a turn and how long it took, in milliseconds. The first names no dialog, so
        that sending it again finds the one that it opened."""
        body: dict[str, Any] = {
            "text": case.text,
            "message_id": f"{MARK}-{uuid.uuid4().hex}",
            "channel": MARK,
            "ends_turn": True,
            "customer": {"segment": MARK},
        }
        if opened:
            body["dialog_id"] = opened["dialog_id"]
        if _LOCALE.fullmatch(case.locale):
            body["locale"] = case.locale
        token = opened.get("dialog_token")
        headers = {"X-Dialog-Token": token} if token else {}
        where = f"dialog {case.dialog_id!r}, turn {case.turn}"
        try:
            response = self._server.send("POST", "/v1/messages", json=body, headers=headers)
            reply = _checked(response.json())
        except (RemoteError, ValueError) as error:
            raise RemoteError(f"{where}: {error}") from error
        self._check_snapshot(reply["trace"].get("index_snapshot"))
        return reply, round(response.elapsed.total_seconds() * 1000, 3)

    def _check_snapshot(self, snapshot: str | None) -> None:
        if snapshot not in (None, self._snapshot):
            raise RemoteError(
                f"the server's knowledge changed from snapshot {self._snapshot} to {snapshot} "
                "during the run: run it again"
            )

    def _close(self, opened: dict[str, Any]) -> None:
        """Take the dialog out of the operators' queue; counted when that cannot be done."""
        if self._may_close:
            path = f"/v1/dialogs/{opened['dialog_id']}/resolve"
            try:
                self._server.send("POST", path, json={"operator_id": MARK})
            except RemoteError:  # somebody took it, or the server is gone: it stays, and is counted
                pass
            else:
                return
        if opened["owner"] != Owner.BOT:
            with self._counting:
                self.staying += 1


def _checked(reply: Any) -> dict[str, Any]:
    """The reply object. Raises ValueError when it is none."""
    needed = {"dialog_id", "owner", "intent", "action", "confidence", "reply", "handoff"}
    needed |= {"suggested_articles", "trace"}
    if not isinstance(reply, dict) or needed - set(reply):
        raise ValueError("what came back is no reply object: is this a Souffleur server?")
    return reply


def _record(case: Case, reply: dict[str, Any], waited: bool) -> Record:
    """What a reply tells of a turn; `waited`: a person was called before."""
    said, trace, labels = reply["reply"], reply["trace"], case.labels
    citations = said["citations"] if said else []
    cited = list(dict.fromkeys(citation["article_id"] for citation in citations))
    shown = [row["article_id"] for row in reply["suggested_articles"]]
    text = said["text"] if said else None
    expected = labels.answer if text and reply["action"] == Action.ANSWER else None
    lang = trace.get("language", case.locale)
    answer = _without_frame(text or "", lang)
    record = Record(
        dialog_id=case.dialog_id,
        turn=case.turn,
        locale=case.locale,
        channel=case.channel,
        text=case.text,
        question=case.text,
        lang=lang,
        intent=reply["intent"]["label"],
        intent_probabilities=reply["intent"]["probabilities"],
        intent_label=labels.intent.value if labels.intent else None,
        signals=trace.get("signals", []),
        topic=(reply["handoff"] or {}).get("topic"),
        topic_label=labels.topic,
        action=reply["action"],
        handoff_reason=(reply["handoff"] or {}).get("reason"),
        confidence=reply["confidence"],
        considered=reply["confidence"],
        features={},
        ranking=[
            {"article_id": row["article_id"], "score": row["score"]}
            for row in reply["suggested_articles"]
        ]
        + [{"article_id": name, "score": None} for name in cited if name not in shown],
        article_labels=list(labels.article_ids) if labels.article_ids is not None else None,
        cited=cited,
        quotes=[citation["quote"] for citation in citations],
        reply=text,
        answer_label=labels.answer,
        handoff_label=None if waited else labels.handoff,
        grounded=None,
        answer_token_f1=token_f1(answer, expected) if expected is not None else None,
        answer_facts_kept=share_of_facts_kept(answer, expected) if expected is not None else None,
        explanations={},
        versions=trace.get("prompt_versions", {}),
        model=_model(trace.get("model")),
        places_known=len(shown),
    )
    why = explain(record, ())
    if waited and labels.handoff is not None:
        why["handoff"] = "a person was called before, so whether to call one is not scored"
    return replace(record, explanations=why)


def _model(told: dict[str, Any] | None) -> dict[str, Any] | None:
    """What the trace says of language models, without times."""
    if told is None:
        return None
    kept = {name: value for name, value in told.items() if name != "calls"}
    return kept | {"outcomes": [call["outcome"] for call in told["calls"]], "removed": []}


def _without_frame(text: str, lang: str) -> str:
    """An answer without what the bot says around it, as it is scored in-process."""
    for key in _FRAME:
        text = text.replace(phrases(lang).say(key), "")
    return text.strip()
