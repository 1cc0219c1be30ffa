"""How a FHIR server is asked for one person: by $match, or by searches that bear with spelling. Pure."""

import re
from collections.abc import Iterable

import phonenumbers
from phonenumbers import PhoneNumberFormat

from bot.iis.fhir.elements import Resource
from bot.iis.names.folding import words
from bot.ports import IISRejected
from bot.records import Demographics

MOST_MATCHES = 20  # enough for her neighbours in the list, without whom nobody can say that she is the one
PAGE = "50"
STANDARD = frozenset({"birthdate", "name", "telecom"})  # for servers that do not list what they can
NAMES = (("name",), ("family", "given"))
BETWEEN_NAMES = re.compile(r"[^\w'’`´ʼ]+")
FORMS = (PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL, PhoneNumberFormat.RFC3966)
TELLING = frozenset("name family given phonetic birthdate telecom phone email resource _filter _content _text".split())


def match_parameters(who: Demographics) -> Resource:
    """The body of `POST Patient/$match`."""
    system = "email" if "@" in who.contact else "phone"
    patient = {
        "resourceType": "Patient",
        "name": [{"family": who.last_name, "given": who.first_name.split()}],
        "telecom": [{"system": system, "value": who.contact}],
        "birthDate": who.birth_date.isoformat(),
    }
    return {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "resource", "resource": patient},
            {"name": "onlyCertainMatches", "valueBoolean": False},
            {"name": "count", "valueInteger": MOST_MATCHES},
        ],
    }


def searches(who: Demographics, listed: frozenset[str]) -> list[dict[str, str]]:
    """Searches that together find her and whoever could be taken for her. `listed`: what Patient can be searched by.

    By birth date and contact, in the spellings that registries store, for servers compare them letter by letter;
    and by birth date and any one of her names, for the contact may be stored in yet another way.
    """
    known = listed or STANDARD
    by_contact = [(name, _any_of(spellings(who.contact))) for name in _contact_parameters(who) if name in known][:1]
    names = next((group for group in NAMES if known.intersection(group)), ())
    by_name = [(name, _any_of(name_words(who))) for name in names if name in known]
    if "birthdate" not in known or not (by_contact or by_name):
        raise IISRejected("the registry has no $match and cannot search Patient by birthdate and name or telecom")
    born = {"birthdate": who.birth_date.isoformat(), "_count": PAGE}
    return [{name: value, **born} for name, value in (*by_contact, *by_name) if value]


def tells_who(parameters: Iterable[str]) -> bool:
    """Whether a URL with parameters of these names would say who is asked for. `name:exact` is `name`."""
    return any(name.partition(":")[0].lower() in TELLING for name in parameters)


def spellings(contact: str) -> list[str]:
    """The ways in which registries write down a phone; an email has only one."""
    if "@" in contact:
        return [contact]
    try:
        number = phonenumbers.parse(contact)
    except phonenumbers.NumberParseException:
        return [contact]
    national = phonenumbers.national_significant_number(number)
    forms = [contact, contact[1:], national]
    forms += [phonenumbers.format_number(number, form) for form in FORMS]
    if number.country_code == 1 and len(national) == 10:
        area, office, line = national[:3], national[3:6], national[6:]
        forms += [f"{area}-{office}-{line}", f"({area}){office}-{line}", f"({area}) {office}-{line}"]
        forms += [f"{area}.{office}.{line}", f"1-{area}-{office}-{line}", f"+1-{area}-{office}-{line}"]
    return list(dict.fromkeys(forms))


def name_words(who: Demographics) -> list[str]:
    """Each word of her names, as she typed it and without accents; an initial would find half the state."""
    typed = [word for name in (who.first_name, who.last_name) for word in BETWEEN_NAMES.split(name)]
    folded = words(f"{who.first_name} {who.last_name}")
    found = {word.casefold(): word for word in (*folded, *typed) if any(map(str.isalnum, word))}
    return [word for word in found.values() if len(word) > 1 or not word.isascii()] or list(found.values())


def _contact_parameters(who: Demographics) -> tuple[str, str]:
    return ("telecom", "email") if "@" in who.contact else ("telecom", "phone")


def _any_of(values: list[str]) -> str:
    """FHIR's "or". https://hl7.org/fhir/R4/search.html#escaping"""
    return ",".join(re.sub(r"([\\,$|])", r"\\\1", value) for value in values)
