"""A scripted model, and articles to ask it about."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from assistant.domain import Article
from assistant.llm import Message
from assistant.privacy.masker import Masker
from kb_ingest.enriching.offer import Asker

RETURNS = Article(
    article_id="returns",
    title="Возврат товара",
    text="Вернуть товар можно в течение 14 дней. Нужен чек. Вопросы: Ивановой Анне, "
    "+7 916 123-45-67.",
)
STORAGE = Article(
    article_id="storage",
    title="Сколько хранится заказ",
    text="В пункте выдачи заказ хранится 7 дней. Продлить хранение можно один раз.",
)
ENGLISH = Article(
    article_id="gift",
    title="Gift cards",
    text="A gift card is valid for one year. It cannot be exchanged for cash.",
    lang="en",
)
ARTICLES = {one.article_id: one for one in (RETURNS, STORAGE, ENGLISH)}


def offer(*questions: str, summary: str | None = None) -> str:
    return json.dumps({"questions": questions, "summary": summary}, ensure_ascii=False)


@dataclass
class ScriptedModel:
    """Replies by a function of what it is asked; an error in place of a reply is raised."""

    script: Callable[[str], str | BaseException]
    model: str = "scripted/one"
    asked: list[str] = field(default_factory=list)

    def complete(
        self, messages: Sequence[Message], max_tokens: int, temperature: float = 0, seed: int = 0
    ) -> str:
        assert [message["role"] for message in messages] == ["system", "user"]
        assert max_tokens > 0
        said = messages[1]["content"]
        self.asked.append(said)
        reply = self.script(said)
        if isinstance(reply, BaseException):
            raise reply
        return reply


def asker(model: ScriptedModel, waits: list[float] | None = None) -> Asker:
    noted = [] if waits is None else waits
    return Asker(model, Masker(), noted.append)
