"""Who is asked, in which order, how often, and what is told of it. Models are scripted doubles;
tests/assistant/language_models/test_faults.py has real ones."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from assistant.errors import (
    LanguageModelBusyError,
    LanguageModelError,
    LanguageModelRefusedError,
    LanguageModelStoppedError,
    LanguageModelTimeoutError,
    MalformedReplyError,
    StoreError,
)
from assistant.language_models.asking import CallOutcome, ModelCall, ModelRequest
from assistant.language_models.breaker import Breaker, Circuit
from assistant.language_models.budget import Limits
from assistant.language_models.chain import FIRST_SHARE, LONGEST_PAUSE_SECONDS
from assistant.language_models.ledger import MemoryLedger, Spent
from assistant.language_models.streaming import Usage
from tests.assistant.language_models.conftest import Turned, chain_of, request, whole

O = CallOutcome  # noqa: E741 - lists of outcomes are read across
USAGE = Usage(100, 10, 0.25)


def again(retry_after: float | None = None) -> LanguageModelError:
    """A failure after which asking again does no harm."""
    if retry_after is None:
        error = LanguageModelError("nobody there")
        error.may_ask_again = True
        return error
    error = LanguageModelBusyError("busy")
    error.retry_after_seconds = retry_after
    return error


@dataclass
class Scripted:
    """A model that says pieces and raises errors in the order of its script; the last one again."""

    name: str
    script: list[list[str | LanguageModelError]]
    asked: list[ModelRequest] = field(default_factory=list)
    closed: int = 0

    def stream(self, request: ModelRequest) -> ScriptedReply:
        self.asked.append(request)
        return ScriptedReply(self, self.script[min(len(self.asked), len(self.script)) - 1])


class ScriptedReply:
    """One reply of it."""

    def __init__(self, model: Scripted, pieces: list[str | LanguageModelError]) -> None:
        self._model = model
        self._left = iter(pieces)
        self.usage = USAGE

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        piece = next(self._left)
        if isinstance(piece, LanguageModelError):
            raise piece
        return piece

    def close(self) -> None:
        self._model.closed += 1


class Kept(MemoryLedger):
    """A ledger that shows the calls themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[ModelCall] = []

    def add_calls(self, calls: Sequence[ModelCall], dialog_id: str | None) -> None:
        super().add_calls(calls, dialog_id)
        self.calls += calls


def good(name: str = "second") -> Scripted:
    return Scripted(name, [["Здрав", "ствуйте"]])


def bad(*errors: LanguageModelError, name: str = "first") -> Scripted:
    return Scripted(name, [[error] for error in errors])


def leave_alone(breaker: Breaker, seconds: float) -> None:
    """Open it, as a failure does whose server asks for a pause."""
    leave = breaker.may_ask()
    assert leave is not None
    breaker.failed(leave, seconds)


def told(calls: tuple[ModelCall, ...]) -> list[tuple[str, CallOutcome]]:
    return [(call.model, call.outcome) for call in calls]


def test_first_model_that_answers_is_the_only_one_asked() -> None:
    first, second = good("first"), good("second")
    made, calls = chain_of(first, second).first_good(request(9), whole)
    assert made == "Здравствуйте"
    assert told(calls) == [("first", O.OK)]
    assert (calls[0].purpose, calls[0].detail) == ("draft", "")
    assert (calls[0].prompt_tokens, calls[0].completion_tokens, calls[0].cost_usd) == (
        100,
        10,
        0.25,
    )
    assert second.asked == []
    assert first.closed == 1


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (LanguageModelTimeoutError("t"), O.TIMEOUT),
        (LanguageModelBusyError("b"), O.BUSY),
        (LanguageModelRefusedError("r"), O.REFUSED),
        (LanguageModelError("e"), O.FAILED),
        (MalformedReplyError("m"), O.MALFORMED),
    ],
)
def test_after_a_failure_the_next_model_is_asked_once(
    error: LanguageModelError, outcome: CallOutcome
) -> None:
    first = bad(error)
    chain = chain_of(first, good())
    made, calls = chain.first_good(request(9), whole)
    assert made == "Здравствуйте"
    assert told(calls) == [("first", outcome), ("second", O.OK)]
    assert calls[0].detail == str(error)
    assert len(first.asked) == first.closed == 1
    assert chain.names == ("first", "second")


def test_harmless_failure_is_tried_once_more_and_never_twice_a_request() -> None:
    first, second = bad(again()), bad(again(), name="second")
    _, calls = chain_of(first, second).first_good(request(9), whole)
    assert told(calls) == [("first", O.FAILED), ("first", O.FAILED), ("second", O.FAILED)]


def test_nothing_is_tried_again_once_text_came() -> None:
    first = Scripted("first", [["Здрав", again()]])
    _, calls = chain_of(first).first_good(request(9), whole)
    assert told(calls) == [("first", O.FAILED)]


def test_nothing_is_tried_again_without_room() -> None:
    _, calls = chain_of(bad(again())).first_good(request(0.5), whole)
    assert told(calls) == [("first", O.FAILED)]


def test_busy_model_is_waited_for_only_where_nobody_else_can_be_asked() -> None:
    chain = chain_of(Scripted("first", [[again(0.3)], ["да"]]))
    assert told(chain.first_good(request(9), whole)[1]) == [("first", O.BUSY), ("first", O.OK)]
    chain = chain_of(Scripted("first", [[again(0.3)], ["да"]]), good())
    assert told(chain.first_good(request(9), whole)[1]) == [("first", O.BUSY), ("second", O.OK)]


def test_model_that_is_busy_for_long_is_not_waited_for_and_left_alone() -> None:
    clock = Turned()
    chain = chain_of(
        bad(again(10_000.0)), breakers={"first": Breaker(clock=clock, chance=lambda: 0)}
    )
    assert told(chain.first_good(request(9), whole)[1]) == [("first", O.BUSY)]
    assert chain.circuits()["first"] is Circuit.OPEN
    clock.now += LONGEST_PAUSE_SECONDS
    assert chain.circuits()["first"] is Circuit.HALF_OPEN


def test_first_model_does_not_get_all_of_the_time_while_another_waits() -> None:
    first, second = bad(LanguageModelError("e")), good()
    chain_of(first, second).first_good(request(100), whole)
    assert 90 * FIRST_SHARE < first.asked[0].deadline.left() <= 100 * FIRST_SHARE
    assert second.asked[0].deadline.left() > 90


def test_first_model_gets_all_of_the_time_where_the_others_are_left_alone() -> None:
    first, second = good("first"), good()
    chain = chain_of(first, second)
    leave_alone(chain.breakers["second"], 60)
    chain.first_good(request(100), whole)
    assert first.asked[0].deadline.left() > 90


def test_open_circuit_is_passed_over_and_told() -> None:
    first = good("first")
    chain = chain_of(first, good())
    leave_alone(chain.breakers["first"], 60)
    made, calls = chain.first_good(request(9), whole)
    assert made == "Здравствуйте"
    assert told(calls) == [("first", O.NOT_ASKED), ("second", O.OK)]
    assert "circuit" in calls[0].detail
    assert (calls[0].prompt_tokens, calls[0].cost_usd) == (0, 0.0)
    assert first.asked == []


def test_spent_budget_passes_over_all_models_and_says_which_limit() -> None:
    ledger = MemoryLedger()
    chain = chain_of(good("first"), good(), limits=Limits(tokens_per_dialog=200), ledger=ledger)
    assert told(chain.first_good(request(9), whole)[1]) == [("first", O.OK)]
    assert ledger.spent("d-1") == Spent(110, 0.25)
    made, calls = chain.first_good(request(9), whole)
    assert made is None
    assert told(calls) == [("first", O.NOT_ASKED), ("second", O.NOT_ASKED)]
    assert calls[0].detail == "the dialog's 200 tokens are spent"
    assert told(chain.first_good(request(9, dialog_id="d-2"), whole)[1]) == [("first", O.OK)]


def test_what_failed_in_the_same_request_counts_for_the_budget() -> None:
    chain = chain_of(bad(LanguageModelError("e")), good(), limits=Limits(tokens_per_dialog=220))
    assert told(chain.first_good(request(9), whole)[1]) == [
        ("first", O.FAILED),
        ("second", O.NOT_ASKED),
    ]


def test_without_time_nobody_is_asked() -> None:
    first = good("first")
    made, calls = chain_of(first, good()).first_good(request(0.0), whole)
    assert made is None
    assert told(calls) == [("first", O.NOT_ASKED), ("second", O.NOT_ASKED)]
    assert first.asked == []


def test_whoever_is_not_wanted_any_more_asks_nobody() -> None:
    stop = threading.Event()
    stop.set()
    first = good("first")
    _, calls = chain_of(first).first_good(request(9, stop=stop), whole)
    assert told(calls) == [("first", O.NOT_ASKED)]
    assert first.asked == []


def test_stop_says_nothing_against_a_model() -> None:
    chain = chain_of(bad(*[LanguageModelStoppedError("s")] * 5))
    for _ in range(5):
        assert told(chain.first_good(request(9), whole)[1]) == [("first", O.STOPPED)]
    assert chain.circuits()["first"] is Circuit.CLOSED


def test_who_was_given_next_to_no_time_is_not_blamed_for_being_slow() -> None:
    chain = chain_of(bad(LanguageModelTimeoutError("t")))
    for _ in range(5):
        chain.first_good(request(0.3), whole)
    assert chain.circuits()["first"] is Circuit.CLOSED
    for _ in range(3):
        chain.first_good(request(9), whole)
    assert chain.circuits()["first"] is Circuit.OPEN


def test_reply_that_is_not_what_was_asked_for_does_not_open_the_circuit() -> None:
    def refuse(pieces: Iterator[str]) -> str:
        raise MalformedReplyError(f"no JSON in {len(''.join(pieces))} letters")

    chain = chain_of(good("first"))
    for _ in range(5):
        made, calls = chain.first_good(request(9), refuse)
        assert (made, told(calls)) == (None, [("first", O.MALFORMED)])
    assert chain.circuits()["first"] is Circuit.CLOSED


def test_mistake_of_ours_is_raised_and_frees_the_trial() -> None:
    def break_down(_: Iterator[str]) -> str:
        raise KeyError("ours")

    clock, first = Turned(), good("first")
    breaker = Breaker(clock=clock)
    leave_alone(breaker, 1)
    clock.now += 5
    chain = chain_of(first, breakers={"first": breaker})
    with pytest.raises(KeyError):
        chain.first_good(request(9), break_down)
    assert first.closed == 1
    assert breaker.is_ready


def test_every_call_is_kept_under_its_dialog() -> None:
    ledger = MemoryLedger()
    chain = chain_of(bad(again()), good(), ledger=ledger)
    _, calls = chain.first_good(request(9), whole)
    assert len(calls) == 3
    assert ledger.spent("d-1") == Spent(330, 0.75)


def test_call_counts_though_what_was_done_with_its_reply_broke_down() -> None:
    def post(pieces: Iterator[str]) -> str:
        next(pieces)
        raise StoreError("a text of the customer's")

    ledger, first, second = Kept(), good("first"), good()
    chain = chain_of(first, second, ledger=ledger)
    with pytest.raises(StoreError, match="a text of the customer's"):
        chain.first_good(request(9), post)
    assert ledger.spent("d-1") == Spent(110, 0.25)
    (call,) = ledger.calls
    assert (call.model, call.outcome) == ("first", O.FAILED)
    assert call.detail == "the reply could not be used: StoreError"
    assert second.asked == []
    assert chain.circuits()["first"] is Circuit.CLOSED


def test_server_that_failed_is_blamed_though_ours_broke_down_over_it() -> None:
    def break_down(pieces: Iterator[str]) -> str:
        try:
            return "".join(pieces)
        except LanguageModelError as error:
            raise StoreError("gone") from error

    chain = chain_of(bad(LanguageModelTimeoutError("t")), ledger=(ledger := Kept()))
    for _ in range(3):
        with pytest.raises(StoreError):
            chain.first_good(request(9), break_down)
    assert [call.outcome for call in ledger.calls] == [O.TIMEOUT] * 3
    assert chain.circuits()["first"] is Circuit.OPEN
