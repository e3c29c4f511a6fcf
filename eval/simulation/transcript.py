"""Simulated dialogs as Markdown, for people."""

from __future__ import annotations

from collections.abc import Sequence

from eval.report.texts import Texts
from eval.simulation.dialogue import Dialogue, Exchange
from eval.simulation.measures import Fault
from prompts.loader import surface


def transcript(
    dialogues: Sequence[Dialogue], faults: Sequence[Fault], snapshot: str, lang: str
) -> str:
    """All dialogs one after another; what went wrong stands under the message it befell."""
    texts = Texts(lang, surface("simulation", lang))
    lines = [f"# {texts('title')}", "", texts("about", dialogs=len(dialogues), snapshot=snapshot)]
    for dialogue in dialogues:
        lines += ["", *_dialog(dialogue, faults, texts)]
    return "\n".join(lines) + "\n"


def _dialog(dialogue: Dialogue, faults: Sequence[Fault], texts: Texts) -> list[str]:
    scenario = dialogue.scenario
    lines = [f"## {scenario.scenario_id}", "", texts("goal", goal=scenario.goal)]
    for exchange in dialogue.exchanges:
        found = [
            texts.name_of("fault", fault.check)
            for fault in faults
            if fault.scenario_id == scenario.scenario_id and fault.turn == exchange.turn
        ]
        lines += ["", *_exchange(exchange, found, texts)]
    goal = texts("goal_reached" if dialogue.goal_reached else "goal_missed")
    outcome = texts.name_of("outcome", dialogue.outcome)
    return [*lines, "", f"**{texts('ended', outcome=outcome, goal=goal)}**"]


def _exchange(exchange: Exchange, found: list[str], texts: Texts) -> list[str]:
    move = texts.name_of("move", exchange.move)
    lines = [f"**{texts('customer')}** ({move}):", "", *_quoted(exchange.text), ""]
    lines += [f"**{texts('bot')}** ({_about(exchange, texts)}):", ""]
    lines += _quoted(exchange.reply.text or texts("silent"))
    return [*lines, "", f"⚠ {texts('faults', faults='; '.join(found))}"] if found else lines


def _about(exchange: Exchange, texts: Texts) -> str:
    reply = exchange.reply
    parts = [texts.name_of("action", reply.action)]
    if reply.reason:
        parts.append(f"`{reply.reason}`")
    if reply.confidence is not None:
        parts.append(texts("confidence", confidence=texts.number(reply.confidence, 2)))
    if reply.citations:
        cited = dict.fromkeys(article_id for article_id, _ in reply.citations)
        parts.append(texts("cites", articles=", ".join(f"`{name}`" for name in cited)))
    return ", ".join(parts)


def _quoted(text: str) -> list[str]:
    """The text as it was sent: its own marks become no headings or lists of the transcript's."""
    return ["```text", *text.replace("```", "'''").split("\n"), "```"]
