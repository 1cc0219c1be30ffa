"""Names as people type them, against names as registries hold them, word by word. Pure."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import product
from typing import NamedTuple

from bot.iis.names.folding import marked, other_accents, plain, suffixes, without_suffixes
from bot.iis.names.word import Unlikeness, Word, has_case, is_initial, unlike_in_family, unlike_in_given

# Words that brothers and sisters share: alone they name nobody.
PARTICLES = frozenset("thi van ma md mohd de del dela la las los da dos al el abu bin bint ibn".split())
MOST_WORDS_MORE = 3  # in both names together, or a list of guesses would find somebody
MOST_WORDS, MOST_LETTERS = 12, 300  # of a name; nobody has more, and comparing takes time


class Likeness(NamedTuple):
    """How like what she typed is to what the record holds."""

    unlike: Unlikeness
    more: bool  # she typed words that the record does not have


Likenesses = tuple[Likeness, Likeness]  # of the given names, of the family name
Name = tuple[Word, ...]
Compare = Callable[[Word, Word], Unlikeness]

SAME = Likeness(Unlikeness.NONE, more=False)
NEAR = Likeness(Unlikeness.NEAR, more=False)
OTHER = Likeness(Unlikeness.OTHER, more=False)


def likeness(first: str, last: str, given: Sequence[str], family: str, suffix: str | None = None) -> Likenesses:
    """How like the given names are, and how like the family name, in whichever order she typed them."""
    if max(map(len, (first, last, " ".join(given), family))) > MOST_LETTERS:
        return OTHER, OTHER
    asked_suffix, held_suffix = suffixes((first, last)), suffixes((" ".join(given), f"{family} {suffix or ''}"))
    if asked_suffix and held_suffix and asked_suffix != held_suffix:
        return OTHER, OTHER  # a father is not his son
    given_alike, family_alike = _likeness(_words(first), _words(last), _words(" ".join(given)), _words(family))
    return given_alike, Likeness(family_alike.unlike, family_alike.more or asked_suffix > held_suffix)


def _likeness(first: Name, last: Name, given: Name, family: Name) -> Likenesses:
    if _has_too_many_words(first, last, given, family):
        return OTHER, OTHER
    if set(_plain(given)) & set(_plain(family)):
        return _likeness_word_for_word(first, last, given, family)
    if _all_on_record(first, last, given, family):
        return SAME, SAME
    straight = _given(first, given), _family(last, family)
    if max(straight).unlike <= Unlikeness.SPELLING:
        return straight
    swapped = _given(last, given), _family(first, family)
    return min(straight, swapped, key=_worst_first)


def _has_too_many_words(first: Name, last: Name, given: Name, family: Name) -> bool:
    more = sum(word.plain not in PARTICLES for word in first + last) - len(given + family)
    return more > MOST_WORDS_MORE or max(map(len, (first, last, given, family))) > MOST_WORDS


def _likeness_word_for_word(first: Name, last: Name, given: Name, family: Name) -> Likenesses:
    """Of Min-jung Jung: one word says too little when it may be the given name or the family name."""
    whole = [(a, b) for a, b in ((first, last), (last, first)) if _as_long(a, given) and _as_long(b, family)]
    return min(((_given(a, given), _family(b, family)) for a, b in whole), key=_worst_first, default=(NEAR, NEAR))


def _as_long(asked: Name, held: Name) -> bool:
    return len(asked) == len(held) or _joined(asked) == _joined(held)


def _worst_first(both: Likenesses) -> tuple[Likeness, Likenesses]:
    return max(both), both


def _words(name: str) -> Name:
    return tuple(Word(text, plain(text)) for text in without_suffixes(marked(name)))


def _all_on_record(first: Name, last: Name, given: Name, family: Name) -> bool:
    """Whether she typed nothing but words of this record, on whichever side of first and last name."""
    typed, held = _plain(first + last), _plain(given + family)
    if not _in_order(typed, _plain(given)) and not _in_order(_plain(last + first), _plain(given)):
        return False
    if any(a.plain == b.plain and other_accents(a.text, b.text) for a in first + last for b in given + family):
        return False
    if set(typed) == set(held):
        return bool(typed)  # also people with one name only, who type it twice
    names = set(typed) - PARTICLES
    both_sides = names & set(_plain(given)) and names & set(_plain(family))
    if both_sides and not Counter(typed) - Counter(held):
        return True
    return _is_whole_name(first, last, given, family) or _is_whole_name(last, first, given, family)


def _in_order(typed: list[str], given: list[str]) -> bool:
    """Not so for María José, who is the sister of José María."""
    shared = [word for word in given if word in typed and word not in PARTICLES]
    return shared == [word for word in typed if word in shared]


def _is_whole_name(one: Name, other: Name, given: Name, family: Name) -> bool:
    """ "王小明" as the first or last name, and 王, 小明 or all again as the other."""
    parts = _joined(given), _joined(family)
    whole = {"".join(parts), "".join(reversed(parts))}
    if not all(parts) or any(map(has_case, parts)):
        return False
    return _joined(one) in whole and _joined(other) in whole.union(parts)


def _given(asked: Name, held: Name) -> Likeness:
    return _compare(asked, held, unlike_in_given, is_ordered=True)


def _family(asked: Name, held: Name) -> Likeness:
    return _compare(asked, held, unlike_in_family, is_ordered=False)


def _compare(asked: Name, held: Name, unlike: Compare, *, is_ordered: bool) -> Likeness:
    """The most favourable of: as it stands, and with neighbouring words as one: "O Brien", "Min Jun"."""
    if not asked or not held or len(asked) > len(held) + MOST_WORDS_MORE:
        return OTHER
    if [word.text for word in asked] == [word.text for word in held]:
        return SAME
    once = cache(unlike)  # its memory of names goes with this call
    as_it_stands = _word_by_word(asked, held, once, is_ordered)
    if as_it_stands.unlike == Unlikeness.NONE:
        return as_it_stands
    if is_ordered and any(map(is_initial, asked + held)):
        return as_it_stands  # Adrián A. is not Adriana
    joined = (_word_by_word(a, b, once, is_ordered) for a, b in product(_joinings(asked), _joinings(held)))
    return min((alike for alike in joined if alike.unlike == Unlikeness.NONE), default=as_it_stands)


def _joinings(name: Name) -> Iterator[Name]:
    """Ana María Luz -> itself, Anamaría Luz, Ana Maríaluz, Anamaríaluz."""
    yield name
    for i in range(len(name) - 1):
        yield (*name[:i], _as_one(name[i : i + 2]), *name[i + 2 :])
    if len(name) > 2:
        yield (_as_one(name),)


def _word_by_word(asked: Name, held: Name, unlike: Compare, is_ordered: bool) -> Likeness:
    """Each word of the shorter name with the nearest one that is left of the longer."""
    few, many = sorted((asked, held), key=len)
    rest, places = list(range(len(many))), {}
    for i in sorted(range(len(few)), key=lambda i: min(unlike(few[i], other) for other in many)):
        places[i] = min(rest, key=lambda place: (unlike(few[i], many[place]), abs(place - i)))
        rest.remove(places[i])
    pairs = [(few[i], many[place]) for i, place in sorted(places.items())]
    if not _say_who(pairs, held):
        return OTHER
    alike = Likeness(_together(pairs, unlike), more=len(asked) > len(held))
    is_doubtful = is_ordered and (_crosses(pairs, many) or _skips(pairs, [many[place] for place in rest]))
    return max(alike, NEAR) if is_doubtful else alike


def _crosses(pairs: list[tuple[Word, Word]], many: Name) -> bool:
    """So does María José with José María, who is her brother."""
    places = [many.index(word) for _, word in pairs if word.plain not in PARTICLES]
    return places != sorted(places)


def _skips(pairs: list[tuple[Word, Word]], left: list[Word]) -> bool:
    """Bảo Ngọc is not Bảo Châu N.: an initial stands for the next name, not for one after it."""
    return any(is_initial(word) for pair in pairs for word in pair) and not all(map(is_initial, left))


def _together(pairs: list[tuple[Word, Word]], unlike: Compare) -> Unlikeness:
    """One slip or one short name is as much as a name may have."""
    found = [unlike(a, b) for a, b in pairs]
    changed = [each for each in found if each > Unlikeness.SPELLING]
    return max(Unlikeness.NEAR, *changed) if len(changed) > 1 else max(found)


def _say_who(pairs: list[tuple[Word, Word]], held: Name) -> bool:
    """Not by initials alone, nor by "de la" of "de la Cruz"."""
    full = [pair for pair in pairs if not any(map(is_initial, pair))]
    if all(word.plain in PARTICLES for word in held):
        return bool(full)
    return any(PARTICLES.isdisjoint((a.plain, b.plain)) for a, b in full)


def _as_one(name: Name) -> Word:
    return Word("".join(word.text for word in name), _joined(name))


def _joined(name: Name) -> str:
    return "".join(_plain(name))


def _plain(name: Name) -> list[str]:
    return [word.plain for word in name]
