"""Takes out of a source's reply what an operator would not say here: what was told in the dialog,
what sends the customer to the chat in which he is, what asks for something that he has given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from assistant.domain import Citation, Draft
from assistant.drafting import render
from assistant.hints.facts import Said, has_substance, sentences_of
from assistant.known import Known, asks_for_known
from assistant.text import lower_plain, sentence_spans
from prompts.loader import patterns

Keeps = Callable[[str], bool]
"""Whether a sentence stays."""


def fits_here(sentence: str, known: Sequence[Known]) -> bool:
    """Whether a sentence makes sense from an operator who writes to the customer in this chat."""
    lists, plain = patterns("lexicon/out_of_place"), lower_plain(sentence)
    if lists["sends_to_chat"].search(plain) and not lists["elsewhere"].search(plain):
        return False
    asks = plain.rstrip().endswith("?") or lists["asks"].search(plain) is not None
    return not (asks and asks_for_known(sentence, known))


def new_here(known: Sequence[Known], said: Said) -> Keeps:
    """What stays of a source's words in a dialog in which that was said."""
    return lambda sentence: fits_here(sentence, known) and not said.holds(sentence)


def trimmed(draft: Draft, keeps: Keeps) -> Draft | None:
    """The draft without the sentences that do not stay, every quote still word for word; None where
    nothing of substance stays. What announces a list goes with the list."""
    places = list(_places(draft.citations))
    kept = _kept([place.sentence for place in places], keeps)
    if all(kept):
        return draft
    rows = zip(places, kept, strict=True)
    if not any(stays and has_substance(place.sentence) for place, stays in rows):
        return None
    citations = list(_citations(draft.citations, places, kept))
    before = "\n".join(filter(None, (render(one.quote) for one in draft.citations)))
    opening = draft.text.removesuffix(before)  # in which language the article is, where it is told
    text = "\n".join(filter(None, (render(one.quote) for one in citations)))
    return replace(draft, text=opening + text, citations=tuple(citations))


def trimmed_text(text: str, keeps: Keeps) -> str:
    """The same of words that quote nothing; empty where nothing of substance stays."""
    sentences = sentences_of(text)
    kept = _kept(sentences, keeps)
    if all(kept):
        return text
    stays = [one for one, is_kept in zip(sentences, kept, strict=True) if is_kept]
    return "\n".join(stays) if any(map(has_substance, stays)) else ""


@dataclass(frozen=True, slots=True)
class _Place:
    quote: int
    start: int
    end: int
    sentence: str


def _places(citations: Sequence[Citation]) -> Iterator[_Place]:
    for at, citation in enumerate(citations):
        quote = citation.quote
        for start, end in sentence_spans(quote) or [(0, len(quote))]:
            yield _Place(at, start, end, quote[start:end])


def _kept(sentences: Sequence[str], keeps: Keeps) -> list[bool]:
    kept = [keeps(sentence) for sentence in sentences]
    for at in range(len(kept) - 2, -1, -1):
        if sentences[at].rstrip().endswith(":") and not kept[at + 1]:
            kept[at] = False
    return kept


def _citations(
    citations: Sequence[Citation], places: Sequence[_Place], kept: Sequence[bool]
) -> Iterator[Citation]:
    """A quote for each run of sentences that stay; a quote of which all stays is left whole."""
    rows = zip(places, kept, strict=True)
    for (at, stays), run in groupby(rows, key=lambda row: (row[0].quote, row[1])):
        some = [place for place, _ in run]
        whole = len(some) == sum(place.quote == at for place in places)
        if stays:
            quote = citations[at].quote
            cut = quote if whole else quote[some[0].start : some[-1].end]
            yield replace(citations[at], quote=cut)
