"""What the help line can free somebody of: all that she and her phone used up herself, and what others used up for her.

Not: guesses at one person (they keep nobody from her own record, and who guesses would begin anew), wrong PINs in a row
and of a link, addresses, and what the whole service sends.
"""

from collections.abc import Iterator

from bot.admitting import GUESSES, ONE_MORE
from bot.limiting import COME_BACK, ONCE_AN_HOUR
from bot.limits.table import Allowed
from bot.ports import Ask

OF_A_PHONE = ("lookups", "lookups_not_found", "lookups_elsewhere", "replies")


def of_phone(allowed: Allowed, phone: str) -> Iterator[Ask]:
    for limit in OF_A_PHONE:
        yield Ask(limit, allowed[limit], (phone,))
    yield Ask(COME_BACK, ONCE_AN_HOUR, (phone,))


def of_person(allowed: Allowed, phone: str, person: tuple[str, str, str]) -> Iterator[Ask]:
    """What that phone asked about this person."""
    yield Ask("lookups_of_one_person", allowed["lookups_of_one_person"], (*person, phone))
    yield Ask(GUESSES, ONE_MORE, (*person, phone))


def of_contact(allowed: Allowed, phone: str, contact: str) -> Iterator[Ask]:
    """Links to this contact, those that this phone asked for and those of all."""
    yield Ask("links_to_a_contact", allowed["links_to_a_contact"], (contact, phone))
    yield Ask("links_to_a_contact_from_all", allowed["links_to_a_contact_from_all"], (contact,))
