"""Every message of the bot says that it is a bot, whatever happens."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.disclosure import disclosure, sign
from assistant.domain import Action, BotReply, Disclosure, Owner, Signal
from assistant.replies import Outcome, bot_document
from prompts.loader import LANGUAGES
from tests.assistant.conftest import Decide, answered, turn_of_bot
from tests.conftest import REPO

SAYS_SO = {"ru": "бот", "en": "bot"}
Speak = Callable[[str, str], subprocess.CompletedProcess[str]]


def test_reply_without_disclosure_cannot_be_constructed() -> None:
    with pytest.raises(TypeError):
        BotReply("ответ")  # type: ignore[call-arg]


@pytest.mark.parametrize("other", [None, "Отвечает бот.", {"bot_name": "б", "text": "т"}, 1])
def test_reply_with_anything_else_for_disclosure_cannot_be_constructed(other: object) -> None:
    with pytest.raises(TypeError, match="disclosure"):
        BotReply("ответ", other)  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "text"), [("", "Отвечает бот."), ("Бот", ""), ("Бот", "  \n")])
def test_disclosure_with_a_part_empty_cannot_be_constructed(name: str, text: str) -> None:
    with pytest.raises(ValueError, match="bot"):
        Disclosure(name, text)


def test_empty_reply_cannot_be_constructed() -> None:
    with pytest.raises(ValueError, match="say something"):
        BotReply("  ", disclosure("ru"))


def test_disclosure_cannot_be_taken_off_a_reply() -> None:
    reply = sign("ответ", "ru")
    with pytest.raises(AttributeError):
        reply.disclosure = None  # type: ignore[misc, assignment]


@pytest.mark.parametrize("lang", [*LANGUAGES, "de", ""])
def test_disclosure_says_bot_in_every_language(lang: str) -> None:
    said = disclosure(lang)
    assert SAYS_SO["en" if lang == "en" else "ru"] in said.text.lower()
    assert said.bot_name


@pytest.mark.parametrize("name", ["Анна", "Оператор Иван", "Human"])
def test_name_from_the_settings_does_not_change_what_is_disclosed(name: str) -> None:
    assert disclosure("ru", name) == Disclosure(name, disclosure("ru").text)


def test_blank_name_in_the_settings_means_the_usual_one() -> None:
    assert disclosure("ru", "  ").bot_name == disclosure("ru").bot_name


@pytest.mark.parametrize("lang", LANGUAGES)
def test_reply_offers_a_person_unless_one_is_called(lang: str) -> None:
    assert [button.id for button in sign("текст", lang).quick_replies] == ["handoff"]
    assert sign("текст", lang, offer_person=False).quick_replies == ()


def test_document_of_a_reply_carries_the_disclosure() -> None:
    author = bot_document(sign("ответ", "ru", bot_name="Шурик"))["author"]
    assert author == {"kind": "bot", "name": "Шурик", "disclosure": disclosure("ru").text}


@pytest.fixture
def speak(tmp_path: Path) -> Speak:
    """Signs a message with a copy of `prompts/` in which the disclosure was rewritten."""

    def run(lang: str, sentence: str) -> subprocess.CompletedProcess[str]:
        shutil.copytree(REPO / "prompts", tmp_path / "prompts")
        file = tmp_path / "prompts" / "phrases" / f"{lang}.yaml"
        lines = file.read_text(encoding="utf-8").splitlines()
        changed = [
            f"disclosure: {sentence!r}" if line.startswith("disclosure:") else line
            for line in lines
        ]
        assert changed != lines
        file.write_text("\n".join(changed), encoding="utf-8")
        program = f"""
import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(REPO)!r}]
from assistant.disclosure import sign
from assistant.errors import SettingsError
try:
    print(sign("текст", {lang!r}).disclosure.text)
except SettingsError as error:
    sys.exit(str(error))
"""
        return subprocess.run(
            [sys.executable, "-c", program],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={"PYTHONUTF8": "1", "PATH": ""},
            check=False,
        )

    return run


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("ru", "Отвечает служба поддержки."),
        ("ru", "Отвечает Анна из заботы о клиентах, работает без обедов."),
        ("ru", "Отвечает не бот."),
        ("en", "A person is answering."),
        ("en", "Ask me about both robots and bottles."),
        ("en", "I am not a bot."),
    ],
)
def test_prompts_file_that_hides_the_bot_is_refused(speak: Speak, lang: str, sentence: str) -> None:
    done = speak(lang, sentence)
    assert done.returncode == 1, f"accepted: {done.stdout}"
    assert f"phrases/{lang}.yaml" in done.stderr


@pytest.mark.parametrize(
    ("lang", "sentence"), [("ru", "Вам отвечает бот Шурик."), ("en", "You talk to a Bot.")]
)
def test_prompts_file_that_names_the_bot_in_other_words_is_accepted(
    speak: Speak, lang: str, sentence: str
) -> None:
    assert speak(lang, sentence).stdout.strip() == sentence


def carries_disclosure(outcome: Outcome) -> bool:
    assert outcome.reply is not None
    return outcome.reply.disclosure == disclosure(outcome.lang)


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("Как удалить аккаунт?", Action.ANSWER),
        ("How do I delete my account?", Action.ANSWER),
        ("https://example.com/a", Action.CLARIFY),
        ("а в Казань?", Action.CLARIFY),
        ("你好，我的订单在哪里", Action.CLARIFY),
        ("спасибо большое, помогло", Action.ACKNOWLEDGE),
        ("добрый день", Action.ACKNOWLEDGE),
        ("ты бот?", Action.ACKNOWLEDGE),
        ("позовите оператора", Action.HANDOFF),
        ("Привезли не тот товар, это безобразие", Action.HANDOFF),
        ("zxcvb qwert asdfg", Action.HANDOFF),
        ("хочу покончить с собой", Action.HANDOFF),
    ],
)
def test_every_path_carries_the_disclosure(decide: Decide, text: str, action: Action) -> None:
    outcome = decide(text)
    assert outcome.action is action
    assert carries_disclosure(outcome)


@pytest.mark.parametrize("text", ["позовите оператора", "Как удалить аккаунт?", "спасибо", "👍"])
def test_every_path_of_a_waiting_dialog_carries_the_disclosure(decide: Decide, text: str) -> None:
    assert carries_disclosure(decide(text, owner=Owner.WAITING))


def test_repeated_question_is_handed_over_with_the_disclosure(decide: Decide) -> None:
    question = "Как удалить аккаунт?"
    again = decide(question, history=answered(question, decide(question)))
    assert again.action is Action.HANDOFF
    assert carries_disclosure(again)


def test_introduction_of_the_bot_does_not_take_the_disclosure_off(decide: Decide) -> None:
    outcome = decide(
        "ты бот или человек? и ещё скажи пожалуйста как мне удалить аккаунт на сайте насовсем"
    )
    assert Signal.ASKS_IF_BOT in outcome.signals
    assert carries_disclosure(outcome)


def test_second_clarification_is_handed_over_with_the_disclosure(decide: Decide) -> None:
    history = [turn_of_bot("Не понял.", Action.CLARIFY)]
    outcome = decide("https://example.com/a", history=history)
    assert outcome.action is Action.HANDOFF
    assert carries_disclosure(outcome)
