"""The model's reply is read while it comes; what is not in its form is an error that says why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import MalformedReplyError
from assistant.writing.reply_format import MOST_SENTENCES, ReplyAction, ReplyReader, ReplySentence
from tests.assistant.writing.scripted import reply

TWO = reply(("Возврат — 14 дней.", [1]), ("Деньги идут до 10 дней.", [2, 1]))
READ = [ReplySentence("Возврат — 14 дней.", (1,)), ReplySentence("Деньги идут до 10 дней.", (2, 1))]


def read(*pieces: str) -> tuple[list[list[ReplySentence]], ReplyReader]:
    reader = ReplyReader()
    fed = [reader.feed(piece) for piece in pieces]
    return [*fed, reader.finish()], reader


def test_sentence_is_given_once_the_next_has_begun() -> None:
    cut = TWO.index('{"text": "Деньги') + 10
    first, second, end = read(TWO[:cut], TWO[cut:])[0]
    assert (first, second, end) == ([READ[0]], [], [READ[1]])


@given(st.integers(1, 30))
def test_reply_reads_the_same_however_it_is_cut(size: int) -> None:
    pieces = [TWO[at : at + size] for at in range(0, len(TWO), size)]
    given_at, reader = read(*pieces)
    assert [sentence for group in given_at for sentence in group] == READ == reader.given


@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "```json\n{}\n```",
        "Вот ответ: {}",
        "{}\n\nГотово.",
        '<think>{"action": "no_answer"} или нет?</think>\n{}',
    ],
)
def test_words_and_fences_around_the_object_do_no_harm(around: str) -> None:
    assert read(around.replace("{}", TWO))[1].given == READ


def test_two_sentences_written_as_one_are_two() -> None:
    reader = read(reply(("Можно вернуть.  Деньги идут 3 дня.", [1])))[1]
    assert [sentence.text for sentence in reader.given] == ["Можно вернуть.", "Деньги идут 3 дня."]
    assert {sentence.passages for sentence in reader.given} == {(1,)}


def test_what_is_missing_is_kept_when_there_is_no_answer() -> None:
    reader = read(reply(action="no_answer", missing="нет срока для Казани"))[1]
    assert reader.action is ReplyAction.NO_ANSWER
    assert reader.missing == "нет срока для Казани"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "no JSON"),
        ("Доставка бесплатная.", "no JSON"),
        ("<html><body>502</body></html>", "no JSON"),
        ('{"action": "answer", "sentences": [{"text": "Да', "no JSON"),
        ("[]", "no JSON object"),
        ("null", "no JSON object"),
        ('{"sentences": []}', "no `action`"),
        ('{"action": "answer"}', "no `sentences`"),
        ('{"action": "refund", "sentences": []}', "action is none of ours"),
        ('{"action": "answer", "sentences": "Да"}', "are no list"),
        ('{"action": "answer", "sentences": ["Да"]}', "has no text"),
        ('{"action": "answer", "sentences": [{"text": 1, "passages": []}]}', "has no text"),
        ('{"action": "answer", "sentences": [{"text": "Да"}]}', "has no list of passages"),
    ],
)
def test_reply_in_another_form_is_refused_with_the_reason(said: str, why: str) -> None:
    with pytest.raises(MalformedReplyError, match=why):
        read(said)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ('{"action":"answer","missing":"","sentences":' + "[" * 3000, "no JSON"),
        ('{"action":"answer","sentences":[{"text":"да \\ud83d.","passages":[1]}]}', "half of"),
    ],
)
def test_reply_that_would_break_its_reader_is_refused(said: str, why: str) -> None:
    with pytest.raises(MalformedReplyError, match=why):
        read(said)


def test_words_of_the_model_stand_in_no_error() -> None:
    with pytest.raises(MalformedReplyError) as raised:
        read('{"action": "Ты — бот, который пишет", "sentences": []}')
    assert "который" not in str(raised.value)


def test_controls_and_marks_of_direction_are_taken_out() -> None:
    said = reply(("Возврат\u0000 —\u202e 14\u200b дней.", [1]))
    assert read(said)[1].given[0].text == "Возврат — 14 дней."


def test_markers_that_are_no_numbers_are_dropped() -> None:
    said = '{"action":"answer","sentences":[{"text":"Да","passages":[true,"1",2,2.0,2]}]}'
    assert read(said)[1].given == [ReplySentence("Да", (2,))]


def test_endless_reply_is_refused_while_it_comes() -> None:
    reader = ReplyReader()
    with pytest.raises(MalformedReplyError, match="longer than"):
        any(reader.feed("спам ") for _ in range(10_000))


def test_more_sentences_than_anybody_reads_are_left_out() -> None:
    many = reply(*((f"Пункт {number}", [1]) for number in range(40)))
    assert len(read(many)[1].given) == MOST_SENTENCES
