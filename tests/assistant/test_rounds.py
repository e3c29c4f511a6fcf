"""Work beside the requests: again and again, whatever happens to it."""

from __future__ import annotations

from threading import Event

from assistant.rounds import Round, Rounds


def test_work_is_done_again_after_a_failure() -> None:
    done = Event()
    tries: list[int] = []

    def work() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise OSError("the database is away")
        done.set()

    rounds = Rounds([Round("work", 0.001, work)])
    rounds.start()
    assert done.wait(10)
    rounds.stop()


def test_work_that_hangs_delays_no_other() -> None:
    release, done = Event(), Event()
    rounds = Rounds([Round("hangs", 0.001, release.wait), Round("works", 0.001, done.set)])
    rounds.start()
    assert done.wait(10)
    release.set()
    rounds.stop()


def test_nothing_is_done_after_the_end() -> None:
    done = Event()
    rounds = Rounds([Round("work", 0.001, done.set)])
    rounds.start()
    assert done.wait(10)
    rounds.stop()
    done.clear()
    assert not done.wait(0.05)


def test_work_with_an_end_is_ended_once_when_nothing_is_done_any_more() -> None:
    done, said = Event(), []

    def work() -> None:
        said.append("work")
        if len(said) > 2:
            done.set()

    rounds = Rounds([Round("some", 0.001, work, lambda: said.append("end"))])
    rounds.start()
    assert done.wait(10)
    rounds.stop()
    assert said[-1] == "end"
    assert said.count("end") == 1
