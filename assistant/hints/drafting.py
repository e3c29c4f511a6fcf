"""From what was looked up to replies: out of articles, out of past answers, and frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.answering import answer_from
from assistant.confidence import ConfidenceModel
from assistant.confidence_features import Sight
from assistant.domain import Citation, Draft, Passage, Turn
from assistant.hints.facts import told_in
from assistant.hints.hint import Asked, Candidate, Hint, HintKind, Question, Source, SourceKind
from assistant.hints.past import Remembered
from assistant.hints.question import did_not_help
from assistant.hints.reusing import Stated, reused
from assistant.hints.template import Reply, joined, say
from assistant.hints.tone import fits_quotes, fits_words, framed, greeting, next_step
from assistant.hints.trimming import fits_here, new_here, trimmed, trimmed_text
from assistant.places import place_not_covered
from assistant.retrieval import Retriever

LOOKED_AT = 6
"""Articles that a reply is tried from."""


def from_articles(
    model: ConfidenceModel, retriever: Retriever, asked: Asked, question: Question, least: float
) -> Iterator[Candidate]:
    """A reply from each of the best articles that says anything fit with at least that confidence,
    in the order found."""
    sight, said = question.sight, told_in(_said(question))
    for at, passage in enumerate(sight.passages[:LOOKED_AT]):
        confidence = confidence_in(at, sight, model) if least else None
        if confidence is not None and confidence < least:
            continue
        draft = _said_by_operator(passage, retriever, asked, question)
        if draft is None:
            continue
        fresh = trimmed(draft, lambda sentence: not said.holds(sentence))
        told = fresh is None or _was_given(passage.article.article_id, question)
        new = fresh or draft
        hint = Hint(
            HintKind.ARTICLE,
            (reply := framed(Reply(new.text), asked, question)).text,
            Source(SourceKind.ARTICLE, passage.article.title, passage.article.url),
            new.citations,
            confidence_in(at, sight, model) if confidence is None else confidence,
            reply.blanks,
        )
        yield Candidate(hint, new.text, told, passage)


def _said_by_operator(
    passage: Passage, retriever: Retriever, asked: Asked, question: Question
) -> Draft | None:
    """The article's answer as far as an operator may say it in this chat."""
    article, sight = passage.article, question.sight
    if place_not_covered(sight.question, f"{article.title}\n{article.text}"):
        return None
    whole = answer_from(retriever, passage, sight.question, sight.vector, sight.lang)
    draft = whole and trimmed(whole, lambda sentence: fits_here(sentence, asked.known))
    return draft if draft is not None and fits_quotes(draft, question) else None


def confidence_in(at: int, sight: Sight, model: ConfidenceModel) -> float:
    """How likely the article in that place answers: what the confidence says where it stands before
    all others. On the sample dialogs that is as well calibrated for the second and the third as
    for the first (docs/hints.md)."""
    passages = [sight.passages[at], *sight.passages[:at], *sight.passages[at + 1 :]]
    return round(model.confidence(replace(sight, passages=passages)).probability, 4)


def from_past(
    remembered: Sequence[Remembered], asked: Asked, question: Question, stated: Stated
) -> Iterator[Candidate]:
    """What operators answered to questions like this one, best first. Nobody can say how likely it
    answers here, so its confidence is None."""
    keeps = new_here(asked.known, told_in(_said(question)))
    for one in remembered:
        answer = trimmed_text(one.answer.answer, keeps)
        body = reused(
            answer or one.answer.answer, question.meant.lang, asked.known, asked.dialog_id, stated
        )
        reply = joined([greeting(asked, question), body])
        if fits_words(reply, asked, question):
            hint = _hint(HintKind.PAST_ANSWER, reply, source_of(one))
            yield Candidate(hint, body.text, was_told=not answer)


def source_of(one: Remembered) -> Source:
    """The dialog in which it was said, and how many say the same."""
    return Source(
        SourceKind.DIALOG,
        "",
        dialog_id=one.answer.dialog_id,
        answered_at=one.answer.answered_at,
        dialogs=one.dialogs,
    )


def frame(reply: Reply, label: str = "source_template") -> Hint:
    """A reply that states nothing."""
    return _hint(HintKind.WRITTEN, reply, Source(SourceKind.TEMPLATE, "", label=label))


def complaint_frame(asked: Asked, question: Question) -> Hint:
    """What to say to a complaint that no article settles."""
    return frame(next_step(asked, question))


def frame_after(article: Candidate, asked: Asked, question: Question) -> Hint:
    """The same with what an article says of such a matter, which may not be his own: nobody can say
    how likely that is."""
    reply = next_step(asked, question, Reply(article.substance))
    found = article.hint
    label = "source_template_article"
    source = Source(SourceKind.TEMPLATE, found.source.title, found.source.url, label=label)
    return _hint(HintKind.WRITTEN, reply, source, found.citations)


def open_frame(key: str, asked: Asked, question: Question) -> Hint:
    """A frame of that name behind the greeting."""
    return frame(joined([greeting(asked, question), say(question.meant.lang, key)]))


def _hint(
    kind: HintKind,
    reply: Reply,
    source: Source,
    citations: tuple[Citation, ...] = (),
    confidence: float | None = None,
) -> Hint:
    return Hint(kind, reply.text, source, citations, confidence, reply.blanks)


def _said(question: Question) -> list[Turn]:
    return [*question.before, *question.after]


def _was_given(article_id: str, question: Question) -> bool:
    """Whether the article was cited and that did not help: what is asked next is often answered by
    another sentence of the same article."""
    cited = any(article_id in turn.article_ids for turn in _said(question))
    return cited and (did_not_help(question) or question.meant.asked_before)
