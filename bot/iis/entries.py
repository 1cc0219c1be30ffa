"""What a registry's file holds for us: people, doses, and what could not be read."""

from dataclasses import dataclass

from bot.iis.dose import Dose
from bot.records import VaccineRecord


@dataclass(frozen=True, slots=True)
class Rejected:
    """What could not be loaded: where, and why, with nothing of the person."""

    where: str
    reason: str


Entry = VaccineRecord | Dose | Rejected
