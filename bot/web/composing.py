"""Puts a record into the words of a drawing."""

from collections.abc import Iterator

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
    still_shown = (group for group in groups if not group.revoked)
    return Drawing(
        language=content.language,
        direction=direction(content.language),
        title=say("title"),
        issuer=say("issuer"),
        scan=say("scan"),
        person=((say("name"), record.name), (say("birth_date"), record.birth_date)),
        cards=tuple(_card(group, say) for group in still_shown),
        about=say("about"),
        advice=tuple(_advice(say)),
        missing=say("not_drawn"),
    )


def _advice(say: PlainSay) -> Iterator[Fact]:
    for name in ("keep", "about", "mistake"):
        yield say(f"{name}_title"), say(name)


def _card(group: Group, say: PlainSay) -> DrawnCard:
    told = ((say("reference"), group.reference), (say("issued"), group.issued)) if group.jws else ()
    return DrawnCard(
        heading=group.heading,
        qr=qr.svg(group.jws, "") if group.jws else "",
        modules=qr.width(group.jws) if group.jws else 0,
        facts=told,
        doses=tuple(_dose(dose, say) for dose in group.doses),
    )


def _dose(dose: Dose, say: PlainSay) -> DrawnDose:
    facts = ((say("lot"), dose.lot), (say("place"), dose.place))
    known = tuple((name, value) for name, value in facts if value)
    return DrawnDose(dose.title, dose.date, dose.product, known, dose.left_out)
