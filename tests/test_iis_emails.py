"""What a registry writes as an email: an address that one mail goes to, or none."""

import pytest

from bot.iis.cleaning import email


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("mailto:Ana@Example.org", "ana@example.org"),
        ("o'neil+x_y=z@mail.example.org", "o'neil+x_y=z@mail.example.org"),
        ("jos\u00e9@example.org", "jos\u00e9@example.org"),
    ],
)
def test_an_address_is_folded(written: str, address: str) -> None:
    assert email(written) == address


@pytest.mark.parametrize("special", [*',;:<>()[]"\\@ ', "=?"])
@pytest.mark.parametrize("where", ["a{}b@example.org", "ab@exa{}mple.org", "ab@example.o{}rg"])
def test_an_address_with_a_special_character_is_none(special: str, where: str) -> None:
    assert email(where.format(special)) is None
