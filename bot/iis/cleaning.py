"""What registries deliver, brought into our forms: text on one line, phones as E.164, emails folded. Pure."""

import re

import phonenumbers

LONGEST_ID = 64  # characters of a registry's id of a person or a dose, as in FHIR
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # PostgreSQL refuses NUL
PLAIN = re.compile(r"(?:\+?1[ -]?)?\(?([2-9]\d\d)\)?[ .-]?([2-9]\d\d)[ .-]?(\d{4})", re.ASCII)
PART = r"[^@\s,;:<>()\[\]\"\\]+"  # with one of these a header could name somebody else besides (RFC 5322)
EMAIL = re.compile(rf"(?=.{{6,254}}$)(?!.*=\?){PART}@{PART}\.{PART}")  # =? would be decoded (RFC 2047)


def one_line(value: object) -> str | None:
    """Text on one line, without control characters; None for anything else."""
    if not isinstance(value, str):
        return None
    if value.isprintable() and "  " not in value:  # nearly all, and a load cleans ten million of them
        return value.strip() or None
    return " ".join(CONTROL.sub(" ", value).split()) or None


def phone(value: str, region: str = "US") -> str | None:
    """ "(360) 555-0100" -> "+13605550100"; None for what is no phone: unfilled template text, 999-999-9999."""
    if region == "US" and (plain := PLAIN.fullmatch(value)) and len(set(digits := "".join(plain.groups()))) > 1:
        return f"+1{digits}"  # nearly all, and phonenumbers takes its time
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if _is_possible(number) else None


def email(value: str) -> str | None:
    """ "mailto:Ana@Example.org" -> "ana@example.org"; None for what is no email."""
    folded = value.strip().lower().removeprefix("mailto:")
    return folded if EMAIL.fullmatch(folded) else None


def _is_possible(number: phonenumbers.PhoneNumber) -> bool:
    """Not "valid", which no fictional and no brand-new number is; 999-999-9999 only fills a form."""
    reason = phonenumbers.is_possible_number_with_reason(number)  # is_possible_number takes 555-0100, without area
    return reason == phonenumbers.ValidationResult.IS_POSSIBLE and len(set(str(number.national_number))) > 1
