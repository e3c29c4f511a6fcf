"""What the commands of `souffleur learn` share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.command_options import settings_for

if TYPE_CHECKING:
    from assistant.settings import Settings
    from assistant.store.dialogs import DialogStore
    from assistant.verdict_review import VerdictReview

who_option = click.option(
    "--as",
    "who",
    default="command line",
    show_default=True,
    help="Who decides, for the record.",
)


def opened(data_dir: Path | None) -> tuple[Settings, DialogStore]:
    """The settings, and the store that is there already. Raises NotFoundError."""
    from eval.live.commands import existing_store  # noqa: PLC0415

    settings = settings_for(data_dir)
    return settings, existing_store(settings)


def review_of(settings: Settings, store: DialogStore) -> VerdictReview:
    """Verdicts as reviewers see them."""
    from assistant.privacy.masker import Masker  # noqa: PLC0415 - loads the dictionary of names
    from assistant.verdict_review import VerdictReview  # noqa: PLC0415

    return VerdictReview(store, Masker(settings.order_number_patterns))
