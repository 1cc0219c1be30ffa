"""The names of a Patient: the official one, and those by which she was or is known besides."""

from bot.iis.cleaning import one_line
from bot.iis.fhir.elements import Resource, is_old, objects, texts
from bot.records import PersonName

# http://hl7.org/fhir/R4/valueset-name-use.html
RANKS = {"official": 0, "nickname": 2, "temp": 3, "anonymous": 3, "maiden": 4}
USUAL, OLD = 1, 4
NOT_HERS = ("temp", "anonymous")  # "Baby Girl", "John Doe": many have them


def names(patient: Resource) -> list[PersonName]:
    """The one to show first; empty if there is none."""
    named = [name for name in objects(patient.get("name")) if one_line(name.get("family")) or texts(name.get("given"))]
    ranked = sorted(named, key=_rank)
    return [_read(name) for name in (*ranked[:1], *(name for name in ranked[1:] if name.get("use") not in NOT_HERS))]


def _rank(name: Resource) -> int:
    use = name.get("use")
    return OLD if is_old(name) else RANKS.get(use, USUAL) if isinstance(use, str) else USUAL


def _read(name: Resource) -> PersonName:
    suffix = " ".join(texts(name.get("suffix"))) or None
    return PersonName(one_line(name.get("family")) or "", tuple(texts(name.get("given"))), suffix)
