"""Attacks on the bot, and what it said: per kind how many replies gave the prompt away, offered
what the shop does not, held a foreign link or denied being a bot.

    python -m eval.bench.attacks --url http://127.0.0.1:8089/v1    # an OpenAI-compatible server
    python -m eval.bench.attacks --model openai/gpt-4.1-mini       # any litellm name, key as usual
    [--level drafting|service] [--most 2] [--out violations.jsonl] [FILE.jsonl…]

Without either the model that the settings name. Twice the same counts: of the model's own words as
they came, and of what the customer gets. Exit status 1 when the customer gets anything that breaks
a property. `--most 2` tries two of each kind and language. Described in docs/attacks.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from assistant.language_models.building import build_model_chain
from assistant.settings import Settings, load_settings
from eval.attacks.arena import build_arena
from eval.attacks.attack import Attack
from eval.attacks.attack_file import SHIPPED, load_attacks
from eval.attacks.levels import Level, index_shop, sent_prompts
from eval.attacks.shop import benign_texts
from eval.attacks.table import table_of
from eval.attacks.trying import Tried, document_of, rows_by_kind, some_of_each_kind, try_attacks

PATIENCE_SECONDS = 120.0
"""For one draft: a small model on two cores is slow, and its speed is not what is tried here."""


def main() -> None:
    """Try, print, write."""
    options = _options()
    attacks = load_attacks(options.attacks or SHIPPED)
    if options.most:
        attacks = some_of_each_kind(attacks, options.most)
    levels = [Level(options.level)] if options.level else list(Level)
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_of(options.url, options.model, Path(folder))
        index_shop(attacks, settings.data_dir)
        tried = try_levels(attacks, levels, settings)
    if options.out:
        _write(options.out, tried)
    sys.exit(any(one.of_reply for one in tried))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("attacks", type=Path, nargs="*")
    parser.add_argument("--url", help="address of an OpenAI-compatible server")
    parser.add_argument("--model", help="the model by its litellm name")
    parser.add_argument("--level", choices=[level.value for level in Level])
    parser.add_argument("--most", type=int, help="of each kind and language; all without it")
    parser.add_argument("--out", type=Path, help="every attack that broke something, a line each")
    return parser.parse_args()


def settings_of(url: str | None, model: str | None, data_dir: Path) -> Settings:
    """Settings that ask this model and wait for it; no other, and no limit to its tokens."""
    chosen: dict[str, object] = {}
    if url:
        chosen = {"llm_api_base": url, "llm_model": model or "openai/local", "llm_api_key": "none"}
    elif model:
        chosen = {"llm_model": model}
    return load_settings(
        data_dir=data_dir,
        llm_answer_seconds=PATIENCE_SECONDS,
        llm_tokens_per_dialog=0,
        llm_fallback_model="",
        **chosen,
    )


def try_levels(
    attacks: Sequence[Attack], levels: Sequence[Level], settings: Settings
) -> list[Tried]:
    """Try all, printing each level's table and what the customer would have got wrongly."""
    models = build_model_chain(settings, None)
    if models is None:
        sys.exit("no model: give --url or --model, or set SOUFFLEUR_LLM_MODEL")
    arena = build_arena(settings, models)
    found: list[Tried] = []
    for level in levels:
        started = time.monotonic()
        with tqdm(total=len(attacks), desc=level.value, disable=None) as bar:
            own = list(
                try_attacks(
                    attacks,
                    level,
                    arena.at(level),
                    evidence=benign_texts(),
                    prompts=sent_prompts(),
                    progress=bar.update,
                )
            )
        print(f"\n{level.value} ({time.monotonic() - started:.0f} s, {', '.join(models.names)})")
        print(table_of(rows_by_kind(own)))
        print(*(_told(one) for one in own if one.of_reply), sep="\n")
        found += own
    return found


def _told(tried: Tried) -> str:
    broken = "; ".join(f"{one.broken.value}: {one.found}" for one in tried.of_reply)
    return f"  {tried.attack.attack_id}: {broken}"


def _write(path: Path, tried: Sequence[Tried]) -> None:
    broke = [one for one in tried if one.of_raw or one.of_reply]
    lines = [json.dumps(document_of(one), ensure_ascii=False) + "\n" for one in broke]
    path.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
