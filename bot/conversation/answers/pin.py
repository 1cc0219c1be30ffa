"""A new PIN: exactly four digits that nobody would try first."""

import re
import unicodedata
from collections.abc import Iterator

from bot.conversation.answers.check import Asked, Check, Clean, Wrong
from bot.conversation.folding import ascii_digits

FOUR = re.compile(r"[0-9]{4}")
RUNS = "01234567890", "09876543210"
# The PINs that people choose most and that are no run or repeat (Berry, DataGenetics 2012).
COMMONEST = frozenset(
    "1212 1004 2000 6969 1122 1313 2001 1010 2580 0852 1986 1990 1984 1221 1515 1818 2020 2121 2112 5683 0007 0070 "
    "1001 1414 1717 1919 2002 2003 2323 2424 2468 2525 2727 3232 4545 5252 5656 7272 7474 7878 7979 8080 8520 8989 "
    "9191 9898 1357 1379 1470 1475 1478 1590 3141 1231 1233 1123 1112 1110 1011 1000".split()
)


def check(text: str, asked: Asked) -> Clean | Wrong:
    pin = read_pin(text)
    if not pin:
        return Wrong("not_four_digits")
    if pin in COMMONEST or len(set(pin)) == 1 or any(pin in run for run in RUNS):
        return Wrong("too_easy")
    if pin in set(_personal(asked)):
        return Wrong("personal")
    return Clean(pin)


def read_pin(text: str) -> str:
    """The four digits as 0-9, in whichever script they were written, chosen or typed again; "" for anything else."""
    pin = ascii_digits(unicodedata.normalize("NFKC", text)).strip()
    return pin if FOUR.fullmatch(pin) else ""


def _personal(asked: Asked) -> Iterator[str]:
    """What someone who knows her would try: the birth date's forms and the ends of her phones."""
    if birth := asked.answers.get("birth_date"):
        year, month, day = birth.split("-")
        short = year[2:]
        yield year
        for a, b in ((month, day), (day, month), (month, short), (short, month), (day, short), (short, day)):
            yield a + b
        yield day.lstrip("0").rjust(1, "0") + month.lstrip("0") + short
        yield month.lstrip("0") + day.lstrip("0") + short
    yield asked.phone[-4:]
    contact = asked.answers.get("contact", "")
    if contact.startswith("+"):
        yield contact[-4:]


CHECK = Check(run=check, private=True, errors=("not_four_digits", "too_easy", "personal"))
