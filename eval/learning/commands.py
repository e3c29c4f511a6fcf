"""`souffleur learn …`: what operators and customers said of answers, from review to effect."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant.command_options import data_dir_option, json_option, print_json
from assistant.errors import ConflictError
from assistant.verdicts import MarkKind, Review
from eval.learning.commands_run import run, status, undo
from eval.learning.opening import opened, review_of, who_option

if TYPE_CHECKING:
    from assistant.store.dialogs import DialogStore
    from assistant.verdict_review import VerdictReview

_PAGE = 200
_SHOWN = 160
"""Characters of a text in a table."""

kind_option = click.option(
    "--kind", type=click.Choice([kind.value for kind in MarkKind]), help="Only these verdicts."
)


@click.group()
def learn() -> None:
    """Verdicts of operators and customers: review them, learn from the approved ones, see what
    that changed, undo it."""


@learn.command("list")
@click.option("--all", "everything", is_flag=True, help="Also what was reviewed or taken back.")
@kind_option
@data_dir_option
@json_option
def list_verdicts(
    *, everything: bool, kind: str | None, data_dir: Path | None, as_json: bool
) -> None:
    """Verdicts that wait for review: what was asked, what was said on it, what somebody thought of
    that. Personal data is masked."""
    from assistant.store.learning import ReviewState  # noqa: PLC0415

    settings, store = opened(data_dir)
    state = None if everything else ReviewState.PENDING
    found = _all_of(review_of(settings, store), state, kind)
    if as_json:
        print_json({"verdicts": found})
        return
    for item in found:
        _print_verdict(item)
    one = len(found) == 1
    waiting = " waits for review" if one else " wait for review"
    click.echo(f"{_counted(len(found))}{'' if everything else waiting}.")


def _counted(number: int) -> str:
    return f"{number} {'verdict' if number == 1 else 'verdicts'}"


def _which(command: Callable[..., None]) -> Callable[..., None]:
    """The options of both decisions: which verdicts, by whom, where."""
    for option in (
        json_option,
        data_dir_option,
        who_option,
        kind_option,
        click.option("--all", "everything", is_flag=True, help="All that wait."),
        click.argument("verdict_ids", metavar="ID...", nargs=-1, type=click.IntRange(1)),
    ):
        command = option(command)
    return command


@learn.command()
@_which
def approve(verdict_ids: tuple[int, ...], **given: Any) -> None:
    """Let verdicts teach: the next `learn run` counts them."""
    _decide(Review.APPROVED, verdict_ids, **given)


@learn.command()
@_which
def reject(verdict_ids: tuple[int, ...], **given: Any) -> None:
    """Let verdicts teach nothing; they stay where they are seen."""
    _decide(Review.REJECTED, verdict_ids, **given)


@learn.command("take-back")
@click.argument("verdict_ids", metavar="ID...", nargs=-1, required=True, type=click.IntRange(1))
@data_dir_option
@json_option
def take_back(verdict_ids: tuple[int, ...], *, data_dir: Path | None, as_json: bool) -> None:
    """Take verdicts back: they count nowhere any more. What was learnt from them stays until the
    next `learn run` or `learn undo`."""
    settings, store = opened(data_dir)
    _require(store, verdict_ids)
    review = review_of(settings, store)
    _tell([review.take_back(number) for number in verdict_ids], "taken back", as_json=as_json)


def _decide(
    decision: Review,
    verdict_ids: tuple[int, ...],
    *,
    everything: bool,
    kind: str | None,
    who: str,
    data_dir: Path | None,
    as_json: bool,
) -> None:
    from assistant.store.learning import ReviewState  # noqa: PLC0415

    if everything == bool(verdict_ids):
        raise click.UsageError("name verdicts, or say --all")
    if kind and not everything:
        raise click.UsageError("--kind goes with --all")
    settings, store = opened(data_dir)
    review = review_of(settings, store)
    if everything:
        waiting = _all_of(review, ReviewState.PENDING, kind)
        verdict_ids = tuple(item["verdict_id"] for item in waiting)
    _require(store, verdict_ids, still_counts=True)
    # Who sits at the machine is its administrator.
    done = [review.decide(number, decision, who, is_admin=True) for number in verdict_ids]
    _tell(done, decision.value, as_json=as_json)


def _require(store: DialogStore, verdict_ids: Sequence[int], *, still_counts: bool = False) -> None:
    """Raise before anything is done where one of them cannot be: half of what was asked for is
    worse than nothing."""
    for number in verdict_ids:
        taken_back = store.verdict(number)["taken_back_at"] is not None
        if still_counts and taken_back:
            raise ConflictError(f"verdict {number} was taken back: it teaches nothing")


def _tell(done: list[dict[str, Any]], what: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"verdicts": done})
        return
    click.echo(f"{_counted(len(done))} {what}.")
    learnt = [item["verdict_id"] for item in done if item["learnt_in"]]
    if learnt:
        names = ", ".join(map(str, learnt[:10])) + (" …" if len(learnt) > 10 else "")
        click.echo(
            f"{len(learnt)} of them were learnt from already ({names}): that stays as it is until "
            "`souffleur learn run` or `learn undo`."
        )


def _all_of(review: VerdictReview, state: Any, kind: str | None) -> list[dict[str, Any]]:
    kinds = [MarkKind(kind)] if kind else []
    found: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        page, after = review.page(state, kinds=kinds, after=after, limit=_PAGE)
        found += page
    return found


def _print_verdict(item: dict[str, Any]) -> None:
    from assistant.text import shorten  # noqa: PLC0415

    said = {True: "right", False: "wrong", None: "neither"}[item["right"]]
    state = "taken back" if item["taken_back_at"] else item["review"] or "waits"
    by = item["who"] or "customer"
    click.echo(f"{item['verdict_id']:>6}  {item['kind']}: {said}, by {by}, {state}")
    articles = item["article_ids"]
    named = None if articles is None else ", ".join(articles) or "none"
    difference = item["difference"]
    changed = None
    if difference:
        removed, added = (" … ".join(difference[name]) for name in ("removed", "added"))
        changed = f"-[{removed}] +[{added}]"
    rows = {
        "dialog": item["dialog_id"],
        "customer": item["customer"],
        "said": item["said"],
        "sent": item["sent"],
        "changed": changed,
        "articles": named,
        "reason": item["reason"],
    }
    for name, text in rows.items():
        if text:
            click.echo(f"        {name:9}{shorten(text, _SHOWN)}")


learn.add_command(run)
learn.add_command(status)
learn.add_command(undo)
