"""Whether a person may be looked for. It is counted first; what found her is no guess and is given back."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation.session import Work
from bot.iis.names.folding import words
from bot.limiting import ask, take
from bot.limits.table import DAY, Rule
from bot.ports import Ask, Services

ONE_MORE = (Rule(1, DAY),)
GUESSES = "guesses_at_one_person"


@dataclass(frozen=True, slots=True)
class Admission:
    allowed: bool
    watched: bool = False  # many phones asked for this person: nobody hears that she was not found


def admit(services: Services, work: Work, phone: str) -> Admission:
    """The same work counts once. Raises StoreUnavailable.

    Counts and answers are the same whether such a person exists or not: nothing is given back but what the phone
    that texts is told openly.
    """
    guesses = _guesses(services, work)
    admitted = take(services, work.id, [*_of_sender(services, work, phone), guesses], texts=1)
    if admitted.refused:
        return Admission(False)
    if GUESSES not in admitted.reached:
        return Admission(True)
    once = Ask(GUESSES, ONE_MORE, (*_person(work), phone))
    return Admission(not take(services, work.id, [once]).refused, watched=True)


def give_back(services: Services, work: Work, phone: str) -> None:
    """The phone that texts is on her record, or the registry never answered: that was no guess."""
    not_found = ask(services, "lookups_not_found", phone)
    services.limits.give_back(work.id, [not_found, _guesses(services, work)])


def _of_sender(services: Services, work: Work, phone: str) -> Sequence[Ask]:
    own = work.answers["contact"] == phone
    return [
        ask(services, "lookups", phone),
        ask(services, "lookups_not_found" if own else "lookups_elsewhere", phone),
        ask(services, "lookups_of_one_person", *_person(work), phone),
    ]


def _guesses(services: Services, work: Work) -> Ask:
    return ask(services, GUESSES, *_person(work), watches=True)


def _person(work: Work) -> tuple[str, str, str]:
    """However she is written: Ana-María and ANA MARIA are one."""
    answers = work.answers
    first = " ".join(filter(None, (answers["first_name"], answers.get("middle_name"))))
    return " ".join(words(first)), " ".join(words(answers["last_name"])), answers["birth_date"]
