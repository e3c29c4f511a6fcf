"""Work that is done again and again beside the requests."""

from __future__ import annotations

import threading

from assistant.rounds import Round, Rounds


def test_work_is_done_again_and_ended_once_nothing_is_done_any_more() -> None:
    done, said = threading.Event(), []

    def work() -> None:
        said.append("work")
        if len(said) > 2:
            done.set()

    rounds = Rounds([Round("some", 0.01, work, lambda: said.append("end"))])
    rounds.start()
    assert done.wait(10)
    rounds.stop()
    assert said[-1] == "end"
    assert said.count("end") == 1


def test_work_that_fails_is_tried_again_and_stops_no_other() -> None:
    failed, done = [], threading.Event()

    def fail() -> None:
        failed.append("once")
        raise RuntimeError("broken")

    def work() -> None:
        if len(failed) > 2:
            done.set()

    rounds = Rounds([Round("broken", 0.01, fail), Round("whole", 0.01, work)])
    rounds.start()
    assert done.wait(10)
    rounds.stop()
