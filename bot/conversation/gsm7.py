"""How a text is billed: GSM-7 or UCS-2, and in how many segments (3GPP TS 23.038, as Twilio counts)."""

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("^{}\\[~]|€\f")  # an escape and a character: two units
LETTERS = BASIC | EXTENSION


def is_gsm7(text: str) -> bool:
    return LETTERS.issuperset(text)


def segments(text: str) -> int:
    """The number of SMS segments; an empty text costs none."""
    if is_gsm7(text):
        if len(text) + sum(map(text.count, EXTENSION)) <= 160:
            return 1 if text else 0  # most texts, and some microseconds count: every reply is measured
        return _count([2 if character in EXTENSION else 1 for character in text], 160, 153)
    return _count([2 if ord(character) > 0xFFFF else 1 for character in text], 70, 67)


def billed(text: str) -> str:
    """ "1 segment", "2 segments"."""
    count = segments(text)
    return f"{count} segment" if count == 1 else f"{count} segments"


def _count(sizes: list[int], alone: int, part: int) -> int:
    if sum(sizes) <= alone:
        return 1 if sizes else 0
    count, used = 1, 0
    for size in sizes:
        if used + size > part:  # a two-unit character never straddles a boundary
            count, used = count + 1, 0
        used += size
    return count
