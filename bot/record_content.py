"""What page and cards show of a record: its doses by vaccine group, each on the group's card or left out, and why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import orjson

from bot.ports import Cards
from bot.records import Immunization, VaccineRecord
from bot.vaccines import ALL, COVID, OTHER, Vaccines

AHEAD = timedelta(days=1)  # somewhere it may be tomorrow already


class LeftOut(StrEnum):
    """Why a dose that the page shows is on no card. The page says it with its text `left_out_<value>`."""

    UNKNOWN_CODE = "unknown_code"
    FUTURE = "future"
    BEFORE_BIRTH = "before_birth"
    NO_ROOM = "no_room"


@dataclass(frozen=True, slots=True)
class ShownDose:
    dose: Immunization
    left_out: LeftOut | None = None  # None: it is on the card

    def __repr__(self) -> str:
        return "ShownDose(...)"


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """The doses of one vaccine group, by date, and their card. What never can be on a card comes last."""

    name: str  # as in the vaccine table: "COVID-19"
    doses: tuple[ShownDose, ...]
    jws: str  # "" where no dose can be on a card

    def __repr__(self) -> str:
        return "ShownGroup(...)"


@dataclass(frozen=True, slots=True)
class Content:
    """What a link holds."""

    name: str
    birth_date: str  # ISO 8601
    language: str
    groups: tuple[ShownGroup, ...]

    def __repr__(self) -> str:
        return "Content(...)"


def shows_any(record: VaccineRecord, vaccines: Vaccines) -> bool:
    return any(vaccines.shown_in(dose.cvx) for dose in record.immunizations)


def group_names(record: VaccineRecord, vaccines: Vaccines) -> list[str]:
    """The groups of this record that are shown, in the order of the setting; codes that nobody knows come last.

    Where every group is shown, COVID-19 comes first and then what she got last.
    """
    newest: dict[str, date] = {}
    for dose in sorted(record.immunizations, key=lambda dose: dose.date):
        newest.update(dict.fromkeys(vaccines.shown_in(dose.cvx), dose.date))
    if ALL not in vaccines.show:
        return [group for group in (*vaccines.show, OTHER) if group in newest]
    return sorted(newest, key=lambda group: (group == OTHER, group != COVID, -newest[group].toordinal(), group))


def shown_groups(record: VaccineRecord, vaccines: Vaccines, cards: Cards, *, today: date) -> Iterator[ShownGroup]:
    """Sign the cards of a record one after the other. A combination's dose is on the card of each of its groups.

    Raises ValueError when nothing of the record is shown.
    """
    names = group_names(record, vaccines)
    if not names:
        raise ValueError("the record has no dose that is shown")
    for name in names:
        doses = [dose for dose in record.immunizations if name in vaccines.shown_in(dose.cvx)]
        shown = [ShownDose(dose, _reason(dose, name, record.birth_date, today)) for dose in doses]
        shown.sort(key=lambda one: (one.left_out is not None, one.dose.date))
        yield _signed(record, name, shown, cards)


def _reason(dose: Immunization, group: str, birth_date: date, today: date) -> LeftOut | None:
    """Why this dose cannot be on a card, whatever else is."""
    if group == OTHER:
        return LeftOut.UNKNOWN_CODE
    if dose.date > today + AHEAD:
        return LeftOut.FUTURE
    return LeftOut.BEFORE_BIRTH if dose.date < birth_date else None


def _signed(record: VaccineRecord, group: str, shown: list[ShownDose], cards: Cards) -> ShownGroup:
    """The card of those doses that can be on it; the oldest of them when not all have room."""
    right = tuple(one.dose for one in shown if one.left_out is None)
    if not right:
        return ShownGroup(group, tuple(shown), "")
    card = cards.issue(replace(record, immunizations=right), group)
    oldest = len(right) - card.doses
    without_room = (replace(one, left_out=LeftOut.NO_ROOM) for one in shown[:oldest])
    return ShownGroup(group, (*without_room, *shown[oldest:]), card.jws)


def to_json(record: VaccineRecord, groups: Iterable[ShownGroup], *, language: str, declaration: str) -> bytes:
    return orjson.dumps({
        "name": record.name,
        "birth_date": record.birth_date,
        "groups": [{"name": g.name, "jws": g.jws, "doses": list(map(_dose_as_json, g.doses))} for g in groups],
        "language": language,
        "declaration": declaration,
    })  # fmt: skip


def read(content: bytes) -> Content:
    """What `to_json` wrote, now or in an older form: a link lives for a day, also over an upgrade."""
    data = orjson.loads(content)
    groups = data.get("groups", [{**data, "name": COVID}])  # links held one group once
    return Content(data["name"], data["birth_date"], data["language"], tuple(map(_read_group, groups)))


def _dose_as_json(shown: ShownDose) -> dict[str, Any]:
    dose = shown.dose
    facts = {"cvx": dose.cvx, "date": dose.date, "lot": dose.lot, "place": dose.place, "mvx": dose.mvx}
    return {**facts, "left_out": shown.left_out}


def _read_group(data: dict[str, Any]) -> ShownGroup:
    doses = tuple(map(_read_dose, data["doses"]))
    oldest = data.get("left_out", 0)  # links counted the doses without room once
    without_room = (replace(one, left_out=LeftOut.NO_ROOM) for one in doses[:oldest])
    return ShownGroup(data["name"], (*without_room, *doses[oldest:]), data["jws"])


def _read_dose(data: dict[str, Any]) -> ShownDose:
    reason = data.pop("left_out", None)
    dose = Immunization(**{**data, "date": date.fromisoformat(data["date"])})
    return ShownDose(dose, LeftOut(reason) if reason else None)
