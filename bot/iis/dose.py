"""A dose on its way from a registry's file into our copy."""

from dataclasses import dataclass

from bot.records import Immunization


@dataclass(frozen=True, slots=True)
class Dose:
    """A dose under the registry's own ids; `given` is None for one that the registry took back."""

    person_id: str
    id: str
    given: Immunization | None

    def __repr__(self) -> str:
        return "Dose(...)"
