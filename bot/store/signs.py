"""Whose a line of the log is: a sign for a phone, another one each day, so that nobody is followed for longer."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.store.sealing import KeyRing

DIGITS = 10  # hexadecimal: two of a million phones of one day share a sign once in two days


@dataclass(frozen=True, slots=True)
class Signs:
    """`<key id>.<digits>`; "" without keys. Without its key a log tells which lines are one phone's, not whose."""

    ring: KeyRing

    def of(self, phone: str, now: float) -> str:
        """`now`: seconds since 1970; days are UTC's."""
        return next(self.all_of(phone, datetime.fromtimestamp(now, UTC).date().isoformat()), "") if phone else ""

    def all_of(self, phone: str, day: str) -> Iterator[str]:
        """By every key, for whoever looks a phone up in lines of that day, such as 2026-11-25."""
        for key_id, key in self.ring.derived(f"vaxtext log {day}").keys.items():
            yield f"{key_id}.{hmac.digest(key, phone.encode(), 'sha256').hex()[:DIGITS]}"
