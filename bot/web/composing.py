"""Puts a record into the words of a drawing."""

from collections.abc import Iterator
from dataclasses import replace

from bot.cards import qr
from bot.conversation.scripts import direction
from bot.drawing.drawing import Drawing, DrawnCard, DrawnDose, Fact
from bot.record_content import Content
from bot.web.here import site
from bot.web.say import PlainSay
from bot.web.shown import Dose, Group, shown


def compose(content: Content, number: int = 0) -> Drawing:
    """Of one vaccine group, counted from 1, or of all. A card that was taken back is on none."""
    say = PlainSay(content.language)
    record = shown(content, site().services.flow.vaccines, say)
    groups = record.groups[number - 1 : number] if number else record.groups
    cards = [_card(group, say) for group in groups if not group.revoked]
    if record.unreadable and cards:  # once, below the last doses
        cards[-1] = replace(cards[-1], notes=(*cards[-1].notes, ("", record.unreadable)))
    return Drawing(
        language=content.language,
        direction=direction(content.language),
        title=say("title"),
        issuer=say("issuer"),
        scan=say("scan"),
        person=((say("name"), record.name), (say("birth_date"), record.birth_date)),
        name_note=record.name_left_out,
        cards=tuple(cards),
        about=say("about"),
        advice=tuple(_advice(say)),
        missing=say("not_drawn"),
    )


def _advice(say: PlainSay) -> Iterator[Fact]:
    for name in ("keep", "about", "mistake"):
        yield say(f"{name}_title"), say(name)


def _card(group: Group, say: PlainSay) -> DrawnCard:
    told = ((say("reference"), group.reference), (say("issued"), group.issued)) if group.jws else ()
    marks = _marks(group)
    return DrawnCard(
        heading=group.heading,
        qr=qr.svg(group.jws, "") if group.jws else "",
        modules=qr.width(group.jws) if group.jws else 0,
        facts=told,
        doses=tuple(_dose(dose, marks, say) for dose in group.doses),
        notes=tuple((mark, reason) for reason, mark in marks.items() if reason),
    )


def _marks(group: Group) -> dict[str, str]:
    """A mark for each reason why a lot or place is not in the code: said once, it costs no line in every dose."""
    reasons = (reason for dose in group.doses for reason in (dose.lot_left_out, dose.place_left_out) if reason)
    return {"": "", **{reason: "*" * number for number, reason in enumerate(dict.fromkeys(reasons), 1)}}


def _dose(dose: Dose, marks: dict[str, str], say: PlainSay) -> DrawnDose:
    details = (
        (say("lot"), dose.lot, marks[dose.lot_left_out]),
        (say("place"), dose.place, marks[dose.place_left_out]),
    )
    known = tuple(detail for detail in details if detail[1])
    return DrawnDose(dose.title, dose.date, dose.product, known, dose.left_out)
