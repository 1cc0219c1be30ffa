"""Where the boxes of a layered drawing stand: rows by longest path, few crossings, nothing on top of anything.

After Sugiyama, Tagawa and Toda (1981). An edge that passes a row, and the words on an edge, get a place of their own
there like a box; so no line runs through a box and no two words meet.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

GAP = 14.0  # between neighbours in a row
SWEEPS = 24


@dataclass(slots=True, eq=False)
class Place:
    """One place in a row: a box, the words of an edge, or where an edge passes."""

    width: float
    height: float
    lines: tuple[str, ...] = ()
    name: str = ""  # of a box
    x: float = 0.0  # the middle
    above: list["Place"] = field(default_factory=list)
    below: list["Place"] = field(default_factory=list)

    @property
    def passing(self) -> bool:
        return not self.name


def ranks(start: str, following: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The longest way to every box that is reached; edges that lead back do not count."""
    forward = {name: list(targets) for name, targets in following.items()}
    for source, target in back_edges(start, following):
        forward[source].remove(target)
    found = {start: 0}
    for name in _in_order(start, forward):
        for target in forward.get(name, ()):
            found[target] = max(found.get(target, 0), found[name] + 1)
    return found


def back_edges(start: str, following: Mapping[str, Sequence[str]]) -> set[tuple[str, str]]:
    """The edges that lead back to where one came through."""
    found, done = set(), set()

    def visit(name: str, way: frozenset[str]) -> None:
        done.add(name)
        for target in following.get(name, ()):
            if target in way:
                found.add((name, target))
            elif target not in done:
                visit(target, way | {target})

    visit(start, frozenset({start}))
    return found


def _in_order(start: str, forward: Mapping[str, Sequence[str]]) -> list[str]:
    """Every box before those that follow it."""
    order: list[str] = []
    seen: set[str] = set()

    def visit(name: str) -> None:
        seen.add(name)
        for target in forward.get(name, ()):
            if target not in seen:
                visit(target)
        order.append(name)

    visit(start)
    return order[::-1]


def join(chain: Iterable[Place]) -> None:
    """Make each the neighbour of the next, one row below."""
    places = list(chain)
    for upper, lower in pairwise(places):
        upper.below.append(lower)
        lower.above.append(upper)


def arrange(rows: list[list[Place]]) -> None:
    """Order each row so that few edges cross, and give every place its x."""
    best, fewest = [list(row) for row in rows], _crossings(rows)
    for sweep in range(SWEEPS):
        for index in range(len(rows))[:: 1 if sweep % 2 == 0 else -1]:
            _sort(rows, index, down=sweep % 2 == 0)
        if (count := _crossings(rows)) < fewest:
            best, fewest = [list(row) for row in rows], count
    rows[:] = best
    for row in rows:
        _pack(row)
    for sweep in range(8 * SWEEPS):
        for row in rows[:: 1 if sweep % 2 == 0 else -1]:
            _pull(row)
    left = min(place.x - place.width / 2 for row in rows for place in row)
    for place in (place for row in rows for place in row):
        place.x -= left


def _sort(rows: Sequence[list[Place]], index: int, *, down: bool) -> None:
    """By the middle of the neighbours in the row before."""
    other = index - 1 if down else index + 1
    if not 0 <= other < len(rows):
        return
    at = {id(place): number for number, place in enumerate(rows[other])}
    own = {id(place): number for number, place in enumerate(rows[index])}

    def middle(place: Place) -> float:
        near = [at[id(p)] for p in (place.above if down else place.below)]
        return sum(near) / len(near) if near else own[id(place)]

    rows[index].sort(key=middle)


def _crossings(rows: Sequence[Sequence[Place]]) -> int:
    count = 0
    for upper, lower in pairwise(rows):
        at = {id(place): number for number, place in enumerate(lower)}
        ends = [at[id(p)] for place in upper for p in sorted(place.below, key=lambda p: at[id(p)])]
        count += sum(a > b for i, a in enumerate(ends) for b in ends[i + 1 :])
    return count


def _pack(row: Sequence[Place]) -> None:
    for place, x in zip(row, _offsets(row), strict=True):
        place.x = x


def _offsets(row: Sequence[Place]) -> Iterator[float]:
    """The middles of a row without more room than it needs."""
    x = 0.0
    for number, place in enumerate(row):
        x += (row[number - 1].width + place.width) / 2 + GAP if number else 0.0
        yield x


def _pull(row: Sequence[Place]) -> None:
    """Bring each as near to its neighbours as the row allows (least squares, by pooling those that would collide)."""
    pools: list[tuple[float, float, int]] = []  # sum of weighted wishes, weight, members
    offsets = list(_offsets(row))
    for place, offset in zip(row, offsets, strict=True):
        wish, weight = _wish(place)
        pools.append(((wish - offset) * weight, weight, 1))
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            last, before = pools.pop(), pools.pop()
            pools.append((before[0] + last[0], before[1] + last[1], before[2] + last[2]))
    shifts = [total / weight for total, weight, members in pools for _ in range(members)]
    for place, offset, shift in zip(row, offsets, shifts, strict=True):
        place.x = offset + shift


def _wish(place: Place) -> tuple[float, float]:
    """Where a place would like to stand, and how much: lines that only pass want to be straight."""
    near = [*place.above, *place.below]
    if not near:
        return place.x, 0.1
    weights = [6.0 if place.passing and other.passing else 1.0 for other in near]
    return sum(p.x * w for p, w in zip(near, weights, strict=True)) / sum(weights), sum(weights)
