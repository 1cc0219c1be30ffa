"""The slips that fingers make on a phone, each with its kind."""

from collections.abc import Iterator
from functools import cache

from bot.iis.names.slips import slip_of

ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
PLACES = {key: (x + 0.5 * y, y) for y, row in enumerate(ROWS) for x, key in enumerate(row)}
LEFT_OUT = "left out"


def slips(name: str) -> dict[str, str]:
    """What may be typed for `name` -> the kind of slip: "swapped" for two neighbours that changed places, and so on."""
    return {typed: kind_of(name, typed) for typed in _slips(name) if typed != name}


def kind_of(name: str, typed: str) -> str:
    slip = slip_of(name, typed)
    return slip.kind if slip else LEFT_OUT


def is_slip_of(name: str, typed: str) -> bool:
    """As `typed in slips(name)`, but faster."""
    slip = slip_of(name, typed)
    if slip is None:
        return any(typed == name[:i] + name[i + 1 :] for i in range(len(name)))
    around = name[slip.place] if slip.kind == "beside" else name[max(slip.place - 1, 0) : slip.place + 1]
    return not slip.letter or any(slip.letter in beside(letter) for letter in around)


def _slips(name: str) -> Iterator[str]:
    for i, letter in enumerate(name):
        before, after = name[:i], name[i + 1 :]
        yield before + after[:1] + letter + after[1:]
        yield before + letter + letter + after
        yield before + after
        for key in beside(letter):
            yield before + key + after
            yield before + key + letter + after
            yield before + letter + key + after


@cache
def beside(letter: str) -> tuple[str, ...]:
    """The keys around it, in its own row and in the next ones: "s" -> w e a d z x."""
    x, y = PLACES[letter]
    return tuple(key for key, (u, v) in PLACES.items() if key != letter and abs(x - u) <= 1 and abs(y - v) <= 1)


def may_be_typed_for(typed: str) -> Iterator[str]:
    """All that `typed` may be a slip of, names or not."""
    for i, letter in enumerate(typed):
        before, after = typed[:i], typed[i + 1 :]
        yield before + after[:1] + letter + after[1:]
        yield before + after
        for other in PLACES:
            yield before + other + after
            yield before + other + letter + after
    for other in PLACES:
        yield typed + other
