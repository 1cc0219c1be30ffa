"""What is asked of the limits: each that was reached is logged and counted, by its name and nothing else."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from bot.limits.table import HOUR, Allowed, Rule
from bot.ports import Admitted, Ask, Services

log = structlog.get_logger()

PICTURE = 3  # texts that a picture costs as much as
ONCE_AN_HOUR = (Rule(1, HOUR),)


def ask(allowed: Allowed, limit: str, *per: str, watches: bool = False) -> Ask:
    """One more of a limit, as staff set it."""
    return Ask(limit, allowed[limit], per, watches)


def take(services: Services, cause: str, asks: Sequence[Ask], *, texts: int = 0) -> Admitted:
    """Raise them all, or none if one is reached that does not only watch. Raises StoreUnavailable."""
    admitted = services.limits.take(cause, asks, texts=texts, now=services.now())
    for limit in sorted(admitted.reached):
        log.warning("limit_reached", limit=limit)
    return admitted


def note(services: Services, limit: str) -> None:
    """One that is counted elsewhere was reached."""
    log.warning("limit_reached", limit=limit)
    services.limits.note(limit, services.now())


def admit_text(services: Services, phone: str, sid: str) -> Admitted:
    """Before a text has its turn. The same text again is not counted again."""
    return take(services, sid or secrets.token_hex(8), [ask(services.flow.allowed, "replies", phone)], texts=1)


def count_silence(services: Services) -> None:
    """A text that was admitted is not answered: nothing is spent on it."""
    services.limits.take("", (), texts=-1, now=services.now())


def is_crowded(services: Services, admitted: Admitted) -> bool:
    """Whether who begins now is to come back later."""
    return admitted.texts > services.flow.allowed["texts_with_new_people"][0].most


def may_be_told(services: Services, phone: str, sid: str) -> bool:
    """Whether it is time to say once more that she is to come back later."""
    note(services, "texts_with_new_people")
    return not services.limits.take(sid, [come_back(phone)], now=services.now()).refused


def come_back(phone: str) -> Ask:
    """The sentence that asks her to come back later."""
    return Ask("told_to_come_back", ONCE_AN_HOUR, (phone,))


def admit_picture(services: Services) -> bool:
    """Whether there is money for a picture; what it costs more than a text is counted first."""
    admitted = take(services, "", (), texts=PICTURE - 1)
    if admitted.texts <= services.flow.allowed["texts_with_pictures"][0].most:
        return True
    note(services, "texts_with_pictures")
    return False


def count_message(services: Services, *, picture: bool = False) -> None:
    """It goes out whatever was sent before it, and is counted with the rest."""
    take(services, "", (), texts=PICTURE if picture else 1)


def admit_link(services: Services, contact: str, phone: str, work_id: str) -> bool:
    """Whether this contact, which another phone named, may get one more link. No phone uses up what others have."""
    return not take(services, work_id, link_to(services.flow.allowed, contact, phone), texts=1).refused


def admit_letter(services: Services, email: str, work_id: str) -> bool:
    """Whether this email, which nobody named, may get one more link, in place of a phone that others named.

    Whose phone asked for it is no longer known; its own links to that phone have been counted.
    """
    return not take(services, work_id, [_from_all(services.flow.allowed, email)]).refused


def link_to(allowed: Allowed, contact: str, phone: str) -> Sequence[Ask]:
    """One more link to this contact: of those that this phone asked for, and of all."""
    return ask(allowed, "links_to_a_contact", contact, phone), _from_all(allowed, contact)


def _from_all(allowed: Allowed, contact: str) -> Ask:
    return ask(allowed, "links_to_a_contact_from_all", contact)


@dataclass(frozen=True, slots=True)
class Posted:
    """A PIN that was sent to a record page, and is counted before it is looked at."""

    asked: Ask
    cause: str
    wait: int  # 0, or seconds before this address may send another


def admit_post(services: Services, address: str) -> Posted:
    asked, cause = ask(services.flow.allowed, "page_posts", address), secrets.token_hex(8)
    return Posted(asked, cause, _wait(take(services, cause, [asked])))


def admit_opening(services: Services, posted: Posted, token: str) -> int:
    """0, or seconds before a PIN for this link, which is there, is looked at again, whatever address it comes from.

    Looking at one is dear, and who has a link with its PIN may have many addresses.
    """
    return _wait(take(services, posted.cause, [ask(services.flow.allowed, "openings_of_a_link", token)]))


def give_back_post(services: Services, posted: Posted) -> None:
    """The PIN was right: a carrier's thousands, who share one address, take nothing from each other."""
    services.limits.give_back(posted.cause, [posted.asked])


def _wait(admitted: Admitted) -> int:
    return max(1, admitted.wait) if admitted.refused else 0
