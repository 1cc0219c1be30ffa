"""One piece of work, and how it asks to be run again."""

from dataclasses import dataclass

from bot.conversation.session import Work
from bot.ports import Services


class Again(Exception):
    """Run this work again after `delay` seconds."""

    def __init__(self, delay: float) -> None:
        super().__init__(f"again in {delay} s")
        self.delay = delay


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work, with what was known when it began."""

    services: Services
    key: str  # the session that asked for it
    work: Work
    phone: str

    @property
    def contact(self) -> str:
        return self.work.answers["contact"]

    @property
    def own(self) -> bool:
        """Whether the record's contact is to be the phone that texts."""
        return self.work.is_for(self.phone)
