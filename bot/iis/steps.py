"""The steps by which `vaxtext iis check` tries a registry; every dialect has its own."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that must work. `run` answers with a sentence, or raises IISUnavailable or IISRejected with one."""

    name: str  # "connect", "authenticate", "ready"
    run: Callable[[], str]
