"""Whether a person may be looked for. It is counted first; what found her is no guess and is given back."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.iis.names.folding import words
from bot.jobs.job import Job, who
from bot.limiting import ask, take
from bot.limits.table import DAY, Rule
from bot.ports import Ask

ONE_MORE = (Rule(1, DAY),)
GUESSES = "guesses_at_one_person"


@dataclass(frozen=True, slots=True)
class Admission:
    allowed: bool
    watched: bool = False  # many phones asked for this person: nobody hears that she was not found


def admit(job: Job) -> Admission:
    """The same work counts once. Raises StoreUnavailable.

    Counts and answers are the same whether such a person exists or not: nothing is given back but what the phone
    that texts is told openly.
    """
    admitted = take(job.services, job.work.id, [*_of_sender(job), *_guesses(job)], texts=1)
    if admitted.refused:
        return Admission(False)
    if GUESSES not in admitted.reached:
        return Admission(True)
    once = Ask(GUESSES, ONE_MORE, (*_person(job), job.phone))
    return Admission(not take(job.services, job.work.id, [once]).refused, watched=True)


def give_back(job: Job) -> None:
    """The phone that texts is on her record, or the registry never answered: that was no guess."""
    not_found = ask(job.services, "lookups_not_found", job.phone)
    job.services.limits.give_back(job.work.id, [not_found, *_guesses(job)])


def _of_sender(job: Job) -> Sequence[Ask]:
    kind = "lookups_not_found" if job.own else "lookups_elsewhere"
    return [
        ask(job.services, "lookups", job.phone),
        ask(job.services, kind, job.phone),
        ask(job.services, "lookups_of_one_person", *_person(job), job.phone),
    ]


def _guesses(job: Job) -> Sequence[Ask]:
    return [ask(job.services, GUESSES, *_person(job), watches=True)]


def _person(job: Job) -> tuple[str, str, str]:
    """However she is written: Ana-María and ANA MARIA are one."""
    person = who(job.work.answers, job.contact)
    return " ".join(words(person.first_name)), " ".join(words(person.last_name)), person.birth_date.isoformat()
