"""The Latin spellings of letters that many keyboards lack: "Müller" is also Mueller, "Сергей" is also Sergey. Pure."""

import re

LATIN = {
    **{"ä": "a ae", "ö": "o oe", "ü": "u ue", "ø": "o oe", "å": "a aa", "æ": "ae a e", "œ": "oe o"},
    **{"š": "s sh", "ş": "s sh", "ș": "s sh", "č": "c ch", "ć": "c ch", "ç": "c ch", "ž": "z zh", "đ": "d dj"},
    **{"ð": "d th", "þ": "th t", "ñ": "n ny ni nn", "ß": "ss s", "ğ": "g gh", "ə": "a e"},
}
CYRILLIC = {
    **{"а": "a", "б": "b", "в": "v w", "г": "g h", "ґ": "g", "д": "d", "е": "e ye ie je", "ё": "yo io jo e o"},
    **{"є": "ye ie e je", "ж": "zh j z", "з": "z", "и": "i y", "і": "i", "ї": "yi i ji", "й": "y i j"},
    **{"к": "k c", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s ss", "т": "t", "у": "u ou"},
    **{"ф": "f ph", "х": "kh h", "ц": "ts c tz", "ч": "ch", "ш": "sh", "щ": "shch sch sh", "ъ": "' ", "ы": "y i"},
    **{"ь": "' ", "э": "e", "ю": "yu iu ju", "я": "ya ia ja", "ў": "u w", "ђ": "dj", "ј": "j y", "љ": "lj", "њ": "nj"},
    **{"ћ": "c", "џ": "dz"},
    **{"кс": "ks x", "ий": "iy y i ii ij yi", "ый": "y yi iy yy", "ья": "ya ia ja", "ия": "iya ia ija iia ya"},
    **{"ье": "ye ie", "дж": "dzh j", "ндр": "ndr nder"},
}
GREEK = {
    **{"α": "a", "β": "v b", "γ": "g y", "δ": "d dh", "ε": "e", "ζ": "z", "η": "i e", "θ": "th", "ι": "i", "κ": "k c"},
    **{"λ": "l", "μ": "m", "ν": "n", "ξ": "x ks", "ο": "o", "π": "p", "ρ": "r rh", "σ": "s", "ς": "s", "τ": "t"},
    **{"υ": "y i u", "φ": "f ph", "χ": "ch h kh", "ψ": "ps", "ω": "o"},
    **{"ου": "ou u", "ει": "ei i", "οι": "oi i", "αι": "ai e", "αυ": "av af au", "ευ": "ev ef eu"},
    **{"γγ": "ng gg", "γκ": "g gk gg", "μπ": "b mp", "ντ": "d nt", "γι": "gi y yi"},
}
# An accent on a Greek vowel only tells where the stress is.
TO_BARE_GREEK = str.maketrans("άέήίόύώϊϋΐΰ", "αεηιουωιυιυ")
LETTERS = LATIN | CYRILLIC | GREEK
PARTS = re.compile("|".join((*sorted(LETTERS, key=len, reverse=True), ".")))


def transliterates(word: str, latin: str) -> bool:
    """Whether a folded word with its accents may be written so: "müller" as "mueller", "сергей" as "sergei"."""
    if word.isascii() or not latin.isascii():
        return False
    places = {0}  # how far the parts until now may reach: all ways at once, where one after another takes for ever
    for part in PARTS.findall(word.translate(TO_BARE_GREEK)):
        places = {place + len(way) for place in places for way in _ways(part) if latin.startswith(way, place)}
    return len(latin) in places


def _ways(part: str) -> list[str]:
    """ "я" -> ["ya", "ia", "ja"]; an apostrophe stands for a letter that is not written."""
    return LETTERS.get(part, part).replace("'", "").split() or [""]
