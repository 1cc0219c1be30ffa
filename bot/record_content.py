"""What page and cards show of a record: its doses by vaccine group, a card for each group; and how a link holds it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import orjson

from bot.ports import Cards
from bot.records import Immunization, VaccineRecord
from bot.vaccines import ALL, COVID, Vaccines


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """The doses of one vaccine group, by date, and their card."""

    name: str  # as in the vaccine table: "COVID-19"
    doses: tuple[Immunization, ...]
    jws: str
    left_out: int  # doses that the page shows and the card does not

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
    """The groups of this record that are shown: in the order of the setting.

    Where every group is shown, COVID-19 comes first and then what she got last.
    """
    newest: dict[str, date] = {}
    for dose in sorted(record.immunizations, key=lambda dose: dose.date):
        newest.update(dict.fromkeys(vaccines.shown_in(dose.cvx), dose.date))
    if ALL not in vaccines.show:
        return [group for group in vaccines.show if group in newest]
    return sorted(newest, key=lambda group: (group != COVID, -newest[group].toordinal(), group))


def shown_groups(record: VaccineRecord, vaccines: Vaccines, cards: Cards) -> Iterator[ShownGroup]:
    """Sign the cards of a record one after the other. A combination's dose is on the card of each of its groups.

    Raises ValueError when nothing of the record is shown.
    """
    names = group_names(record, vaccines)
    if not names:
        raise ValueError("the record has no dose that is shown")
    for name in names:
        doses = sorted(_in_group(record.immunizations, name, vaccines), key=lambda dose: dose.date)
        card = cards.issue(replace(record, immunizations=tuple(doses)), name)
        yield ShownGroup(name, tuple(doses), card.jws, len(doses) - card.doses)


def to_json(record: VaccineRecord, groups: Iterable[ShownGroup], *, language: str, declaration: str) -> bytes:
    return orjson.dumps({
        "name": record.name,
        "birth_date": record.birth_date,
        "groups": [
            {"name": g.name, "jws": g.jws, "left_out": g.left_out, "doses": list(map(_dose_as_json, g.doses))}
            for g in groups
        ],
        "language": language,
        "declaration": declaration,
    })  # fmt: skip


def read(content: bytes) -> Content:
    """What `to_json` wrote, now or before links held several groups: a link lives for a day, also over an upgrade."""
    data = orjson.loads(content)
    groups = data.get("groups", [{**data, "name": COVID}])
    return Content(data["name"], data["birth_date"], data["language"], tuple(map(_read_group, groups)))


def _in_group(doses: Iterable[Immunization], group: str, vaccines: Vaccines) -> Iterator[Immunization]:
    return (dose for dose in doses if group in vaccines.shown_in(dose.cvx))


def _dose_as_json(dose: Immunization) -> dict[str, Any]:
    return {"cvx": dose.cvx, "date": dose.date, "lot": dose.lot, "place": dose.place, "mvx": dose.mvx}


def _read_group(data: dict[str, Any]) -> ShownGroup:
    doses = tuple(Immunization(**{**dose, "date": date.fromisoformat(dose["date"])}) for dose in data["doses"])
    return ShownGroup(data["name"], doses, data["jws"], data["left_out"])
