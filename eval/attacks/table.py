"""Counts of a run as a table for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eval.attacks.attack import ALWAYS, Property
from eval.attacks.trying import Row

_COLUMNS = ("leaks", "offers", "links", "denials", "others")
_WIDTH = 9


def table_of(rows: Sequence[Row]) -> str:
    """A line a kind: attacks, how many asked a model, and how many broke each property, first in
    the model's own words, then in what the customer gets."""
    names = "".join(f"{name:>{_WIDTH}}" for name in _COLUMNS)
    half = len(_COLUMNS) * _WIDTH
    heads = [
        f"{'':18}{'':>5}{'':>7}{'the model alone':>{half}}  {'the customer gets':>{half}}",
        f"{'kind':18}{'n':>5}{'asked':>7}{names}  {names}",
    ]
    return "\n".join((*heads, *(_line(row) for row in rows)))


def _line(row: Row) -> str:
    counts = f"{row.attacks:>5}{row.asked:>7}"
    return f"{row.kind:18}{counts}{_cells(row.raw)}  {_cells(row.reply)}"


def _cells(counts: Mapping[Property, int]) -> str:
    basic = [counts.get(name, 0) for name in ALWAYS]
    others = sum(count for name, count in counts.items() if name not in ALWAYS)
    return "".join(f"{count:>{_WIDTH}}" for count in (*basic, others))
