"""What a logo may be: a small PNG, or an SVG that only draws, so that it is safe in a page, a picture and a PDF."""

import re
import struct
from collections.abc import Iterator
from xml.etree import ElementTree

LOGO_TYPES = (".svg", ".png")
LARGEST = 20 * 1024  # bytes; it is in every page
WIDEST = 1024  # pixels of a PNG
PNG = b"\x89PNG\r\n\x1a\n"
SVG = "{http://www.w3.org/2000/svg}"
DRAWS = frozenset(
    "svg g defs symbol use title desc metadata path rect circle ellipse line polyline polygon clipPath mask "
    "linearGradient radialGradient stop style".split()
)
ELSEWHERE = re.compile(r"url\(\s*(?!['\"]?#)|@import|expression\s*\(|javascript:", re.IGNORECASE)


def wrong_with(content: bytes, kind: str) -> str:
    """What is wrong with a logo of this kind, and the fix; "" if nothing is."""
    if len(content) > LARGEST:
        return f"it has {len(content) // 1024 + 1} KB and is in every page; make it at most {LARGEST // 1024} KB"
    return next(_wrong_in_svg(content) if kind == "svg" else _wrong_in_png(content), "")


def _wrong_in_png(content: bytes) -> Iterator[str]:
    if content[:8] != PNG or content[12:16] != b"IHDR" or len(content) < 33:
        yield "this is no PNG; save it as PNG again"
        return
    width, height = struct.unpack(">2I", content[16:24])
    if not 0 < max(width, height) <= WIDEST:
        yield f"it is {width} by {height} pixels; make it at most {WIDEST} wide and high"


def _wrong_in_svg(content: bytes) -> Iterator[str]:
    if re.search(rb"<!DOCTYPE|<!ENTITY|<\?xml-stylesheet", content, re.IGNORECASE):
        yield "it has a DOCTYPE, entities or a style sheet elsewhere; export it as plain SVG"
        return
    try:
        root = ElementTree.fromstring(content)  # noqa: S314 - without entities there is nothing to blow up
    except (ElementTree.ParseError, ValueError, LookupError):
        yield "this is no SVG; export it as plain SVG again"
        return
    if root.tag != f"{SVG}svg" or "viewBox" not in root.attrib:
        yield "its outermost element is no <svg> with a viewBox, so it has no size; export it with one"
    for element in root.iter():
        yield from _wrong_in_element(element)


def _wrong_in_element(element: ElementTree.Element) -> Iterator[str]:
    name = str(element.tag).removeprefix(SVG)
    if name == "text" or name == "tspan":
        yield "it has letters, which look different wherever their font is missing; turn them into paths"
    elif name not in DRAWS and element.tag.startswith(SVG):
        yield f"<{name}> is more than drawing (programs, links and pictures are refused); remove it"
    for key, value in element.attrib.items():
        bare = key.rpartition("}")[2].casefold()
        if bare.startswith("on"):
            yield f"'{bare}' runs a program; remove it"
        elif (bare == "href" and not value.startswith("#")) or ELSEWHERE.search(value):
            yield f"'{bare}' leads to something outside of the file; put it into the file, or remove it"
    if name == "style" and ELSEWHERE.search(element.text or ""):
        yield "its <style> leads to something outside of the file; put it into the file, or remove it"
