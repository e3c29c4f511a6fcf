"""Five lines at most, each of them worth reading."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assistant.domain import NOBODY, Action, Customer, HandoffReason, Owner, Priority
from assistant.framing import own_words, question_in
from assistant.known import Known
from assistant.operator_context.contexts import OperatorContexts
from assistant.operator_context.exchange import read_exchange
from assistant.operator_context.summary import MOST_LINES, Standing, summarise_for_operator
from assistant.operator_context.words import ContextWords
from assistant.privacy.masker import Masker
from assistant.store.dialog_lines import Line
from assistant.text import shorten
from assistant.tickets import TicketStatus
from assistant.wiring import Parts
from prompts.loader import LANGUAGES
from tests.assistant.operator_context.lines import NOW, bot, customer, operator
from tests.conftest import REPO, SHARED

MASKER = Masker()
ANNA = Customer(id="c-17", name="Анна", segment="vip", attributes={"last_order": "10432"})
HANDOFF = {
    "reason": "repeated",
    "queue": "returns",
    "priority": "high",
    "passages": [{"article_id": "a", "title": "Возврат почтой", "url": None, "score": 0.4}],
}
DATASETS = [
    *sorted((REPO / "eval" / "datasets" / "shop").glob("[df]*.jsonl")),
    SHARED / "rutube_handoff" / "dialogs.jsonl",
]


def standing(*lines: Line, lang: str = "ru", **around: Any) -> Standing:
    """A dialog for the summary, of a customer of whom nothing is known."""
    words = ContextWords(lang, UTC, NOW + timedelta(minutes=7))
    exchange = read_exchange(lines, around.get("known", ()), MASKER)
    return Standing(exchange, words, **{"customer": NOBODY} | around)


def lines_of(now: Standing) -> list[str]:
    return summarise_for_operator(now).split("\n")


WHOLE = standing(
    customer("Здравствуйте! Как вернуть куртку?"),
    bot("За 30 дней.", Action.ANSWER, "returns"),
    customer("не помогло"),
    customer=ANNA,
    known=(Known("order", "10432", "d-1", "web", NOW),),
    channels=("web", "telegram"),
    previous=({"day": "01.02.2026", "topic": "где заказ"},),
    owner=Owner.WAITING,
    handoff=HANDOFF,
    waiting_since=NOW,
    ticket={"number": 1001, "status": "open"},
)


def test_five_lines_tell_all_there_is() -> None:
    assert lines_of(WHOLE) == [
        "Анна, vip, last_order: 10432, канал: чат на сайте, Telegram. "
        "Прежних диалогов: 1, последний 01.02.2026: «где заказ».",
        "Вопрос: «Как вернуть куртку?»",
        "Уже известно: номер заказа 10432.",
        "Бот ответил по статьям: Статья returns; не помогло.",
        "Передан: ответ бота не помог. Ждёт с 12:00 (7 мин). "
        "Очередь: returns, приоритет высокий. Обращение № 1001: принято.",
    ]


def test_labels_are_in_the_operators_language_and_his_words_stay_as_they_are() -> None:
    words = ContextWords("en", UTC, NOW + timedelta(hours=26))
    assert lines_of(replace(WHOLE, words=words)) == [
        "Анна, vip, last_order: 10432, channel: chat on the site, Telegram. "
        "Earlier dialogs: 1, the last on 01.02.2026: “где заказ”.",
        "Question: “Как вернуть куртку?”",
        "Known already: order number 10432.",
        "The bot answered from: Статья returns; it did not help.",
        "Handed over: the bot's answer did not help. Waiting since 02 Mar 12:00 (1 d 2 h). "
        "Queue returns, priority high. Ticket 1001: received.",
    ]


def test_nothing_known_makes_no_line() -> None:
    assert lines_of(standing(customer("Где мой заказ?"))) == ["Вопрос: «Где мой заказ?»"]
    assert summarise_for_operator(standing()) == ""


def test_several_open_questions_are_all_named() -> None:
    now = standing(
        customer("Где мой заказ?"),
        bot("Передаю.", Action.HANDOFF),
        customer("Как поменять адрес?"),
    )
    assert lines_of(now) == ["Открытых вопросов 2: «Где мой заказ?»; «Как поменять адрес?»"]


def test_of_many_open_questions_the_latest_are_named_and_the_others_counted() -> None:
    asked = [customer(f"Как вернуть товар {name}?") for name in ("а1", "б2", "в3", "г4", "д5")]
    (line,) = lines_of(standing(*asked))
    assert line.startswith("Открытых вопросов 5: «Как вернуть товар в3?»")
    assert line.endswith("и ещё 2")


def test_answered_question_is_not_told_as_open() -> None:
    now = standing(customer("Где мой заказ?"), operator("Приедет завтра."))
    assert lines_of(now) == [
        "Открытых вопросов нет. Последний: «Где мой заказ?»",
        "Олег: «Приедет завтра.»",
    ]


def test_bare_call_for_a_person_is_told_as_what_it_is() -> None:
    assert lines_of(standing(customer("привет"), customer("позовите оператора"))) == [
        "Вопроса пока нет, написал: «позовите оператора»"
    ]


def test_complaint_is_named_with_its_matter_and_tone() -> None:
    line = replace(customer("Курьер не приехал второй раз, сука!"), intent={"label": "complaint"})
    (told,) = lines_of(standing(line))
    assert told.startswith("Жалоба (")
    assert "«Курьер не приехал второй раз, сука!»" in told
    assert told.endswith("Клиент раздражён, есть грубые слова.")


def test_danger_is_the_first_word() -> None:
    handoff = HANDOFF | {"reason": HandoffReason.UNSAFE.value}
    first = lines_of(standing(customer("пожар"), handoff=handoff))[0]
    assert first.startswith("СРОЧНО")


def test_what_an_operator_asked_and_got_no_answer_to_is_told() -> None:
    now = standing(customer("Где мой заказ?"), operator("Подскажите номер заказа?"))
    assert "Спросили, не ответил: «Подскажите номер заказа?»." in lines_of(now)


def test_offer_of_the_bot_to_call_back_waits_for_no_answer() -> None:
    offer = "Оставьте здесь ваш номер телефона, пожалуйста?"
    now = standing(customer("Где мой заказ?"), bot(offer, Action.HANDOFF))
    assert "не ответил" not in summarise_for_operator(now)
    assert [one.text for one in now.exchange.asked_by_us] == [offer]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("owner", Owner)
@pytest.mark.parametrize("reason", HandoffReason)
def test_every_state_has_its_words(lang: str, owner: Owner, reason: HandoffReason) -> None:
    words = ContextWords(lang, UTC, NOW)
    handoff = HANDOFF | {"reason": reason.value}
    for priority in Priority:
        for status in TicketStatus:
            now = replace(
                WHOLE,
                words=words,
                owner=owner,
                handoff=handoff | {"priority": priority.value},
                ticket={"number": 1, "status": status.value},
                unanswered_since=NOW,
                rating=4,
            )
            assert len(lines_of(now)) == MOST_LINES


def test_hostile_dialog_keeps_to_five_bounded_lines() -> None:
    flood = "\n".join(["a\nb\r\nc\u2028d"] * 300) + "?"
    whole = replace(
        WHOLE,
        exchange=read_exchange([customer(f"{flood} {n}") for n in range(50)], (), MASKER),
        customer=Customer(name=flood, segment=flood, attributes={flood: flood}),
        known=tuple(Known("name", f"{flood}{n}", "d", "web", NOW) for n in range(50)),
    )
    found = summarise_for_operator(whole).splitlines()
    assert len(found) <= MOST_LINES
    assert max(map(len, found)) < 700


def test_dialog_of_300_messages_tells_its_open_question() -> None:
    lines: list[Line] = []
    for n in range(100):
        lines += [
            customer(f"Как вернуть товар номер {n}?", f"m-{n}"),
            bot("За 30 дней.", Action.ANSWER, "returns"),
            customer("понятно, спасибо"),
        ]
    lines.append(customer("А куда делись мои баллы?", "last"))
    assert "«А куда делись мои баллы?»" in summarise_for_operator(standing(*lines))


def dialogs() -> Iterator[tuple[str, list[dict[str, str]], str]]:
    """Dialogs up to the customer's last message, with its intent where one is labelled."""
    for path in DATASETS:
        if not path.exists():
            continue
        for row in path.read_text(encoding="utf-8").splitlines():
            turns = json.loads(row)["turns"]
            last = max(at for at, turn in enumerate(turns) if turn["author"] == "customer")
            said = [{"author": turn["author"], "text": turn["text"]} for turn in turns[: last + 1]]
            yield f"{path.name}", said, turns[last].get("labels", {}).get("intent", "")


def test_labelled_dialogs_have_five_lines_at_most_and_the_open_question(parts: Parts) -> None:
    contexts = OperatorContexts(None, parts.understander.intents, MASKER, UTC)  # type: ignore[arg-type]
    seen = asking = 0
    for name, said, intent in dialogs():
        summary = contexts.of_messages(said, "ru")["summary"]
        seen += 1
        assert 1 <= len(summary.splitlines()) <= MOST_LINES, (name, said)
        if intent in ("question", "complaint"):
            asking += 1
            wanted = shorten(question_in(own_words(said[-1]["text"])), 60).rstrip("…")
            assert wanted in summary, (name, said, summary)
    assert seen >= 455
    assert asking >= 430


def test_file_of_development_dialogs_lies_where_it_is_looked_for() -> None:
    assert all(Path(path).exists() for path in DATASETS[:-1])
    assert isinstance(NOW, datetime)
