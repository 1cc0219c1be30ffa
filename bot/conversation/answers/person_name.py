"""A name as people write it: accents, hyphens, apostrophes, several words, any script."""

import re
import unicodedata

from bot.conversation.answers.check import Asked, Check, Clean, Wrong
from bot.conversation.folding import visible

APOSTROPHES = str.maketrans(dict.fromkeys("’‘`´ʼʹ＇ʻ", "'"))
HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—−－", "-"))
SENTENCE = re.compile(r"[@?¿？:]")  # a question or a remark, not a name
EMOJI_STYLE = "\ufe0e\ufe0f\u20e3"  # marks to Unicode, but no accents


def check(text: str, asked: Asked) -> Clean | Wrong:
    name = _tidy(text)
    if not any(unicodedata.category(c).startswith("L") for c in name):
        return Wrong("not_a_name")
    if any(unicodedata.category(c).startswith("N") for c in name) or SENTENCE.search(text):
        return Wrong("not_a_name")
    if len(name) > asked.longest:
        return Wrong("too_long")
    return Clean(name)


def _tidy(text: str) -> str:
    """ "  Ana 😀 O’Neill. " -> "Ana O'Neill": signs that no name has are dropped."""
    straight = visible(text).translate(APOSTROPHES).translate(HYPHENS)
    kept = "".join(c if _belongs(c) else " " for c in straight)
    return " ".join(kept.split()).strip(" -'·,.")


def _belongs(character: str) -> bool:
    if character in EMOJI_STYLE:
        return False
    return unicodedata.category(character)[0] in "LNM" or character in " -'.,·・"


CHECK = Check(run=check, private=True, errors=("not_a_name", "too_long"))
