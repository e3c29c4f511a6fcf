"""An assistant that says what a test gives it, in order."""

from __future__ import annotations

from typing import Any

from assistant.domain import IncomingMessage
from eval.simulation.dialogue import Dialogue, hold
from eval.simulation.scenario import Patience, Question, Scenario

Document = dict[str, Any]


class ScriptedAssistant:
    """Replies one after another; the last is given again when there are no more."""

    def __init__(self, *replies: Document) -> None:
        self._replies = list(replies)
        self.heard: list[IncomingMessage] = []

    def __call__(self, incoming: IncomingMessage) -> Document:
        self.heard.append(incoming)
        return self._replies[min(len(self.heard), len(self._replies)) - 1]

    @property
    def texts(self) -> list[str]:
        """What the customer said."""
        return [incoming.text for incoming in self.heard]


def reply(
    action: str,
    text: str | None = "…",
    *cited: str,
    reason: str | None = None,
    disclosure: str = "Отвечает бот.",
) -> Document:
    """A reply object with what a simulation reads of it; each article is quoted by its id."""
    citations = [{"article_id": name, "quote": f"quote of {name}"} for name in cited]
    author = {"kind": "bot", "name": "Помощник", "disclosure": disclosure}
    return {
        "action": action,
        "owner": "waiting" if action == "handoff" else "bot",
        "confidence": 0.8 if action == "answer" else None,
        "intent": {"label": "question"},
        "handoff": {"reason": reason or "low_confidence"} if action == "handoff" else None,
        "reply": {"text": text, "author": author, "citations": citations} if text else None,
        "trace": {"signals": []},
    }


def right(text: str = "7 дней") -> Document:
    """An answer that satisfies the question of `scenario()`."""
    return reply("answer", text, "storage")


def wrong(text: str = "Курьер стоит 299 ₽") -> Document:
    """An answer that does not."""
    return reply("answer", text, "courier")


HANDOFF = reply("handoff", "Передаю оператору.")
CLARIFY = reply("clarify", "О чём речь?")
NOTED = reply("acknowledge", "Добавил к вашему обращению, оператор это увидит.")
WELCOME = reply("acknowledge", "Пожалуйста!")


STEADY = Patience(angry_after=3, leaves_after=6)


def scenario(*questions: Question, patience: Patience = STEADY) -> Scenario:
    """A customer with a word for everything; by default with one question."""
    asked = Question(("сколько хранится заказ",), ("storage",), rephrases=("срок?", "дней?"))
    return Scenario(
        scenario_id="x",
        locale="ru",
        goal="Узнать срок хранения.",
        questions=questions or (asked,),
        name="Анна",
        patience=patience,
        angry=("безобразие",),
        asks_human=("оператора",),
        thanks=("спасибо",),
        waiting=("жду",),
    )


def talk(with_whom: Scenario, *replies: Document, most_turns: int = 20) -> Dialogue:
    """The dialog of a scenario with an assistant that says this."""
    return hold(with_whom, ScriptedAssistant(*replies), most_turns)


def said(dialogue: Dialogue) -> list[str]:
    """What the customer said."""
    return [exchange.text for exchange in dialogue.exchanges]
