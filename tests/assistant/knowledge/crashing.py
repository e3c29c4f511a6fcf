"""Ends a process, or fails, at the n-th change that it makes below a folder.

Run as a program: `python -m tests.assistant.knowledge.crashing HOW BASE INTO ACTION`. Copies the
data folder BASE to INTO/000, INTO/001, … and does ACTION (publish, rollback) in each, in a child
that is killed (or, with HOW = raise, gets "no space left") just before its change of that number.
The last copy is the one in which nothing went wrong. Exit statuses: 0 nothing went wrong, 1 the
failure was reported, 2 it did not matter to the action.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

from assistant.knowledge.snapshot import SnapshotStore
from tests.assistant.knowledge.contents import tiny

AFTER = ("Доставка курьером завтра.", "Возврат за 14 дней.")
_CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.rmtree"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def _is_change(event: str, arguments: tuple[Any, ...]) -> bool:
    if event == "open":
        return bool(arguments[2] & _WRITING)
    return event in _CHANGES


def _arm(how: str, folder: Path, number: int) -> list[int]:
    left = [number]
    below = str(folder)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if not _is_change(event, arguments) or not str(arguments[0]).startswith(below):
            return
        if left[0] == 0:
            left[0] = -1
            if how == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError(errno.ENOSPC, "no space left on device")
        left[0] -= 1

    sys.addaudithook(hook)
    return left


def _act(folder: Path, action: str) -> None:
    store = SnapshotStore(folder)
    with store.exclusive():
        if action == "publish":
            store.publish(tiny(*AFTER))
        else:
            store.rollback()


def _child(how: str, folder: Path, action: str, number: int) -> int:
    process = os.fork()
    if process == 0:
        try:
            left = _arm(how, folder, number)
            _act(folder, action)
        except OSError:
            os._exit(1)
        except BaseException:  # noqa: BLE001 - a child never returns into the parent's code
            os._exit(3)
        os._exit(0 if left[0] >= 0 else 2)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def main(how: str, base: str, into: str, action: str) -> None:
    """See above; prints a line a copy: its name and the exit status of its child."""
    for number in range(200):
        folder = Path(into) / f"{number:03}"
        shutil.copytree(base, folder)
        status = _child(how, folder, action, number)
        sys.stdout.write(f"{folder.name} {status}\n")
        sys.stdout.flush()
        if status == 0:
            return
    raise SystemExit("it never ended")


if __name__ == "__main__":
    main(*sys.argv[1:])
