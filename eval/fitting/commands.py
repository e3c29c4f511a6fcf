"""`souffleur eval fit …`: makes the weights that ship, step by step (`make weights`)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tqdm import tqdm

from assistant.command_options import data_dir_option, print_json, settings_for
from assistant.errors import SettingsError

if TYPE_CHECKING:
    from assistant.knowledge.embedder import BuiltinEmbedder


@click.group(hidden=True)
def fit() -> None:
    """Fit what ships: needs `pip install souffleur[train]`."""


@fit.command()
def encoder() -> None:
    """The search branch of the encoder, on our own help centres (about 20 minutes)."""
    from assistant.knowledge.tuned_layers import SEARCH, save_changes  # noqa: PLC0415

    with _needs_training_packages():
        from eval.fitting.search_changes import fit_search_changes  # noqa: PLC0415
    with tqdm(unit="step", disable=not sys.stderr.isatty(), leave=False) as bar:
        changes, about = fit_search_changes(_builtin(), lambda _: bar.update())
    save_changes(SEARCH, changes, about)
    print_json(about)


@fit.command()
@click.option("--only-signals", is_flag=True, help="Leave the label head as it is.")
def heads(only_signals: bool) -> None:
    """The heads for labels and signals, on the message branch's vectors."""
    from assistant.message_heads import SHIPPED, load_heads, save_heads  # noqa: PLC0415

    with _needs_training_packages():
        from eval.fitting.heads import fit_heads, fit_signals_anew  # noqa: PLC0415
    embedder = _builtin()
    fitted = fit_signals_anew(embedder, load_heads()) if only_signals else fit_heads(embedder)
    save_heads(fitted, SHIPPED)
    print_json(fitted.about)


@fit.command()
def crowd() -> None:
    """Questions of all kinds, to know articles that are near to everything."""
    from eval.fitting.crowd import fit_crowd  # noqa: PLC0415

    print_json(fit_crowd(_builtin()))


@fit.command()
def usual() -> None:
    """Usual titles, texts and sentences, to measure small knowledge bases against."""
    from eval.fitting.usual import fit_usual  # noqa: PLC0415

    print_json(fit_usual(_builtin()))


@fit.command()
def grounding() -> None:
    """The network and the weights of the claim check, on pairs of our own (about 10 minutes)."""
    from assistant.claims.entailment import save_entailment  # noqa: PLC0415
    from assistant.claims.model import SHIPPED, save_claim_model  # noqa: PLC0415

    with _needs_training_packages():
        from eval.fitting.grounding import fit_grounding, fit_networks  # noqa: PLC0415
        from eval.fitting.grounding_lessons import (  # noqa: PLC0415
            made_lessons,
            shipped_pairs,
            unseen_pairs,
            written_pairs,
        )
    reader = _builtin()
    with tqdm(unit="batch", disable=not sys.stderr.isatty(), leave=False) as bar:
        networks = fit_networks(written_pairs(), made_lessons(), reader, lambda _: bar.update())
    model = fit_grounding(shipped_pairs(), unseen_pairs(), reader, networks)
    save_entailment(networks.whole)
    save_claim_model(model, SHIPPED)
    print_json(model.about)


@fit.command()
@click.argument("datasets", nargs=-1, required=True, type=click.Path(path_type=Path))
@data_dir_option
def confidence(datasets: tuple[Path, ...], data_dir: Path | None) -> None:
    """The provisional confidence, on the sample dialogs."""
    from assistant.confidence import SHIPPED, save_confidence  # noqa: PLC0415
    from assistant.wiring import build_parts  # noqa: PLC0415
    from eval.cases import load_cases  # noqa: PLC0415

    with _needs_training_packages():
        from eval.fitting.confidence import fit_confidence  # noqa: PLC0415
    parts = build_parts(settings_for(data_dir))
    cases = [case for dataset in datasets for case in load_cases(dataset)]
    model = fit_confidence(cases, parts.decider, parts.embedder.model_id)
    save_confidence(model, SHIPPED)
    print_json(model.about)


def _builtin() -> BuiltinEmbedder:
    from assistant.knowledge import builtin_model  # noqa: PLC0415
    from assistant.knowledge.embedder import BuiltinEmbedder  # noqa: PLC0415

    settings = settings_for(None)
    return BuiltinEmbedder(builtin_model.prepare(settings.models), settings.embedding_threads)


@contextmanager
def _needs_training_packages() -> Iterator[Any]:
    try:
        yield
    except ImportError as error:
        raise SettingsError("fitting needs more packages: pip install souffleur[train]") from error
