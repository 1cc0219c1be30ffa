"""The picture of a flow as SVG: every step, and how a person who answers properly goes on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from bot.conversation.check_graph import NOT_ANSWERED
from bot.conversation.flow import Flow, State
from bot.report.layers import Place, arrange, back_edges, join, ranks

MARGIN = 10
LETTER, SMALL = 7.3, 6.2  # width of a letter of a name, of a word at an edge
LINE = 15
MIDDLE = 8  # room for a bend between two rows


@dataclass(frozen=True, slots=True)
class Picture:
    svg: str
    width: int
    aside: tuple[str, ...]  # states that nobody reaches by answering properly


def draw(flow: Flow) -> Picture:
    following = {name: list(_edges(state)) for name, state in flow.states.items()}
    rank = ranks(flow.start, following)
    aside = tuple(name for name in flow.states if name not in rank)
    rows, lines = _rows(flow, following, rank)
    arrange(rows)
    tops = _tops(rows)
    width = max(place.x + place.width / 2 for row in rows for place in row) + 2 * MARGIN
    if aside:
        rows.append(_aside(flow, aside, width))
        tops.append(tops[-1] + _height(rows[-2]) + 3 * MIDDLE)
    height = tops[-1] + _height(rows[-1]) + MARGIN
    width = max(width, *(p.x + p.width / 2 + 2 * MARGIN for p in rows[-1]))
    parts = [*_lines(rows, tops, lines), *_boxes(flow, rows, tops)]
    return Picture(
        _FRAME.format(width=round(width), height=round(height), inside="\n".join(parts)), round(width), aside
    )


def _edges(state: State) -> dict[str, list[str]]:
    """The states that follow, each with the outcomes that lead there."""
    found: dict[str, list[str]] = {}
    for outcome, target in state.next.items():
        if outcome not in NOT_ANSWERED:
            found.setdefault(target, []).append(outcome)
    return found


def _rows(
    flow: Flow, following: Mapping[str, list[str]], rank: Mapping[str, int]
) -> tuple[list[list[Place]], list[list[Place]]]:
    """Boxes in even rows, the words of edges in odd rows; and the places that each edge passes."""
    back = back_edges(flow.start, following)
    rows: list[list[Place]] = [[] for _ in range(2 * max(rank.values()) + 1)]
    boxes = {name: _box(flow.states[name], {t for s, t in back if s == name}) for name in rank}
    for name, box in boxes.items():
        rows[2 * rank[name]].append(box)
    chains = []
    for name in rank:
        targets = _edges(flow.states[name])
        for target, outcomes in targets.items():
            if (name, target) in back:
                continue
            words = outcomes if len(targets) > 1 else []
            chain = [_words(words)]
            chain += [Place(4, 0) for _ in range(2 * rank[name] + 2, 2 * rank[target])]
            for row, place in enumerate(chain, 2 * rank[name] + 1):
                rows[row].append(place)
            join([boxes[name], *chain, boxes[target]])
            chains.append([boxes[name], *chain, boxes[target]])
    return rows, chains


def _box(state: State, back: set[str]) -> Place:
    lines = [state.name]
    if state.say != state.name:
        lines.append(f"says {state.say}")
    for target, outcomes in _edges(state).items():
        if target in back:
            lines += [f"↑ {', '.join(outcomes)}:", f"back to {target}"]
    width = max(len(lines[0]) * LETTER, *(len(line) * SMALL for line in lines)) + 36
    return Place(width, LINE * len(lines) + 16, tuple(lines), state.name)


def _words(outcomes: list[str]) -> Place:
    return Place(max((len(o) * SMALL for o in outcomes), default=0) + 4, (LINE - 2) * len(outcomes), tuple(outcomes))


def _aside(flow: Flow, names: tuple[str, ...], width: float) -> list[Place]:
    """The boxes below, side by side, in the middle."""
    row = [_box(flow.states[name], set()) for name in names]
    x = (width - sum(box.width + 20 for box in row)) / 2 - MARGIN
    for box in row:
        box.x = x + box.width / 2
        x += box.width + 20
    return row


def _tops(rows: list[list[Place]]) -> list[float]:
    tops, y = [], float(MARGIN)
    for row in rows:
        tops.append(y)
        spread = max((abs(p.x - b.x) for p in row for b in p.below), default=0.0)
        y += _height(row) + MIDDLE + min(spread / 12, 34)  # a long way to the side needs a gentler slope
    return tops


def _height(row: list[Place]) -> float:
    return max(place.height for place in row)


def _lines(rows: list[list[Place]], tops: list[float], chains: list[list[Place]]) -> Iterator[str]:
    row_of = {id(place): number for number, row in enumerate(rows) for place in row}
    for chain in chains:
        for upper, lower in pairwise(chain):
            number = row_of[id(upper)]
            x1, y1 = upper.x + MARGIN, tops[number] + (upper.height or _height(rows[number]))
            x2, y2 = lower.x + MARGIN, tops[number + 1]
            if upper.passing and not upper.lines:
                yield f'<path d="M{x1:.1f} {tops[number]:.1f}V{y1:.1f}"/>'
            elif upper.passing and upper.height < _height(rows[number]):
                yield f'<path d="M{x1:.1f} {y1:.1f}V{tops[number] + _height(rows[number]):.1f}"/>'
                y1 = tops[number] + _height(rows[number])
            middle = (y1 + y2) / 2
            arrow = ' marker-end="url(#arrow)"' if lower.name else ""
            yield f'<path d="M{x1:.1f} {y1:.1f}C{x1:.1f} {middle:.1f} {x2:.1f} {middle:.1f} {x2:.1f} {y2:.1f}"{arrow}/>'


def _boxes(flow: Flow, rows: list[list[Place]], tops: list[float]) -> Iterator[str]:
    for row, top in zip(rows, tops, strict=True):
        for place in row:
            x = place.x + MARGIN
            if place.name:
                kind = flow.states[place.name].kind
                yield f'<g class="{kind}">{_shape(kind, x, top, place.width, place.height)}'
                yield from _text(place.lines, x, top + 20, LINE)
                yield "</g>"
            elif place.lines:
                yield '<g class="outcome">'
                yield from _text(place.lines, x, top + 10, LINE - 2)
                yield "</g>"


def _text(lines: tuple[str, ...], x: float, y: float, step: float) -> Iterator[str]:
    for number, line in enumerate(lines):
        small = ' class="small"' if number else ""
        yield f'<text x="{x:.1f}" y="{y + number * step:.1f}"{small}>{escape(line)}</text>'


def _shape(kind: str, x: float, y: float, width: float, height: float) -> str:
    """Told apart without colour: a box asks, points to both sides choose, double sides work, round ends end."""
    left, right, bottom = x - width / 2, x + width / 2, y + height
    if kind == "choose":
        points = [(left, y + height / 2), (left + 14, y), (right - 14, y), (right, y + height / 2)]
        points += [(right - 14, bottom), (left + 14, bottom)]
        return f'<polygon points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in points)}"/>'
    radius = min(height / 2, 18) if kind == "end" else 2
    box = f'<rect x="{left:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{radius:.0f}"/>'
    if kind == "do":
        box += f'<path d="M{left + 7:.1f} {y:.1f}V{bottom:.1f}M{right - 7:.1f} {y:.1f}V{bottom:.1f}"/>'
    return box


_FRAME = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" \
role="img" aria-labelledby="picture-title">
<title id="picture-title">The steps of the conversation, from top to bottom. The table below says the same.</title>
<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">\
<path d="M0 0 10 5 0 10z"/></marker></defs>
{inside}
</svg>"""
