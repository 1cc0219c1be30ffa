"""Named points on the road of a text at which tests kill, break or delay us. Off, unless VAXTEXT_FAULT says so."""

import itertools
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

POINTS = (
    "text_before_load",
    "text_enqueued_before_save",
    "text_saved_before_answer",
    "work_locked_before_lookup",
    "work_looked_up_before_seal",
    "work_sealed_before_put",
    "work_put_before_save",
    "work_saved_before_done",
    "delivery_claimed_before_sending",
    "delivery_sending_before_request",
    "delivery_answered_before_sid",
    "callback_before_change",
    "inbox_read_before_feeding",
    "inbox_fed_before_next",
    "end_saved_before_noted",
    "end_noted_before_cleared",
)
KINDS = ("kill", "raise", "delay")
DELAY = 1.0  # seconds


class Broken(Exception):
    """A fault that nobody foresaw, made by a test."""


@dataclass(frozen=True)
class Fault:
    """What happens whenever this process has reached the point another `every` times."""

    point: str
    kind: str
    every: int = 1
    reached: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1), compare=False)

    def reach(self) -> None:
        if next(self.reached) % self.every:  # `next` is one step: no two threads get the same number
            return
        os.write(2, f'{{"event": "fault_made", "point": "{self.point}"}}\n'.encode())  # one line, also if we die
        if self.kind == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.kind == "raise":
            raise Broken(self.point)
        time.sleep(DELAY)


_armed: dict[str, Fault] = {}


def read_faults(text: str) -> tuple[Fault, ...]:
    """`point:kind` or `point:kind:every`, several with commas. Raises ValueError with the fix."""
    return tuple(_read(part.strip()) for part in text.split(",") if part.strip())


def arm(faults: Iterable[Fault]) -> None:
    """From now on these, and no others, happen in this process and in those that it forks."""
    _armed.clear()
    _armed.update((fault.point, fault) for fault in faults)


def reach(point: str) -> None:
    """We are there. Costs nothing while nothing is armed."""
    if _armed and (fault := _armed.get(point)):
        fault.reach()


def _read(text: str) -> Fault:
    point, _, rest = text.partition(":")
    kind, _, every = rest.partition(":")
    every = every or "1"
    if point not in POINTS or kind not in KINDS or not every.isdecimal() or int(every) < 1:
        raise ValueError(f"write point:kind:every, where kind is one of {', '.join(KINDS)}, as in {POINTS[0]}:kill:3")
    return Fault(point, kind, int(every))
