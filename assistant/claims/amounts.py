"""Numbers of a text in lower case with their units and limits: «не более 14 дней» is at most 336
hours, «1,5 тыс. ₽» is 1500 roubles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from assistant.claims.fact import Fact, FactKind, Limit, blanked, forms, number_as_text
from assistant.text import stems

_DIGITS = (
    r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)(?:,\d{1,2})?"
    r"|\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:[.,]\d+)?"
)
_NOUNS = re.compile(r"(?:\s[^\W\d_]+){1,2}")
_LIST_NUMBER = re.compile(r"(?m)^\s*\d{1,2}[.)](?=\s)")
_YEAR_OF_DAYS = {"8760": "8640", "8784": "8640"}
"""365 and 366 days are a year, as twelve months are."""
_BEFORE = 32
_AFTER = 40


@dataclass(frozen=True)
class _Number:
    """A number where it stands, its unit as in `units` (what, size) when one follows."""

    start: int
    end: int
    value: float
    what: str = ""
    size: float = 1.0
    working: bool | None = None
    unit_end: int = 0
    limit: Limit = Limit.NONE
    digits: str = ""


def amounts_of(text: str) -> Iterator[Fact]:
    """Every number with its unit in base units; each number of a range or a product has the unit
    that follows the last."""
    bare = _LIST_NUMBER.sub(lambda match: " " * len(match[0]), text)
    for match in _shapes().compound.finditer(bare):
        yield _compound(match)
        bare = blanked(bare, match.start(), match.end())
    numbers = [_number(bare, match) for match in _shapes().number.finditer(bare)]
    for number in _with_limits(bare, _with_shared_units(bare, numbers)):
        yield _fact(bare, number)
    for match in _shapes().alone.finditer(bare):
        yield _alone(match)
    for match in _shapes().half.finditer(bare):
        yield Fact(FactKind.AMOUNT, "50", match.start(), match.end(), "percent")


def _number(text: str, match: re.Match[str]) -> _Number:
    digits = match["digits"]
    number = _Number(match.start("digits"), match.end("digits"), _plain(digits), digits=digits)
    if match["before"]:
        signs: dict[str, str] = forms()["currency_before"]
        what = next(name for name, shape in signs.items() if re.fullmatch(shape, match["before"]))
        return replace(number, start=match.start(), what=what, unit_end=number.end)
    follows = _shapes().unit.match(text, number.end)
    if not follows:
        return number
    what, size, _ = forms()["units"][(follows.lastindex or 0) - 3]
    working = True if follows["working"] else False if follows["calendar"] else None
    return replace(number, what=what, size=float(size), working=working, unit_end=follows.end())


def _plain(digits: str) -> float:
    bare = re.sub(r"[ \u00a0\u202f]", "", digits)
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", bare):
        return float(bare.replace(",", ""))
    return float(bare.replace(",", "."))


def _with_shared_units(text: str, numbers: Sequence[_Number]) -> list[_Number]:
    shared = list(numbers)
    for at in range(len(shared) - 2, -1, -1):
        this, following = shared[at], shared[at + 1]
        between = text[this.end : following.start]
        if not this.what and following.what and _shapes().between.fullmatch(between):
            shared[at] = replace(
                this, what=following.what, size=following.size, working=following.working
            )
    return shared


def _with_limits(text: str, numbers: Sequence[_Number]) -> Iterator[_Number]:
    previous: _Number | None = None
    for at, number in enumerate(numbers):
        following = numbers[at + 1] if at + 1 < len(numbers) else None
        limit = _limit(text, number)
        if previous and _is_range(text[previous.end : number.start]):
            limit = Limit.MOST
        elif following and _is_range(text[number.end : following.start]):
            limit = Limit.LEAST
        if not number.what and _shapes().no_limit.search(
            text[max(0, number.start - _BEFORE) : number.start]
        ):
            limit = Limit.NONE
        yield replace(number, limit=limit)
        previous = number


def _is_range(between: str) -> bool:
    return _shapes().range.fullmatch(between) is not None


def _limit(text: str, number: _Number) -> Limit:
    after = text[max(number.end, number.unit_end) :][:_AFTER]
    if _shapes().least_after.match(after):
        return Limit.LEAST
    if _shapes().most_after.match(after):
        return Limit.MOST
    return limit_before(text, number.start)


def limit_before(text: str, at: int) -> Limit:
    """What the words before a place say of the number there; the longest wording decides, for «не
    более» ends in «более»."""
    before = text[max(0, at - _BEFORE) : at]
    most, least = _shapes().most.search(before), _shapes().least.search(before)
    if most and (not least or most.start() <= least.start()):
        return Limit.MOST
    return Limit.LEAST if least else Limit.NONE


def _fact(text: str, number: _Number) -> Fact:
    value = number_as_text(number.value * number.size)
    if number.what == "duration":
        value = _YEAR_OF_DAYS.get(value, value)
    if not number.what and number.digits.startswith("0") and number.digits.isdigit():
        value = number.digits
    end = max(number.end, number.unit_end)
    follows = _NOUNS.match(text, end)
    nouns = tuple(stems(follows[0])) if follows and not number.what else ()
    return Fact(
        FactKind.AMOUNT,
        value,
        number.start,
        end,
        unit=number.what,
        limit=number.limit,
        nouns=nouns,
        working=number.working,
    )


def _compound(match: re.Match[str]) -> Fact:
    """«14-дневный», «двухнедельный»."""
    unit = next(name for name in forms()["compound_units"] if match[f"unit_{name}"])
    size = {"hour": 1, "day": 24, "week": 168, "month": 720, "year": 8640, "minute": 1 / 60}
    what = "percent" if unit == "percent" else "duration"
    prefixes: list[str] = forms()["compound_numbers"]
    value = float(match["value"]) if match["value"] else float(prefixes.index(match["prefix"]))
    amount = number_as_text(value * size.get(unit, 1))
    return Fact(FactKind.AMOUNT, amount, match.start(), match.end(), unit=what)


def _alone(match: re.Match[str]) -> Fact:
    """A unit without a number: «в течение недели», «ежедневно»."""
    hours = number_as_text(float(_size_of(match)))
    unit = next((name for name in ("alone", "period") if match[name]), "")
    start = match.start(unit) if unit else match.start()
    is_period = not match["alone"] and not match["whole"]
    return Fact(
        FactKind.AMOUNT,
        hours,
        start,
        match.end(),
        unit="period" if is_period else "duration",
        limit=Limit.NONE if is_period else limit_before(match.string, start),
        is_implied=not match["whole"],
    )


def _size_of(match: re.Match[str]) -> str:
    """The size of the unit in a match of `_Shapes.alone`, as `prompts/lexicon` writes it."""
    lists = {"alone": "alone_units", "period": "alone_units"}
    return next(
        str(size)
        for prefix in ("alone", "period", "every", "whole")
        if match[prefix]
        for at, size in enumerate(forms()[lists.get(prefix, f"{prefix}_units")])
        if match[f"{prefix}_{at}"]
    )


@dataclass(frozen=True)
class _Shapes:
    number: re.Pattern[str]
    unit: re.Pattern[str]
    between: re.Pattern[str]
    range: re.Pattern[str]
    most: re.Pattern[str]
    least: re.Pattern[str]
    no_limit: re.Pattern[str]
    most_after: re.Pattern[str]
    least_after: re.Pattern[str]
    compound: re.Pattern[str]
    alone: re.Pattern[str]
    half: re.Pattern[str]


def _choice(name: str, sizes: Mapping[float, str]) -> str:
    """A group `name` with a group for each size, `name_0` the first."""
    return f"(?P<{name}>{'|'.join(f'(?P<{name}_{n}>{s})' for n, s in enumerate(sizes.values()))})"


@cache
def _shapes() -> _Shapes:
    known = forms()
    currency = "|".join(known["currency_before"].values())
    units = "|".join(f"({shape})" for _, _, shape in known["units"])
    prefixes = "|".join(word for word in known["compound_numbers"] if word)
    compounds = "|".join(
        f"(?P<unit_{name}>{shape})" for name, shape in known["compound_units"].items()
    )
    alone, period = (_choice(name, known["alone_units"]) for name in ("alone", "period"))
    every, whole = (_choice(name, known[f"{name}_units"]) for name in ("every", "whole"))
    end = r"(?![\w]|[.,]\d)"
    return _Shapes(
        number=re.compile(rf"(?<![\w.,])(?P<before>{currency})?\s?(?P<digits>{_DIGITS})(?!\d)"),
        unit=re.compile(
            rf"[\s-]?(?:(?:(?P<working>{known['working']})|(?P<calendar>{known['calendar']})"
            rf"|{known['whole']})\s+)?(?:{units})(?!\w)"
        ),
        between=re.compile(known["between"]),
        range=re.compile(r"\s?[-–—]\s?|\s+(?:до|to|through)\s+"),
        most=re.compile(rf"(?<!\w){known['most']}\s*$"),
        least=re.compile(rf"(?<!\w){known['least']}\s*$"),
        no_limit=re.compile(rf"(?<!\w){known['no_limit_of_counts']}\s+$"),
        most_after=re.compile(rf"\s*{known['most_after']}"),
        least_after=re.compile(rf"\s*{known['least_after']}"),
        compound=re.compile(
            rf"(?<!\w)(?:(?P<value>\d+(?:[.,]\d+)?)-?|(?P<prefix>{prefixes}))(?:{compounds})\w*"
        ),
        alone=re.compile(
            rf"(?<!\w)(?:{known['alone_before']}\s+{alone}|{known['period_before']}\s+{period}"
            rf"(?!\s+(?:before|ahead|after|later|earl))|{every}|{whole}){end}"
        ),
        half=re.compile(rf"(?<!\w)(?:{known['half']})(?!\w)"),
    )
