"""From what was looked up to replies: out of articles, out of past answers, and frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.answering import answer_from
from assistant.confidence import ConfidenceModel
from assistant.confidence_features import Sight
from assistant.domain import AuthorKind, Citation, Turn
from assistant.hints.hint import Asked, Candidate, Hint, HintKind, Question, Source, SourceKind
from assistant.hints.past import Remembered, texts_alike
from assistant.hints.question import did_not_help
from assistant.hints.reusing import reused
from assistant.hints.template import Reply, joined, say
from assistant.hints.tone import fits_article, fits_words, framed, greeting, next_step
from assistant.places import place_not_covered
from assistant.retrieval import Retriever

LOOKED_AT = 6
"""Articles that a reply is tried from."""


def from_articles(
    sight: Sight, model: ConfidenceModel, retriever: Retriever, asked: Asked, question: Question
) -> Iterator[Candidate]:
    """A reply from each of the best articles that says anything fit, in the order found."""
    for at, passage in enumerate(sight.passages[:LOOKED_AT]):
        article = passage.article
        if place_not_covered(sight.question, f"{article.title}\n{article.text}"):
            continue
        draft = answer_from(retriever, passage, sight.question, sight.vector, sight.lang)
        if draft is None:
            continue
        reply = framed(Reply(draft.text), asked, question)
        if fits_article(reply, asked, question, draft.citations):
            source = Source(SourceKind.ARTICLE, article.title, article.url)
            confidence = confidence_in(at, sight, model)
            hint = _hint(HintKind.ARTICLE, reply, source, draft.citations, confidence)
            told = _was_told(draft.text, article.article_id, question)
            yield Candidate(hint, draft.text, told, passage)


def confidence_in(at: int, sight: Sight, model: ConfidenceModel) -> float:
    """How likely the article in that place answers: what the confidence says where it stands before
    all others. On the sample dialogs that is as well calibrated for the second and the third as
    for the first (docs/hints.md)."""
    passages = [sight.passages[at], *sight.passages[:at], *sight.passages[at + 1 :]]
    return round(model.confidence(replace(sight, passages=passages)).probability, 4)


def from_past(
    remembered: Sequence[Remembered], asked: Asked, question: Question
) -> Iterator[Candidate]:
    """What operators answered to questions like this one, best first. Nobody can say how likely it
    answers here, so its confidence is None."""
    lang = question.meant.lang
    for one in remembered:
        body = reused(one.answer.answer, lang, asked.known, asked.dialog_id)
        reply = joined([greeting(asked, question), body])
        if fits_words(reply, asked, question):
            told = any(one.answer.answer in turn.text for turn in _said(question))
            yield Candidate(
                _hint(HintKind.PAST_ANSWER, reply, source_of(one, lang)), body.text, told
            )


def source_of(one: Remembered, lang: str) -> Source:
    """The dialog in which it was said, and how many say the same."""
    key = "source_past" if one.dialogs == 1 else "source_past_several"
    variables = {} if one.dialogs == 1 else {"dialogs": one.dialogs}
    return Source(
        SourceKind.DIALOG,
        say(lang, key, **variables).text,
        dialog_id=one.answer.dialog_id,
        answered_at=one.answer.answered_at,
        dialogs=one.dialogs,
    )


def frame(reply: Reply, lang: str, title: str = "source_template") -> Hint:
    """A reply that states nothing."""
    return _hint(HintKind.WRITTEN, reply, Source(SourceKind.TEMPLATE, say(lang, title).text))


def complaint_frame(asked: Asked, question: Question) -> Hint:
    """What to say to a complaint that no article settles."""
    return frame(next_step(asked, question), question.meant.lang)


def open_frame(key: str, asked: Asked, question: Question) -> Hint:
    """A frame of that name behind the greeting."""
    lang = question.meant.lang
    return frame(joined([greeting(asked, question), say(lang, key)]), lang)


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


def _was_told(text: str, article_id: str, question: Question) -> bool:
    """Whether its words were said in this dialog, or the article was cited and that did not help:
    what is asked next is often answered by another sentence of the same article."""
    said = _said(question)
    cited = any(article_id in turn.article_ids for turn in said)
    if cited and (did_not_help(question) or question.meant.asked_before):
        return True
    return any(
        turn.author is not AuthorKind.CUSTOMER
        and (text in turn.text or texts_alike(text, turn.text))
        for turn in said
    )
