"""How the issuer looks: `brand.yaml` with colours and a logo, checked before anybody sees them."""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator

from bot.conversation.colours import contrast, darkened, lightened
from bot.conversation.flow_yaml import read_yaml
from bot.conversation.logo import LOGO_TYPES, wrong_with
from bot.conversation.problems import FlowBroken, Problem, Source, did_you_mean
from bot.conversation.shape import Shape, read_shape

BRAND_FILE = "brand.yaml"
READABLE = 4.5  # WCAG 2.2, 1.4.3
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
WHITE, DARK_CARD = "#ffffff", "#18242e"  # what stands behind and below letters, by day and by night


@dataclass(frozen=True, slots=True)
class Brand:
    """The colours and the logo of pages, pictures and PDFs."""

    band: str = "#14456b"  # behind the issuer's name, which is white, and of buttons
    accent: str = "#f0b93a"  # the line below it
    logo: bytes = b""
    logo_type: str = ""  # "svg" or "png"

    @property
    def band_by_night(self) -> str:
        """The band's colour for buttons and links on a dark page."""
        return lightened(self.band, DARK_CARD, 7)


def _colour(text: object) -> str:
    if not isinstance(text, str) or not COLOUR.fullmatch(text):
        raise ValueError('write a colour as "#14456b": a # and six of 0-9 and a-f, in quotes')
    return text.lower()


def _band(text: object) -> str:
    """It is refused here, so that the shape's readers hear of it with all other problems."""
    band = _colour(text)
    if contrast(band, WHITE) < READABLE:
        told = f"white letters on it have a contrast of {contrast(band, WHITE):.1f}, and need {READABLE}"
        raise ValueError(f'{told}; take a darker colour, such as "{darkened(band, WHITE, READABLE)}"')
    return band


class BrandShape(Shape):
    band: Annotated[str, BeforeValidator(_band)] = Brand().band
    accent: Annotated[str, BeforeValidator(_colour)] = Brand().accent
    logo: str = ""


def read_brand(files: Mapping[str, str], name: str) -> tuple[Brand, list[Problem]]:
    """The brand, as far as it can be read, and every problem. A logo's content comes with the files, in base64.

    Without a brand.yaml the pages are dark blue and have no logo.
    """
    if BRAND_FILE not in files:
        return Brand(), []
    try:
        source = read_yaml(name, files[BRAND_FILE])
    except FlowBroken as broken:
        return Brand(), list(broken.problems)
    shape, problems = read_shape(BrandShape, source)
    if shape is None:
        return Brand(), problems
    found = list(_logo_problems(source, shape.logo, files)) if shape.logo else []
    logo = base64.b64decode(files[shape.logo]) if shape.logo and not found else b""
    return Brand(shape.band, shape.accent, logo, shape.logo.rpartition(".")[2] if logo else ""), problems + found


def _logo_problems(source: Source, logo: str, files: Mapping[str, str]) -> Iterator[Problem]:
    if not logo.endswith(LOGO_TYPES):
        yield source.problem(("logo",), "a logo is a file that ends in .svg or .png; name one beside brand.yaml")
    elif logo not in files:
        there = [path for path in files if path.endswith(LOGO_TYPES)]
        yield source.problem(("logo",), f"there is no file '{logo}' beside brand.yaml {did_you_mean(logo, there)}")
    elif told := wrong_with(base64.b64decode(files[logo]), logo.rpartition(".")[2]):
        yield source.problem(("logo",), f"{logo}: {told}")
