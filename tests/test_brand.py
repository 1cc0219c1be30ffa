"""The issuer's look: brand.yaml is read, a colour that hides words and a logo that does more than draw are refused."""

import base64
import re
import struct
import zlib
from pathlib import Path

import pytest

from bot.conversation.brand import READABLE, WHITE, Brand, read_brand
from bot.conversation.colours import contrast, darkened
from bot.conversation.flow_files import check_flow
from bot.flow_folder import check_folder, open_flow, read_folder
from bot.live_flow import in_words_of

FOLDER = Path(__file__).parent.parent / "flows" / "vaccine_record"
DRAWN = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}</svg>'
SVG = DRAWN.format('<path id="a" d="M0 0h9v9H0z"/>')


def png(width: int = 64, height: int = 64) -> bytes:
    header = struct.pack(">2I5B", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(header))


def problems(brand: str, **logos: str | bytes) -> list[str]:
    files = {name.replace("_", "."): _packed(content) for name, content in logos.items()}
    _, found = read_brand({"brand.yaml": brand, **files}, "flow/brand.yaml")
    return [str(problem) for problem in found]


def _packed(content: str | bytes) -> str:
    return base64.b64encode(content.encode() if isinstance(content, str) else content).decode()


def test_the_shipped_look_is_sound_and_has_a_logo() -> None:
    brand = open_flow(FOLDER).brand

    assert brand.logo_type == "svg"
    assert b"<path" in brand.logo
    assert contrast(brand.band, WHITE) >= 7


def test_without_a_brand_file_pages_have_our_colours_and_no_logo() -> None:
    files = {name: text for name, text in read_folder(FOLDER).items() if name != "brand.yaml"}

    flow, found = check_flow(files)

    assert [problem for problem in found if problem.level == "error"] == []
    assert flow
    assert flow.brand == Brand()


def test_what_is_left_out_is_as_it_comes() -> None:
    brand, found = read_brand({"brand.yaml": 'accent: "#00ff00"\n'}, "brand.yaml")

    assert found == []
    assert brand == Brand(accent="#00ff00")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('band: "blue"\n', 'flow/brand.yaml:1:7: band: write a colour as "#14456b": a # and six of 0-9 and a-f'),
        ('accent: "#12345"\n', "flow/brand.yaml:1:9: accent: write a colour"),
        ("band: [a]\n", "flow/brand.yaml:1:7: band: write a colour"),
        ('bnad: "#14456b"\n', "flow/brand.yaml:1:1: bnad: unknown key (did you mean 'band'?)"),
        ("logo: seal.gif\n", "flow/brand.yaml:1:7: logo: a logo is a file that ends in .svg or .png"),
        ("logo: seal.svg\n", "flow/brand.yaml:1:7: logo: there is no file 'seal.svg' beside brand.yaml"),
        ("logo: ../logo.svg\n", "flow/brand.yaml:1:7: logo: there is no file '../logo.svg'"),
        ("band: {\n", "flow/brand.yaml:2:1: this is not YAML"),
    ],
    ids=["name", "short", "list", "unknown", "gif", "missing", "elsewhere", "no yaml"],
)  # fmt: skip
def test_a_slip_is_told_with_its_place_and_the_fix(text: str, told: str) -> None:
    (found,) = problems(text)

    assert found.startswith(told)


def test_a_misspelled_logo_file_is_recognised() -> None:
    (found,) = problems("logo: logo.svg\n", **{"lgo_svg": SVG})

    assert found.endswith("there is no file 'logo.svg' beside brand.yaml (did you mean 'lgo.svg'?)")


def test_a_band_on_which_white_letters_cannot_be_read_is_refused_with_one_that_does() -> None:
    (found,) = problems('band: "#f0b93a"\n')

    assert "white letters on it have a contrast of 1.8, and need 4.5" in found
    better = re.search(r'such as "(#[0-9a-f]{6})"', found)
    assert better
    assert problems(f'band: "{better[1]}"\n') == []


@pytest.mark.parametrize("colour", ["#ffffff", "#ff0000", "#00ff00", "#8888ff", "#777777", "#000000"])
def test_any_colour_can_be_made_dark_enough_for_day_and_light_enough_for_night(colour: str) -> None:
    assert contrast(darkened(colour, WHITE, READABLE), WHITE) >= READABLE
    assert contrast(Brand(band=colour).band_by_night, "#18242e") >= 7


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#14456b", "#14456b") == 1


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("<script>alert(1)</script>", "<script> is more than drawing"),
        ("<foreignObject/>", "<foreignObject> is more than drawing"),
        ('<image href="x.png"/>', "more than drawing"),
        ('<a href="https://x.example"/>', "more than drawing"),
        ("<animate/>", "more than drawing"),
        ('<path onload="alert(1)"/>', "'onload' runs a program"),
        ('<use href="https://x.example/#a"/>', "'href' leads to something outside"),
        ('<use xmlns:x="http://www.w3.org/1999/xlink" x:href="other.svg#a"/>', "'href' leads to something outside"),
        ('<path fill="url(https://x.example)"/>', "'fill' leads to something outside"),
        ('<path style="fill: url(x.svg#a)"/>', "'style' leads to something outside"),
        ("<style>@import 'x.css';</style>", "its <style> leads to something outside"),
        ("<text>State</text>", "turn them into paths"),
    ],
)
def test_an_svg_that_does_more_than_draw_is_refused(inside: str, told: str) -> None:
    (found,) = problems("logo: logo.svg\n", logo_svg=DRAWN.format(inside))

    assert found.startswith("flow/brand.yaml:1:7: logo: logo.svg: ")
    assert told in found


@pytest.mark.parametrize(
    "content",
    [
        f'<!DOCTYPE svg [<!ENTITY a "b">]>{SVG}',
        f'<?xml-stylesheet href="x.css"?>{SVG}',
        "<svg",
        "",
        "\x00",
        "<html/>",
        SVG.replace(' viewBox="0 0 9 9"', ""),
        f"<!--{'x' * 21_000}-->{SVG}",
    ],
    ids=["entities", "style sheet", "broken", "empty", "zero", "html", "no size", "large"],
)
def test_what_is_no_plain_small_svg_is_refused(content: str) -> None:
    assert len(problems("logo: logo.svg\n", logo_svg=content)) >= 1


@pytest.mark.parametrize(
    "content", [b"GIF89a", b"", png(2000, 10), png(10, 2000), png(0, 0), png() + bytes(21_000)],
    ids=["gif", "empty", "wide", "high", "nothing", "large"],
)  # fmt: skip
def test_what_is_no_small_png_is_refused(content: bytes) -> None:
    (found,) = problems("logo: logo.png\n", logo_png=content)

    assert found.startswith("flow/brand.yaml:1:7: logo: logo.png: ")


def test_an_svg_with_gradients_masks_and_a_style_is_fine() -> None:
    inside = (
        '<style>.a{fill:url(#g)}</style><defs><linearGradient id="g"><stop offset="0"/></linearGradient></defs>'
        '<path class="a" d="M0 0h9"/><use href="#a"/>'
    )

    assert problems("logo: logo.svg\n", logo_svg=DRAWN.format(inside)) == []
    assert problems("logo: logo.png\n", logo_png=png()) == []


def test_the_checker_reads_the_look_with_all_else(tmp_path: Path) -> None:
    for name, text in read_folder(FOLDER).items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text if path.suffix != ".svg" else base64.b64decode(text).decode(), encoding="utf-8")
    (tmp_path / "brand.yaml").write_text('band: "#ffff00"\nlogo: seal.svg\n', encoding="utf-8")

    flow, found = check_folder(tmp_path)

    assert flow is None
    errors = [str(problem) for problem in found if problem.level == "error"]
    assert [error.partition(": ")[0] for error in errors] == [
        f"{tmp_path}/brand.yaml:1:7",
        f"{tmp_path}/brand.yaml:2:7",
    ]


def test_who_began_with_older_steps_sees_todays_look() -> None:
    files = read_folder(FOLDER)
    older, _ = check_flow(files)
    today, _ = check_flow({**files, "brand.yaml": 'band: "#7a0019"\n'})

    assert older
    assert today
    assert in_words_of(today, older).brand.band == "#7a0019"
    assert older.structure == today.structure
