"""Colours and whether they can be told apart: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""

from collections.abc import Iterator


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white). Colours are such as "#14456b"."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def darkened(colour: str, ground: str, least: float) -> str:
    """The colour with as much black in it as its contrast with a light ground needs."""
    return next(mixed for mixed in _towards(colour, 0) if contrast(mixed, ground) >= least)


def lightened(colour: str, ground: str, least: float) -> str:
    """The colour with as much white in it as its contrast with a dark ground needs."""
    return next(mixed for mixed in _towards(colour, 255) if contrast(mixed, ground) >= least)


def _towards(colour: str, end: int) -> Iterator[str]:
    parts = _parts(colour)
    for step in range(51):
        mixed = (round(part + (end - part) * step / 50) for part in parts)
        yield "#" + "".join(f"{part:02x}" for part in mixed)


def _parts(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
