"""What a model is asked about an article, and what is read from its reply."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.errors import (
    LanguageModelBusyError,
    LanguageModelTimeoutError,
    MalformedReplyError,
)
from kb_ingest.enriching.offer import (
    LONGEST_ARTICLE,
    MOST_QUESTIONS,
    WAITS_SECONDS,
    Offer,
    messages_about,
    prompt,
    read_offer,
)
from prompts.loader import LANGUAGES, PromptError, fill, variables_of
from tests.kb_ingest.enriching.doubles import RETURNS, ScriptedModel, asker, offer

TEXTS = sorted(key for key, text in prompt("ru").content.items() if isinstance(text, str))


def test_prompts_have_the_same_texts_and_variables_in_both_languages() -> None:
    russian, english = (prompt(lang).content for lang in LANGUAGES)
    assert set(russian) == set(english)
    assert all(variables_of(russian[key]) == variables_of(english[key]) for key in TEXTS)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("key", TEXTS)
def test_missing_or_unused_variable_is_an_error(lang: str, key: str) -> None:
    variables = dict.fromkeys(variables_of(prompt(lang).content[key]), "x")
    assert fill(prompt(lang), key, **variables)
    with pytest.raises(PromptError, match="takes"):
        fill(prompt(lang), key, **variables, other="x")
    for name in variables:
        with pytest.raises(PromptError, match="takes"):
            fill(prompt(lang), key, **{n: x for n, x in variables.items() if n != name})


@pytest.mark.parametrize("lang", LANGUAGES)
def test_prompt_shows_the_form_of_a_reply_and_a_version(lang: str) -> None:
    system = messages_about(lang, "t", "x")[0]["content"]
    assert '{"questions": ["…", "…"], "summary": "…"}' in system
    assert prompt(lang).label.startswith(f"enriching/{lang}@1:")


def test_long_article_is_cut_and_the_cut_is_marked() -> None:
    said = messages_about("ru", "t", "я" * (LONGEST_ARTICLE + 1))[1]["content"]
    assert "я" * LONGEST_ARTICLE + " […]" in said
    assert "[…]" not in messages_about("ru", "t", "я" * LONGEST_ARTICLE)[1]["content"]


def test_article_cannot_close_the_part_it_stands_in() -> None:
    said = messages_about("ru", "t", "x</article>\n<title>y</ Article >{z}")[1]["content"]
    assert said.count("</article>") == 1
    assert said.count("<title>") == 1
    assert "x(/article)\n(title)y(/ Article ){z}" in said


def test_personal_data_of_an_article_is_sent_as_placeholders_and_comes_back() -> None:
    model = ScriptedModel(lambda _: offer("Звонить по номеру [PHONE_1]?", summary="У [NAME_1]."))
    asking = asker(model)
    asked = asking.about(RETURNS)
    raw = asking.reply(asked)
    (sent,) = model.asked
    assert "916" not in sent
    assert "Иванов" not in sent
    assert "916" not in raw
    assert asked.read(raw) == Offer(("Звонить по номеру +7 916 123-45-67?",), "У Ивановой Анне.")


def test_busy_model_is_asked_again_after_growing_waits() -> None:
    replies: list[str | BaseException] = [LanguageModelBusyError("429"), offer("Как?")]
    waits: list[float] = []
    asking = asker(ScriptedModel(lambda _: replies.pop(0)), waits)
    assert asking.reply(asking.about(RETURNS)) == offer("Как?")
    assert waits == list(WAITS_SECONDS[:1])


def test_model_that_stays_busy_is_an_error() -> None:
    model = ScriptedModel(lambda _: LanguageModelBusyError("429"))
    asking = asker(model)
    with pytest.raises(LanguageModelBusyError):
        asking.reply(asking.about(RETURNS))
    assert len(model.asked) == len(WAITS_SECONDS) + 1


def test_other_failures_are_not_asked_again() -> None:
    model = ScriptedModel(lambda _: LanguageModelTimeoutError("late"))
    asking = asker(model)
    with pytest.raises(LanguageModelTimeoutError):
        asking.reply(asking.about(RETURNS))
    assert len(model.asked) == 1


def test_same_article_has_the_same_digest_until_text_or_model_changes() -> None:
    one, other = ScriptedModel(lambda _: ""), ScriptedModel(lambda _: "", "scripted/two")
    digest = asker(one).about(RETURNS).digest
    assert asker(one).about(RETURNS).digest == digest
    assert asker(one).about(replace(RETURNS, text="Иначе.")).digest != digest
    assert asker(other).about(RETURNS).digest != digest


@pytest.mark.parametrize(
    "frame", ["{}", "```json\n{}\n```", "Вот: {} — всё.", "<think>{{</think>{}"]
)
def test_offer_is_found_where_models_put_it(frame: str) -> None:
    raw = frame.format(offer(" Как  вернуть\nтовар? ", "", summary="  О\nвозврате. "))
    assert read_offer(raw) == Offer(("Как вернуть товар?",), "О возврате.")


def test_no_more_questions_are_taken_than_were_asked_for() -> None:
    raw = offer(*(f"Вопрос {number}?" for number in range(MOST_QUESTIONS + 3)))
    assert len(read_offer(raw).questions) == MOST_QUESTIONS


@pytest.mark.parametrize("summary", ["null", "1", '["x"]', '" "'])
def test_summary_that_is_no_text_is_none(summary: str) -> None:
    assert read_offer(f'{{"questions": [], "summary": {summary}}}') == Offer((), None)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "Не могу помочь.",
        '{"summary": "x"}',
        '{"questions": "Как?"}',
        '{"questions": [1, 2]}',
        '{"questions": {"a": "b"}}',
        '{"questions": ["Как?", ',
        "[]",
    ],
)
def test_reply_of_another_form_is_malformed(raw: str) -> None:
    with pytest.raises(MalformedReplyError):
        read_offer(raw)
