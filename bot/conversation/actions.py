"""The actions that a `do` state may name: what each needs and how it can come out. The doing is in `jobs.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Action:
    needs: tuple[str, ...]  # slots that `with` must name
    outcomes: tuple[str, ...]
    may: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # optional slot: outcomes that it adds
    gives: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # outcome: placeholders for its text
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # texts it sends itself: placeholders
    last: Mapping[str, str] = field(default_factory=dict)  # outcome: what the resident then has got

    def outcomes_with(self, inputs: tuple[str, ...]) -> tuple[str, ...]:
        extra = (outcome for slot, added in self.may.items() if slot in inputs for outcome in added)
        return (*self.outcomes, *extra, "fault")


ACTIONS: Mapping[str, Action] = {
    "send_record": Action(
        needs=("first_name", "last_name", "birth_date", "contact", "pin"),
        may={"format": ("sent_picture",), "declaration": (), "middle_name": ()},
        outcomes=("sent", "sent_elsewhere", "no_match", "no_match_elsewhere", "over_limit", "down"),
        gives={"sent": ("link",), "sent_picture": ("vaccine",)},
        last={"sent": "link", "sent_picture": "picture", "sent_elsewhere": "link"},
        texts={"send_record.link": ("link",), "send_record.subject": ()},
    ),
}
