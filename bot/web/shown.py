"""What a record says in one language: the page, the picture and the PDF all show this."""

from dataclasses import dataclass

from bot.cards.issued import Issued, issued
from bot.conversation.answers.date_of_birth import show as show_date
from bot.record_content import Content, ShownDose, ShownGroup
from bot.vaccines import OTHER, Vaccines, cvx_code
from bot.web.say import PlainSay


@dataclass(frozen=True, slots=True)
class Dose:
    title: str
    date: str
    product: str
    left_out: str  # why it is on no card; "" where it is
    lot: str
    lot_left_out: str  # why it alone is not on the card
    place: str
    place_left_out: str

    def __repr__(self) -> str:
        return "Dose(...)"


@dataclass(frozen=True, slots=True)
class Group:
    heading: str  # "" where there is nothing to tell apart
    jws: str  # "" without a card
    revoked: bool  # it had a card; nothing of it is shown
    reference: str  # of the card that it has or had
    issued: str
    doses: tuple[Dose, ...]

    def __repr__(self) -> str:
        return "Group(...)"


@dataclass(frozen=True, slots=True)
class Shown:
    name: str
    name_left_out: str  # what is said where the cards have not all of it; "" where they have
    birth_date: str
    groups: tuple[Group, ...]
    unreadable: str  # what to do about doses that could not be read; "" without any

    def __repr__(self) -> str:
        return "Shown(...)"


def shown(content: Content, vaccines: Vaccines, say: PlainSay) -> Shown:
    """Names of vaccines are those of today's table, so that one that staff have put right is right everywhere."""
    headed = len(content.groups) > 1 or vaccines.several or any(group.name == OTHER for group in content.groups)
    groups = tuple(_group(group, headed, vaccines, say) for group in content.groups)
    unreadable = say("unreadable_doses", count=content.unreadable) if content.unreadable else ""
    left_out = say("name_left_out") if _is_shortened(content) else ""
    return Shown(content.name, left_out, show_date(content.birth_date, say.language), groups, unreadable)


def _is_shortened(content: Content) -> bool:
    """Whether the cards lack a part of the name; the name is the same on all."""
    card = next((group.jws for group in content.groups if group.jws), "")
    return bool(card) and _letters(issued(card).name) != _letters(content.name)


def _letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


def _group(group: ShownGroup, headed: bool, vaccines: Vaccines, say: PlainSay) -> Group:
    card = group.jws or group.revoked
    told: Issued | None = issued(card) if card else None
    return Group(
        heading=say.words.vaccine(group.name) if headed else "",
        jws=group.jws,
        revoked=bool(group.revoked),
        reference=told.reference if told else "",
        issued=show_date(told.on.isoformat(), say.language) if told else "",
        doses=tuple(_dose(number, one, vaccines, say) for number, one in enumerate(group.doses, 1)),
    )


def _dose(number: int, one: ShownDose, vaccines: Vaccines, say: PlainSay) -> Dose:
    dose = one.dose
    return Dose(
        title=say("dose", number=number),
        date=show_date(dose.date.isoformat(), say.language),
        product=vaccines.product(dose.cvx) or say("unknown_vaccine", code=cvx_code(dose.cvx)),
        left_out=say(f"left_out_{one.left_out}") if one.left_out else "",
        lot=dose.lot or "",
        lot_left_out=say(f"detail_left_out_{one.lot_left_out}") if one.lot_left_out else "",
        place=dose.place or "",
        place_left_out=say(f"detail_left_out_{one.place_left_out}") if one.place_left_out else "",
    )
