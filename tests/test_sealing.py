"""Sealing: what one key and one name closed, only they open; and a ring opens what any of its keys closed."""

import hmac

import pytest

from bot.store.sealing import NONCE, KeyRing, UnknownKey, Unreadable, derive, open_sealed, seal, stamp_of

A, B = b"a" * 32, b"b" * 32
PLAIN = b"Ana Reyes"


def test_what_was_sealed_opens_with_its_key_and_name() -> None:
    assert open_sealed(A, seal(A, PLAIN, "vt:s:1"), "vt:s:1") == PLAIN


@pytest.mark.parametrize(("key", "name"), [(B, "vt:s:1"), (A, "vt:s:2")], ids=["another key", "another name"])
def test_it_opens_with_nothing_else(key: bytes, name: str) -> None:
    with pytest.raises(Unreadable):
        open_sealed(key, seal(A, PLAIN, "vt:s:1"), name)


def test_a_changed_byte_anywhere_is_noticed() -> None:
    sealed = seal(A, PLAIN, "n")

    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(Unreadable):
            open_sealed(A, changed, "n")


@pytest.mark.parametrize("sealed", [b"", b"x", b"x" * NONCE, b"x" * 27], ids=len)
def test_what_is_too_short_is_unreadable_and_no_fault(sealed: bytes) -> None:
    with pytest.raises(Unreadable):
        open_sealed(A, sealed, "n")


def test_the_same_twice_is_sealed_differently_and_tells_nothing() -> None:
    one, two = seal(A, PLAIN, "n"), seal(A, PLAIN, "n")

    assert one[:NONCE] != two[:NONCE]
    assert PLAIN not in one
    assert len(one) == 12 + len(PLAIN) + 16  # as NIST SP 800-38D wants nonce and tag


def test_a_ring_seals_with_its_first_key_and_opens_with_all() -> None:
    old, both, new = KeyRing({"a": A}), KeyRing({"b": B, "a": A}), KeyRing({"b": B})

    assert both.first == "b"
    assert both.open(old.seal(PLAIN, "n"), "n") == PLAIN
    assert new.open(both.seal(PLAIN, "n"), "n") == PLAIN
    assert both.seal(PLAIN, "n").startswith(b"b.")


def test_a_ring_names_the_key_that_it_lacks() -> None:
    with pytest.raises(UnknownKey, match=r"^a$"):
        KeyRing({"b": B}).open(KeyRing({"a": A}).seal(PLAIN, "n"), "n")


def test_no_more_of_a_value_than_an_id_is_told() -> None:
    with pytest.raises(UnknownKey) as told:
        KeyRing({"b": B}).open(b"x" * 100 + b"." + PLAIN, "n")

    assert str(told.value) == "x" * 16


def test_the_same_id_with_another_key_opens_nothing() -> None:
    with pytest.raises(Unreadable):
        KeyRing({"a": B}).open(KeyRing({"a": A}).seal(PLAIN, "n"), "n")


@pytest.mark.parametrize("length", range(1, 17))
def test_a_stamp_is_the_id_and_the_nonce_and_never_the_same(length: int) -> None:
    ring = KeyRing({"k" * length: A})
    one, two = ring.seal(PLAIN, "n"), ring.seal(PLAIN, "n")

    assert stamp_of(one) == one[: length + len(".") + 12]
    assert stamp_of(one) != stamp_of(two)


def test_a_derived_key_is_another_for_each_purpose_secret_and_material_and_always_the_same() -> None:
    made = [derive(A, b"", "x"), derive(A, b"", "y"), derive(B, b"", "x"), derive(A, b"m", "x")]

    assert len(set(made)) == 4
    assert derive(A, b"m", "x") == made[3]
    assert {len(key) for key in made} == {32}


def test_derivation_is_hkdf_with_sha_256() -> None:
    """Extract and expand as RFC 5869 has them, in Python's own HMAC."""
    salt, material, purpose = bytes(range(13)), b"\x0b" * 22, "vaxtext link"
    extracted = hmac.digest(salt, material, "sha256")

    assert derive(salt, material, purpose) == hmac.digest(extracted, purpose.encode() + b"\x01", "sha256")


def test_a_derived_ring_keeps_the_ids_and_their_order() -> None:
    ring = KeyRing({"b": B, "a": A}).derived("x", b"m")

    assert list(ring.keys) == ["b", "a"]
    assert ring.keys["a"] == derive(A, b"m", "x")


def test_a_ring_never_prints_its_keys() -> None:
    assert "a" * 32 not in repr(KeyRing({"k": A}))
    assert repr(A) not in repr(KeyRing({"k": A}))


def test_nobody_changes_a_ring() -> None:
    with pytest.raises(AttributeError):
        KeyRing({"k": A}).keys = {"k": B}  # type: ignore[misc]
