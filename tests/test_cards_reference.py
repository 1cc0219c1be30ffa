"""A reference number is the card's rid in another spelling: it can be read out, and a slip is noticed."""

import base64
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.cards.reference import ALPHABET, to_reference, to_rid

rids = st.binary(min_size=8, max_size=8).map(lambda bits: base64.urlsafe_b64encode(bits).decode().rstrip("="))


@given(rids)
def test_every_rid_has_one_reference_and_comes_back_from_it(rid):
    reference = to_reference(rid)

    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{5}){2}", reference)
    assert to_rid(reference) == rid


@given(rids)
def test_lower_case_spaces_and_look_alikes_are_forgiven(rid):
    reference = to_reference(rid)
    heard = reference.lower().replace("-", " ").replace("0", "o").replace("1", "l")

    assert to_rid(f" {heard} ") == rid
    assert to_rid(reference.replace("-", "").replace("1", "I")) == rid


@given(rids, st.integers(0, 13), st.sampled_from(ALPHABET))
def test_one_wrong_letter_anywhere_is_noticed(rid, place, letter):
    letters = list(to_reference(rid).replace("-", ""))
    assume(letters[place] != letter)
    letters[place] = letter

    with pytest.raises(ValueError, match="a letter or digit of this reference number is wrong"):
        to_rid("".join(letters))


@given(rids, st.integers(0, 12))
def test_two_letters_that_changed_places_are_noticed(rid, place):
    letters = list(to_reference(rid).replace("-", ""))
    assume(letters[place] != letters[place + 1])
    letters[place : place + 2] = reversed(letters[place : place + 2])

    with pytest.raises(ValueError, match="number is wrong"):
        to_rid("".join(letters))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has 14 letters and digits, this has 0"),
        ("7K3M-9QXTR-2VB8", "has 14 letters and digits, this has 13"),
        ("7K3M-9QXTR-2VB8CC", "this has 15"),
        ("7K3M-9QXTR-2VU8C", "has no 'U'"),
        ("7K3M-9QXTR-2V*8C", r"has no '\*'"),
        ("7K3M-9QXTR-2VË8C", "has no 'Ë'"),
    ],
    ids=["nothing", "short", "long", "U", "sign", "accent"],
)
def test_what_is_no_reference_is_refused_in_words(text, said):
    with pytest.raises(ValueError, match=said):
        to_rid(text)


def test_thirteen_letters_that_hold_more_than_64_bits_are_refused():
    with pytest.raises(ValueError, match="number is wrong"):
        to_rid("G000-00000-0000" + ALPHABET[check_of_g()])


@pytest.mark.parametrize("rid", ["", "AAAAAAAAAAB", "AAAAAAAAAAAA", "AAAAAAAAAA", "AAAAAAAAAA=", "AAAAAAAAA.A"])
def test_what_is_no_rid_of_ours_has_no_reference(rid):
    with pytest.raises(ValueError, match="not a revocation id of 64 bits"):
        to_reference(rid)


@pytest.mark.parametrize(
    ("rid", "reference"),
    [
        ("AAAAAAAAAAA", "0000-00000-00000"),
        ("SGVsbG8sIFg", "4GSB-CDHQJ-R82RP"),
        ("__________8", "FZZZ-ZZZZZ-ZZZZX"),
    ],
)
def test_a_reference_is_spelled_as_it_always_was(rid, reference):
    assert to_reference(rid) == reference
    assert to_rid(reference) == rid


def check_of_g():
    """The check that G and twelve zeros would have: 16 doubled thirteen times in GF(32)."""
    value = 16
    for _ in range(13):
        value = value << 1 ^ (0b100101 if value & 16 else 0)
    return value
