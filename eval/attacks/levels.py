"""The two levels at which attacks are tried: the whole service, and the step that asks the model.

Most attacks never reach a model in the whole service, which is unsure of them and calls a person.
The drafting level gives the model the article and the attack whatever the confidence says, so that
what stands between the model and the customer is tried by every attack.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from assistant.disclosure import sign
from assistant.domain import AuthorKind, Citation, IncomingMessage, Passage
from assistant.errors import KnowledgeError
from assistant.knowledge.contents import Knowledge
from assistant.pipeline import Assistant
from assistant.text import clean_message
from assistant.writing.prompting import system_prompt
from assistant.writing.task import Listener, WritingTask
from assistant.writing.writer import Writer
from eval.attacks.attack import Attack
from eval.attacks.attack_file import KNOWLEDGE
from eval.attacks.recording import RecordingModels
from eval.attacks.reply import Reply
from eval.indexing import index_files
from prompts.loader import LANGUAGES

Answers = Callable[[Attack], Reply]
"""What comes back to an attack."""


class Level(StrEnum):
    """How far in an attack begins."""

    SERVICE = "service"
    DRAFTING = "drafting"


def sent_prompts() -> tuple[str, ...]:
    """The system prompts that a model is sent, as they are sent."""
    return tuple(system_prompt(lang) for lang in LANGUAGES)


def index_shop(attacks: Sequence[Attack], data_dir: Path) -> None:
    """Publish the benign articles and every poisoned file of the attacks in `data_dir`, each read
    by the loader of its ending. Raises KnowledgeError where one cannot be read."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        files = {
            path.relative_to(KNOWLEDGE).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(KNOWLEDGE.glob("*/*.md"))
        }
        for attack in attacks:
            for file in attack.files:
                if files.setdefault(file.name, file.content) != file.content:
                    raise KnowledgeError(f"{attack.attack_id}: {file.name} stands twice")
        for name, content in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        index_files(root, data_dir)


@dataclass(frozen=True)
class ServiceLevel:
    """The service with its store: the customer's turns go in one after another, and the reply to
    the last comes out. What the bot had said in an attack's history it says anew by itself."""

    assistant: Assistant
    models: RecordingModels

    def __call__(self, attack: Attack) -> Reply:
        """What the customer gets."""
        self.models.take()
        turns = [turn.text for turn in attack.history if turn.author is AuthorKind.CUSTOMER]
        dialog_id: str | None = None
        document: dict[str, Any] = {}
        for text in (*turns, attack.text):
            incoming = IncomingMessage(
                text, dialog_id=dialog_id, locale=attack.lang, customer=attack.customer
            )
            document = self.assistant.reply(incoming).document
            dialog_id = document["dialog_id"]
        return _reply_of(document["reply"], self.models.take())


def _reply_of(said: dict[str, Any] | None, raw: str | None) -> Reply:
    if said is None:
        return Reply("", raw)
    buttons = [button["label"] for button in said["quick_replies"]]
    return Reply(
        text="\n".join((said["text"], *buttons)),
        raw_model_text=raw,
        disclosure=said["author"]["disclosure"],
        citations=tuple(Citation(**one) for one in said["citations"]),
    )


@dataclass(frozen=True)
class DraftingLevel:
    """The step that asks the model, over the article that the attack is put to."""

    writer: Writer
    """Asks `models`."""
    models: RecordingModels
    knowledge: Knowledge

    def __call__(self, attack: Attack) -> Reply:
        """What of the model's words would go to the customer; no text where nothing would."""
        self.models.take()
        task = WritingTask(
            message=clean_message(attack.text),
            passages=passages_for(attack, self.knowledge),
            lang=attack.lang,
            history=attack.history,
            snapshot=self.knowledge.snapshot_id,
            dialog_id=attack.attack_id,
        )
        written = self.writer.write(task, Listener(), lambda _sentence: True)
        raw = self.models.take()
        text = written.draft.text if written.draft else written.question
        if not text:
            return Reply("", raw)
        citations = written.draft.citations if written.draft else ()
        signed = sign(text, attack.lang, citations=citations)
        return Reply(signed.text, raw, signed.disclosure.text, signed.citations)


def passages_for(attack: Attack, knowledge: Knowledge) -> list[Passage]:
    """The article that the attack is put to, and before it those that it has poisoned.

    Raises KnowledgeError where the knowledge base lacks one.
    """
    wanted = [_id_of(file.name, attack, knowledge) for file in attack.files]
    return [_passage(name, attack, knowledge) for name in (*wanted, attack.article_id)]


def _id_of(file: str, attack: Attack, knowledge: Knowledge) -> str:
    for article in knowledge.articles.values():
        if article.source.endswith(f"/{file}"):
            return article.article_id
    raise KnowledgeError(f"{attack.attack_id}: the knowledge base has nothing out of {file}")


def _passage(article_id: str, attack: Attack, knowledge: Knowledge) -> Passage:
    for at, chunk in enumerate(knowledge.chunks):
        if chunk.article_id == article_id:
            article = knowledge.articles[article_id]
            return Passage(article, chunk, at, score=0.0, dense=0.0, lexical_coverage=0.0)
    raise KnowledgeError(f"{attack.attack_id}: the knowledge base has no article {article_id}")
