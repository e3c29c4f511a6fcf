"""The samples that ship, imported by the command and read as a data set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from assistant.domain import AuthorKind, IntentLabel
from eval.cases import Case, Labels, load_cases
from eval.importing.commands import importing
from tests.conftest import SAMPLE
from tests.eval.importing.files import SAMPLES

COMMANDS = {
    "table_ru": ["table", "table_ru.csv"],
    "table_en": ["table", "table_en.csv"],
    "chatwoot": ["chatwoot", "chatwoot_ru.json", "--answers"],
    "webim": ["webim", "webim_ru.json", "--bot", "240001"],
    "dstc": ["dstc", "dstc_en_logs.json", "dstc_en_labels.json"],
    "rasa": ["rasa", "rasa_ru.yml", "rasa_calm_ru.yml", "--intent", "rasa_intents.yml"],
}


def import_sample(name: str, folder: Path) -> list[Case]:
    words = [str(SAMPLES / w) if (SAMPLES / w).is_file() else w for w in COMMANDS[name]]
    out = folder / f"{name}.jsonl"
    result = CliRunner().invoke(importing, [*words, "--out", str(out)])
    assert result.exit_code == 0, result.output
    return load_cases(out)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Case]]:
    folder = tmp_path_factory.mktemp("samples")
    return {name: import_sample(name, folder) for name in COMMANDS}


def case(cases: list[Case], dialog_id: str, turn: int) -> Case:
    return next(c for c in cases if (c.dialog_id, c.turn) == (dialog_id, turn))


def test_every_sample_gives_the_dialogs_it_holds(samples: dict[str, list[Case]]) -> None:
    counts = {
        name: (len({c.dialog_id for c in cases}), len(cases)) for name, cases in samples.items()
    }
    assert counts == {
        "table_ru": (8, 10),
        "table_en": (6, 6),
        "chatwoot": (6, 11),
        "webim": (6, 10),
        "dstc": (6, 11),
        "rasa": (12, 20),
    }


def test_no_sample_names_an_article_that_the_sample_shop_lacks(
    samples: dict[str, list[Case]],
) -> None:
    texts = [path.read_text("utf-8") for path in SAMPLE.rglob("*.md")]
    known = {yaml.safe_load(t.split("---")[1])["id"] for t in texts if t.startswith("---")}
    named = {
        article
        for name in ("table_ru", "table_en")
        for found in samples[name]
        for article in found.labels.article_ids or ()
    }
    assert len(named) > 10
    assert named <= known


def test_a_table_gives_every_label_and_follow_ups(samples: dict[str, list[Case]]) -> None:
    second = case(samples["table_ru"], "д-1", 2)
    assert second.text == "а продлить можно? уезжаю до 20го"
    assert second.labels == Labels(
        intent=IntentLabel.QUESTION,
        article_ids=("delivery-storage", "app-pickup-code"),
        answer="Да, срок хранения продлевается в приложении.",
        handoff=False,
    )
    assert [turn.text for turn in second.history] == [
        "скок хранится заказ в пункте?",
        "Семь дней в пункте выдачи, потом заказ вернётся на склад.",
    ]
    assert case(samples["table_ru"], "д-5", 0).text.count("\n") == 2
    assert case(samples["table_ru"], "д-6", 0).labels.article_ids == ()
    assert case(samples["table_en"], "table_en-7", 0).locale == "en"


def test_a_chatwoot_handoff_is_the_turn_at_which_a_person_came(
    samples: dict[str, list[Case]],
) -> None:
    first, second = (case(samples["chatwoot"], "chatwoot-101", turn) for turn in (0, 2))
    assert first.labels == Labels()
    assert second.labels.handoff is True
    assert (second.labels.answer or "").startswith("Здравствуйте, это Ольга.")
    assert second.channel == "web"
    last = case(samples["chatwoot"], "chatwoot-105", 3)
    assert [turn.author for turn in last.history][1:] == [AuthorKind.BOT, AuthorKind.HUMAN]


def test_chatwoot_messages_out_of_order_are_put_in_order(samples: dict[str, list[Case]]) -> None:
    first, last = (case(samples["chatwoot"], "chatwoot-102", turn) for turn in (0, 2))
    assert (first.text, last.text) == ("где возврат? неделю жду!!", "ок")
    assert first.channel == "telegram"


def test_a_webim_button_is_what_the_customer_said(samples: dict[str, list[Case]]) -> None:
    pressed = case(samples["webim"], "webim-9001", 2)
    assert (pressed.text, pressed.labels) == ("Позвать оператора", Labels(handoff=True))
    assert case(samples["webim"], "webim-a-77", 0).labels == Labels()


def test_dstc_labels_the_last_turn_only(samples: dict[str, list[Case]]) -> None:
    labelled = {c.dialog_id: c.labels for c in samples["dstc"] if c.labels != Labels()}
    assert labelled["dstc_en_logs-2"] == Labels(
        article_ids=("restaurant--41--2--review", "restaurant--41--5--faq"),
        answer="Guests say it is lively but there is a quiet room in the back.",
    )
    assert sorted(labelled) == [f"dstc_en_logs-{n}" for n in (0, 2, 3, 5)]


def test_rasa_marks_of_entities_are_taken_off_and_intents_mapped(
    samples: dict[str, list[Case]],
) -> None:
    first, second, third = (
        case(samples["rasa"], "срок хранения, потом прощание", turn) for turn in (0, 2, 4)
    )
    assert first.text == "привет! сколько лежит заказ в постамате?"
    assert second.text == "а в Казани так же?"
    assert [c.labels.intent for c in (first, third)] == [IntentLabel.QUESTION, IntentLabel.THANKS]
    assert second.history[1].text == "Заказ хранится семь дней."


@pytest.mark.parametrize(("dialog_id", "text"), [("номер заказа числом", "007"), ("отказ", "no")])
def test_rasa_scalars_stay_what_was_written(
    samples: dict[str, list[Case]], dialog_id: str, text: str
) -> None:
    assert case(samples["rasa"], dialog_id, 2).text == text


@pytest.mark.parametrize("name", list(COMMANDS))
def test_the_summary_shows_no_text_of_any_message(name: str, tmp_path: Path) -> None:
    words: list[Any] = [str(SAMPLES / w) if (SAMPLES / w).is_file() else w for w in COMMANDS[name]]
    result = CliRunner().invoke(importing, [*words, "--out", str(tmp_path / "out")])
    said = [c.text for c in load_cases(tmp_path / "out") if len(c.text) > 8]
    assert said
    assert not [text for text in said if text in result.stderr]
