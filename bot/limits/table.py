"""Every limit that there is: what it counts, for whom, how often is usual, and what happens then. Pure.

Staff set the numbers in limits.yaml. What each is for, and why these numbers, is in docs/limits.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass

MINUTE, HOUR, DAY = 60, 3600, 24 * 3600  # seconds
SHORTEST, LONGEST = MINUTE, 30 * DAY  # of any window: nobody is kept out for longer
MOST = 1_000_000
UNITS = {"d": DAY, "h": HOUR, "m": MINUTE}


@dataclass(frozen=True, slots=True)
class Rule:
    """So many in so many seconds, from the first of them on."""

    most: int
    seconds: int

    def __str__(self) -> str:
        unit = next(unit for unit, seconds in UNITS.items() if self.seconds % seconds == 0)
        return f"{self.most} in {self.seconds // UNITS[unit]}{unit}"


@dataclass(frozen=True, slots=True)
class Limit:
    counts: str
    per: str  # of whom or what each is counted for itself
    then: str  # what happens once it is reached
    usual: tuple[Rule, ...]  # all of them hold
    hourly: bool = False  # counted over the last hour, whatever staff would like
    fixed: bool = False  # cannot be set


Allowed = Mapping[str, tuple[Rule, ...]]  # by the name of a limit

LIMITS: Mapping[str, Limit] = {
    "lookups": Limit(
        counts="requests for a record, whether one is found or not",
        per="phone that texts",
        then="she hears over_limit",
        usual=(Rule(10, DAY), Rule(20, 30 * DAY)),
    ),
    "lookups_not_found": Limit(
        counts="requests for the phone that texts for which nobody was found",
        per="phone that texts",
        then="she hears over_limit",
        usual=(Rule(3, DAY), Rule(5, 30 * DAY)),
    ),
    "lookups_elsewhere": Limit(
        counts="requests for another phone or an email, whether found or not",
        per="phone that texts",
        then="she hears over_limit",
        usual=(Rule(6, DAY), Rule(12, 30 * DAY)),
    ),
    "lookups_of_one_person": Limit(
        counts="requests for one name with one birth date",
        per="that person and phone that texts",
        then="she hears over_limit",
        usual=(Rule(4, DAY), Rule(10, 30 * DAY)),
    ),
    "guesses_at_one_person": Limit(
        counts="requests for one name with one birth date, found or not",
        per="that person, from all phones",
        then="each phone has one more; nobody hears not_found, and who is found gets her record",
        usual=(Rule(10, DAY),),
    ),
    "links_to_a_contact": Limit(
        counts="links to another phone or an email",
        per="phone or email that they go to and phone that texts",
        then="no more links go there for that phone; the chat reads the same",
        usual=(Rule(6, DAY),),
    ),
    "links_to_a_contact_from_all": Limit(
        counts="links that others than itself asked for",
        per="phone or email that they go to, from all phones",
        then="no more links go there; the chat reads the same",
        usual=(Rule(60, DAY),),
    ),
    "replies": Limit(
        counts="texts that we answer",
        per="phone that texts",
        then="silence; words that stop us count",
        usual=(Rule(90, HOUR),),
    ),
    "pin_tries": Limit(
        counts="wrong PINs",
        per="link",
        then="the link is gone",
        usual=(Rule(5, DAY),),
        fixed=True,  # the texts say five
    ),
    "wrong_pins_in_a_row": Limit(
        counts="wrong PINs without a right one between them, over all links of a record",
        per="record",
        then="for a day its links do not open and no new one is made",
        usual=(Rule(100, 30 * DAY),),
    ),
    "openings_of_a_link": Limit(
        counts="PINs that are looked at, right or wrong",
        per="link",
        then="a page asks to wait, whatever address they come from",
        usual=(Rule(30, HOUR),),
    ),
    "page_posts": Limit(
        counts="PINs that are sent to a record page, unless they are right",
        per="address on the internet (IPv6: the first 64 bits)",
        then="a page asks to wait",
        usual=(Rule(100, 10 * MINUTE),),
    ),
    "texts_with_pictures": Limit(
        counts="texts that we send, a picture as three",
        per="whole service",
        then="a link comes instead of a picture",
        usual=(Rule(10_000, HOUR),),
        hourly=True,
    ),
    "texts_with_new_people": Limit(
        counts="texts that we send, a picture as three",
        per="whole service",
        then="who begins hears many_texts, once an hour; who has begun goes on",
        usual=(Rule(20_000, HOUR),),
        hourly=True,
    ),
}
USUAL: Allowed = {name: limit.usual for name, limit in LIMITS.items()}
