"""Builds what attacks are tried on: the shop's knowledge base, the service, the drafting step."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from assistant.errors import KnowledgeError
from assistant.language_models.asking import AsksModels
from assistant.privacy.masker import Masker
from assistant.settings import Settings
from assistant.wiring import build_assistant, build_claim_checker
from assistant.writing.writer import Writer
from eval.attacks.levels import Answers, DraftingLevel, Level, ServiceLevel
from eval.attacks.recording import RecordingModels


@dataclass(frozen=True)
class Arena:
    """Both levels over one knowledge base and the same models."""

    service: ServiceLevel
    drafting: DraftingLevel

    def at(self, level: Level) -> Answers:
        """What answers attacks at a level."""
        return self.service if level is Level.SERVICE else self.drafting


def build_arena(settings: Settings, models: AsksModels) -> Arena:
    """The parts of the product over the knowledge base in the settings' data folder, which
    `index_shop` has made. Dialogs are kept in that folder too, and operators are always expected.

    Raises KnowledgeError without a knowledge base.
    """
    recording = RecordingModels(models)
    database = f"sqlite:///{(Path(settings.data_dir) / 'attacks.db').absolute()}"
    always = {"support_hours": "", "support_calendar": "", "burst_seconds": 0}
    aside = settings.model_copy(update={"database_url": database, **always})
    assistant, parts = build_assistant(aside, recording)
    knowledge = parts.library.current()
    if knowledge is None:
        raise KnowledgeError(parts.library.problem or "there is no knowledge base")
    writer = Writer(
        recording,
        build_claim_checker(aside),
        Masker(aside.order_number_patterns),
        aside.llm_answer_seconds,
    )
    return Arena(ServiceLevel(assistant, recording), DraftingLevel(writer, recording, knowledge))
