r"""Escape sequences: \F\ \S\ \T\ \R\ \E\ \Xhh\ \.br\. HL7 v2.5.1, 2.7.

PyPI `hl7` has functions for it, but they log what they cannot read, with the text around it.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
FORMATTING = r"\.[a-z]{2}[+-]?\d*"
CHARACTER_SETS = "[CMcm][0-9A-Fa-f]{4,6}"  # a switch to another character set, which we do not follow


@dataclass(frozen=True, slots=True)
class Separators:
    """MSH-1 and MSH-2."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"

    @property
    def names(self) -> dict[str, str]:
        """The letter by which each is escaped."""
        return {
            "F": self.field,
            "S": self.component,
            "R": self.repetition,
            "E": self.escape,
            "T": self.subcomponent,
        }


STANDARD = Separators()


def escape(text: str, separators: Separators = STANDARD) -> str:
    """Text that can end no field, component or segment, wherever it is put."""
    mark = separators.escape
    letters = {character: f"{mark}{name}{mark}" for name, character in separators.names.items()}
    safe = "".join(letters.get(character, character) for character in text)
    return CONTROL.sub(lambda found: f"{mark}X{ord(found[0]):02X}{mark}", safe)


def unescape(text: str, separators: Separators = STANDARD) -> str:
    """The text as it was meant. A lone escape character stays: people write "A\\C"."""
    if separators.escape not in text:
        return text
    return _sequences(separators.escape).sub(lambda found: _meaning(found[1], separators), text)


@lru_cache(maxsize=16)
def _sequences(mark: str) -> re.Pattern[str]:
    e = re.escape(mark)
    one = rf"[FSTREHN]|{FORMATTING}|{CHARACTER_SETS}|Z[^{e}]*"
    run = rf"X[0-9A-Fa-f]+(?:{e}{e}X[0-9A-Fa-f]+)*"  # one character may come as several sequences of a byte each
    return re.compile(f"{e}({one}|{run}){e}")


def _meaning(sequence: str, separators: Separators) -> str:
    if sequence in separators.names:
        return separators.names[sequence]
    if sequence.startswith("X"):
        return _decoded(re.sub(r"[^0-9A-Fa-f]", "", sequence))
    return "\n" if sequence.startswith((".br", ".sp", ".ce")) else ""


def _decoded(digits: str) -> str:
    data = bytes.fromhex(digits[: len(digits) // 2 * 2])
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
