"""A signature is Twilio's, over an address of ours, with a token of ours; and nothing else is."""

import pytest

from bot.web.signature import Signature

FORM = {"MessageSid": "SM" + "1" * 32, "Body": "Hi"}
HERE, FALLBACK = "/twilio/sms", "/twilio/fallback"
OURS = Signature("https://records.example.gov", ("new", "old"), ("https://second.example.gov/twilio/fallback",))


def signed(base: str, path: str, token: str, form: dict[str, str] = FORM) -> str:
    return Signature(base, (token,)).sign(path, form)


@pytest.mark.parametrize("token", ["new", "old"])
@pytest.mark.parametrize("path", [HERE, FALLBACK])
def test_every_token_of_ours_counts_at_our_own_address(token: str, path: str) -> None:
    assert OURS.fits(path, FORM, signed("https://records.example.gov", path, token))


def test_the_first_token_signs() -> None:
    assert OURS.sign(HERE, FORM) == signed("https://records.example.gov", HERE, "new")


def test_another_address_of_ours_counts_for_its_own_path_alone() -> None:
    assert OURS.fits(FALLBACK, FORM, signed("https://second.example.gov", FALLBACK, "new"))
    assert not OURS.fits(HERE, FORM, signed("https://second.example.gov", FALLBACK, "new"))
    assert not OURS.fits(HERE, FORM, signed("https://second.example.gov", HERE, "new"))
    for path in ("/a", "/zzz"):  # before and after it in the alphabet
        assert not OURS.fits(path, FORM, signed("https://second.example.gov", FALLBACK, "new"))


def test_an_address_counts_whoever_made_the_text_of_its_path() -> None:
    made = "/".join(("", "twilio", "fallback"))

    assert OURS.fits(made, FORM, signed("https://second.example.gov", FALLBACK, "new"))


@pytest.mark.parametrize("given", [None, "", "x", "====", signed("https://records.example.gov", HERE, "theirs")])
def test_what_nobody_signed_does_not_fit(given: str | None) -> None:
    assert not OURS.fits(HERE, FORM, given)


def test_another_form_does_not_fit() -> None:
    ours = OURS.sign(HERE, FORM)

    assert not OURS.fits(HERE, {**FORM, "Body": "Ho"}, ours)
    assert not OURS.fits(HERE, {**FORM, "More": ""}, ours)
    assert not OURS.fits(HERE, {"Body": "Hi"}, ours)


def test_no_token_is_ever_printed_and_none_can_be_exchanged() -> None:
    assert "new" not in repr(OURS)
    with pytest.raises(AttributeError):
        OURS.tokens = ("theirs",)  # type: ignore[misc]
