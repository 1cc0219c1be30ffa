"""Whether a person may be looked for. It is counted first; only what found nobody in vain is given back."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation.session import Work
from bot.iis.names.folding import words
from bot.limiting import ask, take
from bot.limits.table import DAY, Allowed, Rule
from bot.ports import Ask, Services

Person = tuple[str, str, str]  # first name, last name, birth date

ONE_MORE = (Rule(1, DAY),)
GUESSES = "guesses_at_one_person"


@dataclass(frozen=True, slots=True)
class Admission:
    allowed: bool
    watched: bool = False  # many phones asked for this person: nobody hears that she was not found


def admit(services: Services, work: Work, phone: str) -> Admission:
    """The same work counts once. Raises StoreUnavailable.

    Counts and answers are the same whether such a person exists or not: what others can see is never given back.
    """
    admitted = take(services, work.id, _asks(services.flow.allowed, work, phone), texts=1)
    if admitted.refused:
        return Admission(False)
    if GUESSES not in admitted.reached or not work.is_for(phone):
        return Admission(True)
    return Admission(not take(services, work.id, [one_more(_asked_for(work), phone)]).refused, watched=True)


def give_back(services: Services, work: Work, phone: str) -> None:
    """The phone that texts is on her record, or the registry never answered: it found nobody in vain.

    The guesses at one person stay counted: from another phone one could see that they were not.
    """
    services.limits.give_back(work.id, [ask(services.flow.allowed, "lookups_not_found", phone)])


def about_person(allowed: Allowed, asked_for: Person, phone: str) -> Ask:
    """What this phone asked about this person."""
    return ask(allowed, "lookups_of_one_person", *asked_for, phone)


def one_more(asked_for: Person, phone: str) -> Ask:
    """The guess that each phone still has when all of them together have no more."""
    return Ask(GUESSES, ONE_MORE, (*asked_for, phone))


def _asks(allowed: Allowed, work: Work, phone: str) -> Sequence[Ask]:
    asked_for = _asked_for(work)
    return [
        ask(allowed, "lookups", phone),
        ask(allowed, "lookups_not_found" if work.is_for(phone) else "lookups_elsewhere", phone),
        about_person(allowed, asked_for, phone),
        ask(allowed, GUESSES, *asked_for, watches=True),
    ]


def _asked_for(work: Work) -> Person:
    return person(work.answers["first_name"], work.answers["last_name"], work.answers["birth_date"])


def person(first_name: str, last_name: str, birth_date: str) -> Person:
    """However she is written: Ana-María and ANA M., Reyes and de Reyes are one. Only what any spelling has counts.

    `birth_date` such as 1985-03-27.
    """
    first, last = words(first_name), words(last_name)
    return "".join(first[:1]), "".join(last[-1:]), birth_date
