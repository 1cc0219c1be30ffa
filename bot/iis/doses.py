"""One dose for each shot, though several providers may have reported it. Pure."""

import re
from collections.abc import Iterable

from bot.records import Immunization
from bot.vaccines import cvx_code

LOOKALIKES = str.maketrans("OIL", "011")


def merged(doses: Iterable[Immunization]) -> tuple[Immunization, ...]:
    """The doses by date; of one vaccine on one day only the report that says most.

    Reports whose lots differ are two shots: nobody gives one shot from two vials. A lot may be spelled in
    several ways.
    """
    shots: list[Immunization] = []
    for dose in sorted(doses, key=lambda dose: (dose.date, cvx_code(dose.cvx), -_told(dose), *_words(dose))):
        if not any(_is_same_shot(dose, shot) for shot in shots):
            shots.append(dose)
    return tuple(shots)


def _is_same_shot(dose: Immunization, shot: Immunization) -> bool:
    same = (dose.date, cvx_code(dose.cvx)) == (shot.date, cvx_code(shot.cvx))
    return same and (not dose.lot or not shot.lot or _folded(dose.lot) == _folded(shot.lot))


def _told(dose: Immunization) -> int:
    return sum(1 for fact in (dose.lot, dose.place, dose.mvx) if fact)


def _words(dose: Immunization) -> tuple[str, str, str]:
    return dose.lot or "", dose.place or "", dose.mvx or ""


def _folded(lot: str) -> str:
    """ "EW-0162" and "ewO162" are one lot."""
    return re.sub(r"[^0-9A-Z]", "", lot.upper()).translate(LOOKALIKES)
