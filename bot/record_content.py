"""What page and cards show of a record: its doses by vaccine group, each on the group's card or left out, and why."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import orjson

from bot.ports import CardDose, Cards, DetailLeftOut, LeftOut, NoCard
from bot.records import Immunization, VaccineRecord
from bot.vaccines import ALL, COVID, OTHER, Vaccines

FIRST_DAY = date(1900, 1, 1)  # of anything that a registry knows
FIRST_COVID_DOSE = date(2020, 1, 1)  # in a trial, and in none before
FILLERS = (FIRST_DAY, date(1970, 1, 1))  # how systems write that they do not know the day
AHEAD = timedelta(days=1)  # somewhere it may be tomorrow already
HALF = re.compile("[\ud800-\udfff]")  # of a character: some registries' JSON has them, no UTF-8 holds them


class ContentUnreadable(Exception):
    """Another version of us sealed it, in a way that we do not know."""


@dataclass(frozen=True, slots=True)
class ShownDose:
    dose: Immunization
    left_out: LeftOut | None = None  # None: it is on the card
    lot_left_out: DetailLeftOut | None = None  # only where the dose itself is on the card
    place_left_out: DetailLeftOut | None = None

    def __repr__(self) -> str:
        return "ShownDose(...)"


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """The doses of one vaccine group, by date, and their card. What never can be on a card comes last."""

    name: str  # as in the vaccine table: "COVID-19"
    doses: tuple[ShownDose, ...]
    jws: str  # "" where no dose can be on a card
    revoked: str = ""  # the card that it had, if that was taken back

    def __repr__(self) -> str:
        return "ShownGroup(...)"


@dataclass(frozen=True, slots=True)
class Content:
    """What a link holds."""

    name: str
    birth_date: str  # ISO 8601
    language: str
    groups: tuple[ShownGroup, ...]
    unreadable: int = 0  # doses besides

    def __repr__(self) -> str:
        return "Content(...)"

    @property
    def is_revoked(self) -> bool:
        """Whether it had cards and all are revoked. Then what was on no card is not shown either: it is as doubtful."""
        cards_left = any(group.jws for group in self.groups)
        return not cards_left and any(group.revoked for group in self.groups)


def shows_any(record: VaccineRecord, vaccines: Vaccines) -> bool:
    """Also if all that there is to say is that doses could not be read."""
    return record.unreadable > 0 or any(vaccines.shown_in(dose.cvx) for dose in record.immunizations)


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
    if not shows_any(record, vaccines):
        raise ValueError("the record has no dose that is shown")
    for name in group_names(record, vaccines):
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
    if dose.date < birth_date:
        return LeftOut.BEFORE_BIRTH
    return LeftOut.WRONG_DATE if _is_wrong(dose.date, group) else None


def _is_wrong(day: date, group: str) -> bool:
    return day in FILLERS or day < FIRST_DAY or (group == COVID and day < FIRST_COVID_DOSE)


def _signed(record: VaccineRecord, group: str, shown: list[ShownDose], cards: Cards) -> ShownGroup:
    """The card of those doses that can be on it; the newest of them when not all have room."""
    right = tuple(one.dose for one in shown if one.left_out is None)
    wrong = shown[len(right) :]
    if not right:
        return ShownGroup(group, tuple(wrong), "")
    card = cards.issue(replace(record, immunizations=right), group)
    if isinstance(card, NoCard):
        return ShownGroup(group, (*(ShownDose(dose, card.reason) for dose in right), *wrong), "")
    oldest = right[: len(right) - len(card.doses)]
    without_room = (ShownDose(dose, LeftOut.NO_ROOM) for dose in oldest)
    return ShownGroup(group, (*without_room, *map(_on_card, card.doses), *wrong), card.jws)


def _on_card(held: CardDose) -> ShownDose:
    return ShownDose(held.dose, None, held.lot, held.place)


def to_json(record: VaccineRecord, groups: Iterable[ShownGroup], *, language: str, declaration: str) -> bytes:
    return orjson.dumps({
        "name": _whole(record.name),
        "birth_date": record.birth_date,
        "unreadable": record.unreadable,
        "groups": [{"name": g.name, "jws": g.jws, "doses": list(map(_dose_as_json, g.doses))} for g in groups],
        "language": language,
        "declaration": declaration,
    })  # fmt: skip


def read(content: bytes) -> Content:
    """What `to_json` wrote, now or in an older form: a link lives for a day, also over an upgrade.

    Raises ContentUnreadable for the form of another version that we do not know.
    """
    try:
        data = orjson.loads(content)
        groups = data.get("groups", [{**data, "name": COVID}])  # links held one group once
        unreadable = int(data.get("unreadable", 0))  # links did not count them once
        told = data["name"], data["birth_date"], data["language"]
        return Content(*told, tuple(map(_read_group, groups)), unreadable)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise ContentUnreadable from None


def read_now(content: bytes, cards: Cards) -> Content:
    """What may be shown now. A card that was taken back takes its doses with it: they may be wrong, or not hers."""
    whole = read(content)
    return replace(whole, groups=tuple(_unless_revoked(group, cards) for group in whole.groups))


def _unless_revoked(group: ShownGroup, cards: Cards) -> ShownGroup:
    revoked = group.jws and cards.is_revoked(group.jws)
    return ShownGroup(group.name, (), "", revoked=group.jws) if revoked else group


def _whole(text: str) -> str:
    return HALF.sub("\ufffd", text)


def _dose_as_json(shown: ShownDose) -> dict[str, Any]:
    dose = shown.dose
    texts = {"cvx": dose.cvx, "lot": dose.lot, "place": dose.place, "mvx": dose.mvx}
    facts = {name: text and _whole(text) for name, text in texts.items()}
    reasons = {"left_out": shown.left_out, "lot_left_out": shown.lot_left_out, "place_left_out": shown.place_left_out}
    return {**facts, "date": dose.date, **reasons}


def _read_group(data: dict[str, Any]) -> ShownGroup:
    doses = tuple(map(_read_dose, data["doses"]))
    oldest = data.get("left_out", 0)  # links counted the doses without room once
    without_room = (replace(one, left_out=LeftOut.NO_ROOM) for one in doses[:oldest])
    return ShownGroup(data["name"], (*without_room, *doses[oldest:]), data["jws"])


def _read_dose(data: dict[str, Any]) -> ShownDose:
    """Links named no reasons once, and later only those of whole doses."""
    whole, lot, place = (data.pop(name, None) for name in ("left_out", "lot_left_out", "place_left_out"))
    known = {name: value for name, value in data.items() if name in Immunization.__slots__}
    dose = Immunization(**{**known, "date": date.fromisoformat(data["date"])})
    return ShownDose(dose, whole and LeftOut(whole), lot and DetailLeftOut(lot), place and DetailLeftOut(place))
