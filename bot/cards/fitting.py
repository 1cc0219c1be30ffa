"""What stays on a card when the QR code cannot take everything: the steps on which less and less of it is left. Pure.

Places go first: a verifier reads them only when a card is in doubt. Then lots, which no rule at a door asks for. Doses
go last, for they are what a card proves. On each of the three ways the oldest dose goes first.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.records import Immunization

Doses = Sequence[Immunization]

MOST = 100  # doses: so many that differ never fit, be they ever so bare


def longest(doses: Doses, pack: Callable[[Doses], bytes | None]) -> tuple[Doses, bytes] | None:
    """As much of these doses, the oldest first, as `pack` takes, and what it made of them.

    None if it does not even take the newest without lot and place.
    """
    newest = doses[-MOST:]
    if whole := pack(newest):
        return newest, whole
    steps = range(1, 3 * len(newest))
    at = bisect_left(steps, True, key=lambda step: pack(shortened(newest, step)) is not None)
    if at == len(steps):
        return None
    left = shortened(newest, steps[at])
    packed = pack(left)
    return (left, packed) if packed else None


def shortened(doses: Doses, steps: int) -> Doses:
    """Without so many places, then lots, then doses."""
    places, lots, gone = (steps - len(doses) * way for way in range(3))
    left = [
        replace(dose, place=None if at < places else dose.place, lot=None if at < lots else dose.lot)
        for at, dose in enumerate(doses)
    ]
    return left[max(gone, 0) :]
