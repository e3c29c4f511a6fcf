"""Why each score of a turn is what it is, in the report's language.

The records hold the same in English (`eval.records.explain`), for those who read them by script.
"""

from __future__ import annotations

from eval.records import Record
from eval.report.texts import Texts


def why(record: Record, t: Texts) -> dict[str, str]:
    """A sentence for each score that the record explains, by the score's name; what is explained
    under a name of somebody else's stays as it is."""
    ways = {"intent": _intent, "ranking": _ranking, "answer": _answer, "handoff": _handoff}
    found = {}
    for name, told in record.explanations.items():
        say = ways.get(name)
        found[name] = told if say is None else say(record, t)
    if record.grounded is not None and "grounded" in found:
        found["grounded"] = t("why_grounded" if record.grounded else "why_not_grounded")
    return found


def _intent(record: Record, t: Texts) -> str:
    said, label = (t.name_of("intent", code) for code in (record.intent, record.intent_label))
    if record.intent == record.intent_label:
        return t("why_intent_right", said=said)
    return t("why_intent", said=said, label=label)


def _ranking(record: Record, t: Texts) -> str:
    labels = record.article_labels
    if not labels:
        return t("why_none_answers")
    rank, articles = record.rank_of_right, ", ".join(labels)
    if rank is not None:
        return t("why_found", article=record.ranking[rank - 1]["article_id"], rank=rank)
    if record.places_known is not None:
        return t("why_not_shown", articles=articles, n=record.places_known)
    return t("why_not_found", articles=articles)


def _answer(record: Record, t: Texts) -> str:
    cited = ", ".join(record.cited)
    if record.cites_right:
        return t("why_answer_right", cited=cited)
    if not record.article_labels:
        return t("why_answer_to_nothing", cited=cited)
    return t("why_answer_wrong", cited=cited, articles=", ".join(record.article_labels))


def _handoff(record: Record, t: Texts) -> str:
    if record.handoff_label is None:
        return t("why_handoff_unscored")
    action = t.name_of("action", record.action)
    if record.handoff_reason:
        action += f" ({t.name_of('reason', record.handoff_reason)})"
    return t("why_person" if record.handoff_label else "why_no_person", action=action)
