"""The kinds of answers, one file each, and the names under which flow files know them."""

from collections.abc import Mapping

from bot.conversation.answers import contact, date_of_birth, middle_name, person_name, pin
from bot.conversation.answers.check import Asked, Check, Clean, Wrong

CHECKS: Mapping[str, Check] = {
    "person_name": person_name.CHECK,
    "middle_name": middle_name.CHECK,
    "date_of_birth": date_of_birth.CHECK,
    "contact": contact.CHECK,
    "new_pin": pin.CHECK,
}

__all__ = ["CHECKS", "Asked", "Check", "Clean", "Wrong"]
