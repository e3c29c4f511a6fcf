"""The messages that ask for a draft: masked, and with nothing in them that could pass for a tag."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.domain import Turn
from assistant.known import names_of_kinds
from assistant.language_models.asking import Message
from assistant.privacy.masking import Masking
from assistant.privacy.placeholders import placeholders_in
from assistant.text import shorten
from assistant.writing.task import BOTS_PROMPT, WritingTask, shown_text
from prompts.loader import LANGUAGES, TextFile, fill, read

TURNS = 6
"""Turns of the dialog that are shown, the latest."""
_TURN_CHARACTERS = 500
_MESSAGE_CHARACTERS = 2000
_NO_TAGS = str.maketrans("<>", "‹›")
"""Material cannot open or close a tag, of ours or of the model's own."""


def prompt_file(lang: str, prompt: str = BOTS_PROMPT) -> TextFile:
    """The prompt of that name in a language."""
    return read(f"{prompt}/{lang if lang in LANGUAGES else LANGUAGES[0]}")


def system_prompt(lang: str, prompt: str = BOTS_PROMPT) -> str:
    """The part that stays the same for every customer."""
    return fill(prompt_file(lang, prompt), "system")


def messages_for(task: WritingTask, masking: Masking) -> list[Message]:
    """What the model is sent. Everything that a person typed is masked first, the whole dialog in
    order, so that a value keeps its placeholder from message to message; the name and the
    attributes of the customer are not sent at all."""
    file = prompt_file(task.lang, task.prompt)
    passages = [
        fill(
            file,
            "passage",
            number=number,
            title=_material(passage.article.title),
            text=_material(shown_text(passage)),
        )
        for number, passage in enumerate(task.passages, start=1)
    ]
    history = _dialog(file, task.history, masking)
    message = plain(masking.mask(task.message).text)[:_MESSAGE_CHARACTERS]
    asked = fill(
        file,
        "user",
        passages="\n".join(passages),
        history=history,
        message=message,
        tone=fill(file, f"tone_{task.intent.value}"),
        known=_known(file, task),
    )
    return [
        {"role": "system", "content": system_prompt(task.lang, task.prompt)},
        {"role": "user", "content": asked},
    ]


def _known(file: TextFile, task: WritingTask) -> str:
    """Which kinds of things the customer has told; of the values only those of this dialog are
    sent, as placeholders where they were said."""
    kinds = names_of_kinds(task.known, task.lang)
    return "\n" + fill(file, "known", kinds=", ".join(kinds)) if kinds else ""


def _dialog(file: TextFile, history: Sequence[Turn], masking: Masking) -> str:
    # A bot's turn is made of what the customer typed and of articles: all turns may name somebody.
    masked = [(turn, masking.mask(turn.text).text) for turn in history]
    lines = [
        fill(
            file,
            "said",
            author=fill(file, f"author_{turn.author.value}"),
            text=shorten(plain(text), _TURN_CHARACTERS),
        )
        for turn, text in masked[-TURNS:]
    ]
    return "\n".join(lines) or fill(file, "none")


def _material(text: str) -> str:
    """An article's words, in which nothing reads as a placeholder of this dialog."""
    for start, end, _ in reversed(placeholders_in(text)):
        text = f"{text[:start]}({text[start:end].strip('[]')}){text[end:]}"
    return plain(text)


def plain(text: str) -> str:
    """Material in which nothing opens or closes a tag."""
    return text.translate(_NO_TAGS)
