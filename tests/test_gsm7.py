"""How texts are billed: exact segment counts at every boundary (3GPP TS 23.038)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.gsm7 import BASIC, EXTENSION, is_gsm7, segments

ACCENT = "á"  # not in GSM-7: the whole text becomes UCS-2
EMOJI = "😀"  # two UTF-16 units


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("a", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 459, 3),
        ("a" * 460, 4),
        ("ñ¿¡üéèàÑ\n" * 17, 1),
        ("€" * 80, 1),
        ("€" * 80 + "a", 2),
        ("a" * 158 + "€", 1),
        ("a" * 159 + "€", 2),
        ("a" * 152 + "€" + "a" * 151, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("a" * 151 + "€" + "a" * 153, 2),
        ("€" * 76 + "€" * 76, 2),
        ("€" * 153, 3),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else f"{len(value)}",
)
def test_gsm7_takes_160_alone_and_153_in_parts(text: str, count: int) -> None:
    assert segments(text) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (ACCENT, 1),
        (ACCENT * 70, 1),
        (ACCENT * 71, 2),
        (ACCENT * 134, 2),
        (ACCENT * 135, 3),
        ("a" * 69 + ACCENT, 1),
        ("a" * 70 + ACCENT, 2),
        ("[" * 69 + ACCENT, 1),
        (EMOJI * 35, 1),
        (EMOJI * 36, 2),
        (EMOJI * 66, 2),
        (EMOJI * 67, 3),
        ("a" * 66 + EMOJI + "a" * 65, 2),
        ("a" * 66 + EMOJI + "a" * 66, 3),
        ("a" * 65 + EMOJI + "a" * 67, 2),
        ("王" * 70, 1),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else f"{len(value)}",
)
def test_ucs2_takes_70_alone_and_67_in_parts(text: str, count: int) -> None:
    assert segments(text) == count


def test_the_alphabet_has_its_127_characters_and_no_backtick() -> None:
    assert len(BASIC) == 127  # 128 places, one of them the escape
    assert len(EXTENSION) == 10
    assert not BASIC & EXTENSION
    assert not any(map(is_gsm7, "`áíóúÁÍÓÚç’“”–…\t"))


@given(st.text())
def test_more_text_never_costs_less(text: str) -> None:
    assert segments(text) <= segments(text + "a") <= segments(text) + 1


@given(st.text(min_size=1), st.integers(1, 400))
def test_a_text_always_fits_the_segments_that_are_counted(text: str, times: int) -> None:
    long = text * times
    units = len(long.encode("utf-16-le", "surrogatepass")) // 2
    room = 160 if is_gsm7(long) else 70

    assert segments(long) >= 1
    assert segments(long) > 1 or units <= room
