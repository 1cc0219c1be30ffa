"""One wrong key: when two words differ by a typing slip, and when they may be two people's names. Pure."""

import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from rapidfuzz.distance import OSA

TABLE = Path(__file__).with_name("letters.csv")
VOWELS = frozenset("aeiou")
DOUBLED = re.compile(r"([^aeiou])\1")  # no vowels: "Marinaa" is Mariana
# Pinyin, Korean, and whatever has a vowel after each consonant: one letter makes the name of a sister.
SYLLABLES = re.compile(
    r"(?:(?:[bpmfdtnlgkhjqxzcsrwy]|zh|ch|sh)?(?:a|ai|ao|an|ang|e|ei|en|eng|er|i|ia|iao|ian|iang|ie|in|ing|iong|iu"
    r"|o|ong|ou|u|ua|uai|uan|uang|ue|ui|un|uo)){1,3}"
    r"|(?:(?:[b-df-hj-np-tv-z]|[knhmrgbp]y|sh|ch|th|ts)?[aeiouy]{1,2}n?){1,5}[b-df-hj-np-tv-z]?"
    r"|(?:(?:[gndrlmbsjkthpcwy]|kk|tt|pp|ss|jj|ch)?(?:a|ae|ya|eo|e|yeo|ye|o|wa|oe|yo|u|wo|we|wi|yu|eu|ui|i|oo|ee|ou|ung)"
    r"(?:[knlmptb]|ng)?){1,3}"
)
# Both are names, though only two letters changed places.
CHANGED_PLACES = frozenset(
    """
    adia/aida adrian/ardian aila/alia aime/amie ajla/alja ajna/anja alaina/aliana aline/alien alya/ayla amani/aamni
    anders/andres anina/annia antoine/antonie anvi/avni arely/arley arian/airan bernt/brent bert/bret birta/brita
    bryon/byron cain/cian camren/carmen cloe/cole daina/dania daina/diana dairo/dario dalia/daila dania/diana
    delila/dellia doina/donia earl/eral edna/enda ehsan/eshan eila/elia elaina/eliana elaine/eliane elise/elsie
    faith/fatih ferd/fred ferdi/fredi freida/frieda gaida/giada gary/gray gert/gret gerta/greta hansa/hasna igne/inge
    ihsaan/ishaan ilsa/isla jaime/jamie janine/jannie jeanine/jeannie jhoan/johan kadri/kardi kahlil/khalil
    kaila/kalia kaira/kiara kamran/karman kamren/karmen keira/kiera keon/koen kira/kria kirsten/kristen kirsti/kristi
    kirstie/kristie kirstin/kristin kirstine/kristine kirsty/kristy laela/leala laila/lalia lais/lias larue/laure
    launa/luana laura/luara leila/lelia leisa/lesia leisa/liesa luisa/lusia luiza/luzia maila/malia maira/maria
    maire/marie maite/matie marcia/marica mareike/marieke marely/marley mariele/marilee marine/marnie meike/mieke
    mirta/mitra nadia/naida nael/neal nail/nial naom/noam raid/riad raina/rania rhianna/rihanna roise/rosie
    sadia/saida sahra/shara sairah/sariah sanita/santia seha/shea shaina/shania stein/stien sylvaine/sylviane
    taina/tania taina/tiana tania/tiana tory/troy zaira/zaria
    """.split()
)


def is_slip(a: str, b: str) -> bool:
    """One letter too many, too few or wrong, or two that changed places: "Ryees" in a family name."""
    return min(len(a), len(b)) >= 3 and OSA.distance(a, b, score_cutoff=1) == 1


def is_slip_in_given(a: str, b: str) -> bool:
    """As `is_slip`, if one of the two can be no name: Daniel and Daniela are brother and sister."""
    if a[:1] != b[:1] or not (a + b).isascii():
        return False
    return _sounds_alike(a, b) or (is_slip(a, b) and _can_be_no_other(a, b))


def _sounds_alike(a: str, b: str) -> bool:
    """ "Philip" and "Phillip", "Kailee" and "Kaylee": no parents give both to two children."""
    if min(len(a), len(b)) < 5:
        return False  # "Hanna" may be Hana or Hanan
    return DOUBLED.sub(r"\1", a.replace("y", "i")) == DOUBLED.sub(r"\1", b.replace("y", "i"))


def _can_be_no_other(a: str, b: str) -> bool:
    if _changed_places(a, b):
        return f"{min(a, b)}/{max(a, b)}" not in CHANGED_PLACES
    if min(len(a), len(b)) < 6 or SYLLABLES.fullmatch(a) or SYLLABLES.fullmatch(b):
        return False  # "Thsnh" may be Thanh or Thinh
    return not (looks_like_a_name(a) and looks_like_a_name(b))


def looks_like_a_name(word: str) -> bool:
    """Whether every three letters of it are found in given names somewhere: "Sumita" does, "Sunjta" does not."""
    known = _known_triples()
    return all(triple in known for triple in triples(word))


def triples(word: str) -> Iterator[str]:
    """ "Ana" -> "^an", "ana", "na$"."""
    framed = f"^{word}$"
    return (framed[i : i + 3] for i in range(len(framed) - 2))


def _changed_places(a: str, b: str) -> bool:
    """ "Catheirn", "Jaun": letters inside a long word, or vowels inside any, as "Maira" and "Taylah" are names."""
    changed = [letter for letter, other in zip(a, b, strict=False) if letter != other]
    return sorted(a) == sorted(b) and a[-1] == b[-1] and (len(a) >= 7 or VOWELS.issuperset(changed))


@cache
def _known_triples() -> frozenset[str]:
    with TABLE.open(newline="", encoding="ascii") as file:
        return frozenset(row["letters"] + letter for row in csv.DictReader(file) for letter in row["next"])
