"""The same is asked once; nothing is remembered that did not come whole."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.errors import (
    LanguageModelError,
    LanguageModelStoppedError,
    MalformedReplyError,
)
from assistant.language_models.asking import CallOutcome, Deadline, ModelRequest
from assistant.language_models.remembering import RememberingModels, ShortMemory
from tests.assistant.writing.scripted import ScriptedModels


def asked(key: str | None) -> ModelRequest:
    return ModelRequest("draft", [], 10, Deadline(1), cache_key=key)


def joined(pieces: Iterator[str]) -> str:
    return "".join(pieces)


def refuse(pieces: Iterator[str]) -> str:
    raise MalformedReplyError("".join(pieces))


def test_second_time_the_reply_comes_from_memory_and_costs_nothing() -> None:
    models = ScriptedModels(["да", ", можно"])
    remembering = RememberingModels(models, ShortMemory())
    first = remembering.first_good(asked("k"), joined)
    second = remembering.first_good(asked("k"), joined)
    assert first[0] == second[0] == "да, можно"
    assert len(models.requests) == 1
    assert [call.outcome for call in second[1]] == [CallOutcome.CACHED]
    assert second[1][0].prompt_tokens == second[1][0].completion_tokens == 0


def test_another_key_and_no_key_are_asked_anew() -> None:
    models = ScriptedModels("a", "b", "c", "d")
    remembering = RememberingModels(models, ShortMemory())
    keys = ["k", "other", None, None]
    assert [remembering.first_good(asked(key), joined)[0] for key in keys] == ["a", "b", "c", "d"]


def test_reply_that_broke_off_is_not_remembered() -> None:
    models = ScriptedModels(["по", LanguageModelError("cut")], "полный ответ")
    remembering = RememberingModels(models, ShortMemory())
    assert remembering.first_good(asked("k"), joined)[0] is None
    assert remembering.first_good(asked("k"), joined)[0] == "полный ответ"


def test_reply_that_could_not_be_used_is_not_remembered() -> None:
    models = ScriptedModels("чепуха", "ответ")
    remembering = RememberingModels(models, ShortMemory())
    assert remembering.first_good(asked("k"), refuse)[0] is None
    assert remembering.first_good(asked("k"), joined)[0] == "ответ"


def test_what_was_not_asked_for_longest_is_forgotten_first() -> None:
    memory = ShortMemory(most=2)
    for key in ("a", "b"):
        memory.remember(key, key)
    memory.recall("a")
    memory.remember("c", "c")
    assert [memory.recall(key) for key in ("a", "b", "c")] == ["a", None, "c"]


def test_reply_that_is_not_whole_is_not_remembered() -> None:
    models = ScriptedModels("половина", "весь ответ")
    remembering = RememberingModels(models, ShortMemory(), is_whole=lambda made: "весь" in made)
    assert remembering.first_good(asked("k"), joined)[0] == "половина"
    assert remembering.first_good(asked("k"), joined)[0] == "весь ответ"
    assert remembering.first_good(asked("k"), joined)[1][0].outcome is CallOutcome.CACHED


def test_remembered_reply_that_is_of_no_use_is_asked_anew() -> None:
    models = ScriptedModels("старый", "новый")
    remembering = RememberingModels(models, ShortMemory())
    remembering.first_good(asked("k"), joined)

    def only_new(pieces: Iterator[str]) -> str:
        said = "".join(pieces)
        if said == "старый":
            raise MalformedReplyError("stricter now")
        return said

    assert remembering.first_good(asked("k"), only_new)[0] == "новый"
    assert remembering.first_good(asked("k"), only_new)[1][0].outcome is CallOutcome.CACHED


def test_nobody_who_listens_to_a_remembered_reply_asks_no_model() -> None:
    models = ScriptedModels("ответ")
    remembering = RememberingModels(models, ShortMemory())
    remembering.first_good(asked("k"), joined)

    def gone(_pieces: Iterator[str]) -> str:
        raise LanguageModelStoppedError("gone")

    made, calls = remembering.first_good(asked("k"), gone)
    assert made is None
    assert [call.outcome for call in calls] == [CallOutcome.STOPPED]
    assert len(models.requests) == 1


def test_reply_of_the_model_that_stands_in_is_not_remembered() -> None:
    class TwoModels(ScriptedModels):
        names = ("first", "scripted")

    models = TwoModels("запасной", "свой")
    remembering = RememberingModels(models, ShortMemory())
    assert [remembering.first_good(asked("k"), joined)[0] for _ in range(2)] == ["запасной", "свой"]
