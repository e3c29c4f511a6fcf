"""The walk: read the draft, look at it from all sides, tell the few things that matter."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.domain import IntentLabel
from assistant.privacy.masker import Masker
from assistant.review.advice import SEVERITY, Advice, Finding, ReviewContext
from assistant.review.asked import asked_findings
from assistant.review.choosing import chosen
from assistant.review.contradicting import article_findings
from assistant.review.draft import Draft, read_draft
from assistant.review.lexicon import lists, phrases_of
from assistant.review.manners import faults_by_sentence, manner_findings
from assistant.review.personal import PersonalData
from assistant.review.quoting import internal_findings
from assistant.review.shape import shape_findings
from assistant.review.sources import Passage, PassagesAtHand
from assistant.review.spelling import Speller, spelling_findings
from assistant.review.steps import step_findings
from assistant.text import has_words
from prompts.loader import LANGUAGES, fill


class Reviewer:
    """Reviews drafts; no model, no state. Safe in several threads."""

    def __init__(self, masker: Masker, speller: Speller) -> None:
        self._personal = PersonalData(masker)
        self._speller = speller

    def review_draft(self, draft: str, lang: str, context: ReviewContext) -> tuple[Advice, ...]:
        """Advice on a draft, at most six pieces, most severe first; none for a fine one.

        `lang`: the operator's own, in which reasons are told; suggestions are in the draft's.
        Never raises for what the draft holds.
        """
        if not has_words(draft):
            return ()
        read = read_draft(draft, lang)
        found = chosen(self._findings(read, lang, context))
        return tuple(_advice(one, lang) for one in found)

    def warm_up(self) -> None:
        """Read dictionaries and word lists now: two seconds that the first key has not."""
        for lang in LANGUAGES:
            sample = str(lists(lang)["sample"])
            sources = PassagesAtHand([Passage(sample, sample, lang=lang)])
            context = ReviewContext(intent=IntentLabel.COMPLAINT, sources=sources)
            # The words of an article are right: the dictionaries are read without one.
            self.review_draft(sample, lang, ReviewContext())
            self.review_draft(sample, lang, context)

    def _findings(self, draft: Draft, lang: str, context: ReviewContext) -> Iterator[Finding]:
        yield from shape_findings(draft)
        faults = faults_by_sentence(draft, context)
        yield from manner_findings(draft, context, faults)
        yield from step_findings(draft, context, faults)
        yield from asked_findings(draft, context, lang)
        yield from article_findings(draft, context)
        yield from internal_findings(draft, context)
        yield from self._personal.findings(draft, context)
        yield from spelling_findings(draft, context, self._speller)


def _advice(finding: Finding, lang: str) -> Advice:
    key = finding.why or finding.code.value
    return Advice(
        code=finding.code,
        severity=SEVERITY[finding.code],
        span=(finding.start, finding.end),
        text=fill(phrases_of(lang), f"why_{key}", **finding.told),
        suggestion=finding.suggestion,
    )
