"""Whether a person may be looked for. It is counted first; only what found nobody in vain is given back."""

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

    Counts and answers are the same whether such a person exists or not: what others can see is never given back.
    """
    guesses = _guesses(services, work)
    admitted = take(services, work.id, [*_of_sender(services, work, phone), guesses], texts=1)
    if admitted.refused:
        return Admission(False)
    if GUESSES not in admitted.reached or not work.is_for(phone):
        return Admission(True)
    once = Ask(GUESSES, ONE_MORE, (*_asked_for(work), phone))
    return Admission(not take(services, work.id, [once]).refused, watched=True)


def give_back(services: Services, work: Work, phone: str) -> None:
    """The phone that texts is on her record, or the registry never answered: it found nobody in vain.

    The guesses at one person stay counted: from another phone one could see that they were not.
    """
    services.limits.give_back(work.id, [ask(services, "lookups_not_found", phone)])


def _of_sender(services: Services, work: Work, phone: str) -> Sequence[Ask]:
    return [
        ask(services, "lookups", phone),
        ask(services, "lookups_not_found" if work.is_for(phone) else "lookups_elsewhere", phone),
        ask(services, "lookups_of_one_person", *_asked_for(work), phone),
    ]


def _guesses(services: Services, work: Work) -> Ask:
    return ask(services, GUESSES, *_asked_for(work), watches=True)


def _asked_for(work: Work) -> tuple[str, str, str]:
    return person(work.answers["first_name"], work.answers["last_name"], work.answers["birth_date"])


def person(first_name: str, last_name: str, birth_date: str) -> tuple[str, str, str]:
    """However she is written: Ana-María and ANA M., Reyes and de Reyes are one. Only what any spelling has counts.

    `birth_date` such as 1985-03-27.
    """
    first, last = words(first_name), words(last_name)
    return "".join(first[:1]), "".join(last[-1:]), birth_date
