"""The reference number of a card: its rid, spelled so that it can be read out on the phone. Pure.

Thirteen characters hold the 64 bits, in Crockford's base32 (no I, L, O, U), and one more checks them:
https://www.crockford.com/base32.html. His own check character can be a sign such as * or ~, which nobody reads out;
ours is one of the same 32, by Damm's method over GF(32). It notices any one wrong character and any two neighbours
that changed places.
"""

import base64
import re

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
VALUES = {letter: value for value, letter in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
LENGTH = 14  # characters, with the check
RID = re.compile(r"[A-Za-z0-9_-]{10}[AEIMQUYcgkosw048]", re.ASCII)  # 64 bits leave two of the last six unused
FIELD = 0b100101  # x^5 + x^2 + 1


def to_reference(rid: str) -> str:
    """Such as "7K3M-9QXTR-2VB8C". Raises ValueError for what is no rid of ours: 64 bits in base64url."""
    if not RID.fullmatch(rid):
        raise ValueError("not a revocation id of 64 bits")
    bits = int.from_bytes(base64.urlsafe_b64decode(f"{rid}="))
    values = [bits >> shift & 31 for shift in range(60, -1, -5)]
    letters = "".join(ALPHABET[value] for value in [*values, _check(values)])
    return f"{letters[:4]}-{letters[4:9]}-{letters[9:]}"


def to_rid(text: str) -> str:
    """The rid of a reference number as somebody wrote it down. Raises ValueError, which says what to look at."""
    letters = re.sub(r"[\s-]", "", text).upper()
    if unknown := next((letter for letter in letters if letter not in VALUES), ""):
        raise ValueError(f"a reference number has no {unknown!r}: only digits and letters, and no U")
    if len(letters) != LENGTH:
        raise ValueError(f"a reference number has {LENGTH} letters and digits, this has {len(letters)}")
    *values, check = [VALUES[letter] for letter in letters]
    if _check(values) != check or values[0] > 15:  # 13 letters could hold 65 bits
        raise ValueError("a letter or digit of this reference number is wrong: its last one, a check, does not fit")
    bits = 0
    for value in values:
        bits = bits << 5 | value
    return base64.urlsafe_b64encode(bits.to_bytes(8)).decode().rstrip("=")


def _check(values: list[int]) -> int:
    check = 0
    for value in values:
        check = _double(check ^ value)
    return check


def _double(value: int) -> int:
    doubled = value << 1
    return doubled ^ FIELD if doubled > 31 else doubled
