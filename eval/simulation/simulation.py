"""All scenarios against the real assistant, aside from whatever serves."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from assistant.domain import IncomingMessage
from assistant.errors import KnowledgeError
from assistant.settings import Settings
from assistant.wiring import build_assistant
from eval.metrics import Metric
from eval.runner import told_of_confidence
from eval.simulation.dialogue import MOST_TURNS, Dialogue, hold
from eval.simulation.measures import Fault, broken_promises, faults_of, measure_all
from eval.simulation.scenario import Scenario
from eval.simulation.scenario_file import require_articles
from eval.simulation.transcript import transcript


@dataclass(frozen=True)
class Simulation:
    """What came of the scenarios."""

    dialogues: tuple[Dialogue, ...]
    snapshot: str
    config: dict[str, Any]
    metrics: dict[str, Metric]
    faults: tuple[Fault, ...]

    def document(self) -> dict[str, Any]:
        """The JSON of `souffleur eval simulate`; the same in every run on the same snapshot."""
        return {
            "n_dialogs": len(self.dialogues),
            "n_turns": sum(len(dialogue.exchanges) for dialogue in self.dialogues),
            "snapshot": self.snapshot,
            "config": self.config,
            "metrics": {name: asdict(metric) for name, metric in self.metrics.items()},
            "broken_promises": broken_promises(self.metrics),
            "faults": [asdict(fault) for fault in self.faults],
            "dialogs": [_summary(dialogue) for dialogue in self.dialogues],
        }


def simulate(
    scenarios: Sequence[Scenario],
    settings: Settings,
    progress: Callable[[], object] | None = None,
    *,
    most_turns: int = MOST_TURNS,
    seed: int = 0,
) -> Simulation:
    """Hold every dialog with the assistant that `settings` build, its dialogs in a store that is
    thrown away, its operators on duty around the clock so that the hour changes nothing.

    Raises KnowledgeError when there is no knowledge base and DatasetError when a scenario waits for
    an article that it lacks.
    """
    with TemporaryDirectory() as folder:
        database = f"sqlite:///{(Path(folder) / 'dialogs.db').absolute()}"
        always = {"support_hours": "", "support_calendar": "", "burst_seconds": 0}
        aside = settings.model_copy(update={"database_url": database, **always})
        assistant, parts = build_assistant(aside)
        parts.wait_for_models()
        knowledge = parts.library.current()
        if knowledge is None:
            raise KnowledgeError(parts.library.problem or "there is no knowledge base")
        require_articles(scenarios, knowledge.articles)

        def respond(incoming: IncomingMessage) -> dict[str, Any]:
            return assistant.reply(incoming).document

        dialogues = []
        for scenario in scenarios:
            dialogues.append(hold(scenario, respond, most_turns))
            if progress:
                progress()
    config = {
        "embedding_model": parts.embedder.model_id,
        **told_of_confidence(parts.decider, [scenario.locale for scenario in scenarios]),
        "most_turns": most_turns,
        "seed": seed,
    }
    return measured(dialogues, knowledge.snapshot_id, config)


def measured(dialogues: Sequence[Dialogue], snapshot: str, config: dict[str, Any]) -> Simulation:
    """The dialogs with their numbers and faults; `config["seed"]` is that of the bootstrap."""
    return Simulation(
        dialogues=tuple(dialogues),
        snapshot=snapshot,
        config=config,
        metrics=measure_all(dialogues, config["seed"]),
        faults=tuple(faults_of(dialogues)),
    )


def write(simulation: Simulation, folder: Path, lang: str) -> None:
    """`simulate.json`, `dialogs.jsonl` (one dialog a line) and `transcripts.md` in `lang`."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = json.dumps(simulation.document(), ensure_ascii=False, indent=1)
    (folder / "simulate.json").write_text(whole + "\n", encoding="utf-8")
    lines = [json.dumps(_whole(one), ensure_ascii=False) for one in simulation.dialogues]
    (folder / "dialogs.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    text = transcript(simulation.dialogues, simulation.faults, simulation.snapshot, lang)
    (folder / "transcripts.md").write_text(text, encoding="utf-8")


def _summary(dialogue: Dialogue) -> dict[str, Any]:
    return {
        "id": dialogue.scenario.scenario_id,
        "locale": dialogue.scenario.locale,
        "goal": dialogue.scenario.goal,
        "outcome": dialogue.outcome.value,
        "goal_reached": dialogue.goal_reached,
        "turns": len(dialogue.exchanges),
        "handed_over_at": dialogue.handed_over_at,
    }


def _whole(dialogue: Dialogue) -> dict[str, Any]:
    """A dialog with every turn of it."""
    return _summary(dialogue) | {
        "turns": [
            {
                "turn": exchange.turn,
                "move": exchange.move.value,
                "question": exchange.question,
                "text": exchange.text,
                "intent": exchange.reply.intent,
                "signals": list(exchange.reply.signals),
                "action": exchange.reply.action.value,
                "owner": exchange.reply.owner.value,
                "handoff_reason": exchange.reply.reason,
                "confidence": exchange.reply.confidence,
                "citations": [
                    {"article_id": article_id, "quote": quote}
                    for article_id, quote in exchange.reply.citations
                ],
                "reply": exchange.reply.text,
                "disclosed": exchange.reply.is_disclosed,
                "satisfied": dialogue.is_satisfying(exchange),
            }
            for exchange in dialogue.exchanges
        ]
    }
