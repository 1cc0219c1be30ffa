"""Where the registry may know the person: the sender's own phone, another phone, or an email."""

import re

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from bot.conversation.answers.check import Asked, Check, Clean, Wrong
from bot.conversation.folding import ascii_digits, fold, visible

OWN = "this_number"
ONE = re.compile(r"^1\W+(?=\D)")  # "1 (this number)"
EXTENSION = re.compile(r"\s*(ext|x|#)\.?\s*\d+\s*$", re.IGNORECASE)


def check(text: str, asked: Asked) -> Clean | Wrong:
    said = fold(text)
    if ascii_digits(said) == "1" or ONE.sub("", ascii_digits(said)) in {fold(w) for w in asked.options.get(OWN, ())}:
        return Clean(asked.phone)
    if "@" in text or "＠" in text:
        return _email(text)
    return _phone(text, asked)


def _email(text: str) -> Clean | Wrong:
    """The one word with an @ in it. Emails are kept in lower case, as registries compare them."""
    words = [word.strip("<>()[],;:\"'.") for word in visible(text).replace("＠", "@").split() if "@" in word]
    if len(words) != 1 or "=?" in words[0]:  # a mail's header would decode it (RFC 2047)
        return Wrong("not_an_email")
    try:
        valid = validate_email(words[0], check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return Wrong("not_an_email")
    return Clean(valid.normalized.casefold(), "elsewhere")


def _phone(text: str, asked: Asked) -> Clean | Wrong:
    """E.164. A possible number with its area code is enough: whether it rings is for the carrier to say."""
    try:
        number = phonenumbers.parse(EXTENSION.sub("", ascii_digits(visible(text))), asked.settings.get("region", "US"))
    except phonenumbers.NumberParseException:
        return Wrong("not_a_contact")
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return Wrong("not_a_contact")
    phone = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Clean(phone, "ok" if phone == asked.phone else "elsewhere")


def read_region(text: str) -> str:
    """A region that phonenumbers knows, such as US. Raises ValueError."""
    if text not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("write a region of two capital letters, such as US")
    return text


CHECK = Check(
    run=check,
    private=True,
    errors=("not_a_contact", "not_an_email"),
    outcomes=("ok", "elsewhere"),
    settings={"region": read_region},
    words=(OWN,),
)
