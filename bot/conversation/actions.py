"""The actions that a `do` state may name: what each needs and how it can come out. The doing is in `bot/jobs`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

LONGEST_WORK = 3600  # seconds for which work is tried while what it needs does not answer
SENT_AGAIN = ("link", "picture")  # what a chat got and may ask for again, as it was, while it has not arrived
STILL = ("waiting", "delayed")  # texts of a `do` state while its work is under way, and once it takes longer


@dataclass(frozen=True, slots=True)
class Action:
    needs: tuple[str, ...]  # slots that `with` must name
    outcomes: tuple[str, ...]
    may: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # optional slot: outcomes that it adds
    gives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # outcome: placeholders for its text
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # texts it sends itself: placeholders
    last: Mapping[str, str] = field(default_factory=dict)  # outcome: what the resident then has got
    at_once: tuple[str, ...] = ()  # outcomes that may be told in place of the state's own text, before any work
    anew: tuple[str, ...] = ()  # slots that serve one person: after such an outcome they are asked for again

    def outcomes_with(self, inputs: tuple[str, ...]) -> tuple[str, ...]:
        extra = (outcome for slot, added in self.may.items() if slot in inputs for outcome in added)
        return (*self.outcomes, *extra, "fault")


ACTIONS: Mapping[str, Action] = {
    "send_record": Action(
        needs=("first_name", "last_name", "birth_date", "contact", "pin"),
        may={"format": ("sent_picture",), "declaration": (), "middle_name": ()},
        outcomes=("sent", "sent_elsewhere", "no_match", "no_match_elsewhere", "over_limit", "down"),
        gives={"sent": ("link",), "sent_picture": ("vaccine",)},
        last={"sent": "link", "sent_picture": "picture", "sent_elsewhere": "elsewhere"},
        texts={"send_record.link": ("link",), "send_record.subject": (), "send_record.no_picture": ()},
        at_once=("sent_elsewhere", "no_match_elsewhere", "over_limit"),
        anew=("declaration", "pin"),
    ),
}
