"""Which process holds a lease, as far as this machine can tell: one that is gone for certain need
not be waited for. Linux only; elsewhere, and for processes of other machines or containers, nothing
is certain and leases are judged by their beat alone."""

from __future__ import annotations

import hashlib
import os
import secrets as randomness
from functools import cache
from pathlib import Path

_PROC = Path("/proc")


def new_lease_id() -> str:
    """A random id that says whose it is: where the process lives, its number and when it started
    (numbers come again), at most 64 characters."""
    return f"{_here()}.{os.getpid()}.{_started(os.getpid())}.{randomness.token_hex(10)}"


def is_certainly_gone(lease_id: str) -> bool:
    """Whether the process of a lease lived here and does no more."""
    here, _, rest = lease_id.partition(".")
    pid, _, rest = rest.partition(".")
    started = rest.partition(".")[0]
    if here != _here() or here == _NOWHERE or not pid.isdigit():
        return False
    return _started(int(pid)) != started


_NOWHERE = "nowhere"


@cache
def _here() -> str:
    """This start of this machine and the numbering of processes in it: the same for all that can
    see each other under their numbers."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        numbering = (_PROC / "self/ns/pid").stat().st_ino
    except OSError:
        return _NOWHERE
    return hashlib.sha256(f"{boot} {numbering}".encode()).hexdigest()[:12]


def _started(pid: int) -> str:
    """When a process started, in ticks since the machine did; empty where there is none."""
    try:
        line = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return ""
    state, *fields = line.rpartition(")")[2].split()
    return "" if state == "Z" else fields[18]  # a zombie works no more
