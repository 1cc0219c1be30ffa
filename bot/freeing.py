"""What the help line can free somebody of: all that she and her phone used up herself, and what others used up for her.

Besides, a record whose links rest after wrong PINs in a row, which bot/store/wrong_pins.py counts.
Not: guesses at one person (they keep nobody from her own record, and who guesses would begin anew), wrong PINs and
openings of a link, addresses, and what the whole service sends.
"""

from collections.abc import Sequence

from bot.admitting import Person, about_person, one_more
from bot.limiting import ask, come_back
from bot.limits.table import Allowed
from bot.ports import Ask

OF_A_PHONE = ("lookups", "lookups_not_found", "lookups_elsewhere", "replies")


def of_phone(allowed: Allowed, phone: str) -> Sequence[Ask]:
    return [*(ask(allowed, limit, phone) for limit in OF_A_PHONE), come_back(phone)]


def of_person(allowed: Allowed, phone: str, person: Person) -> Sequence[Ask]:
    """What that phone asked about this person."""
    return [about_person(allowed, person, phone), one_more(person, phone)]
