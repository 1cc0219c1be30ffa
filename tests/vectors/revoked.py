"""Cards of issuers that revoke: by id, up to a moment, in lists that are new, old or missing."""

from collections.abc import Iterator

from vectors import Vector
from vectors.claims import ANA, DAY, NOW, claims_of
from vectors.issuers import CURRENT, DATES, Issuers


def revoked(issuers: Issuers) -> Iterator[Vector]:
    careful, stale, silent, neighbour = issuers.careful, issuers.stale, issuers.silent, issuers.neighbour
    for name, issuer, rid, says in (
        ("an id that is not listed", careful, "stays", "verified"),
        ("no id", careful, None, "verified"),
        ("a listed id", careful, "gone", "revoked"),
        ("an id that begins as a listed one", careful, "gon", "verified"),
        ("an id that goes on after a listed one", careful, "gone2", "verified"),
        ("an id that is no pattern", careful, ".*", "verified"),
        ("issued after what was revoked", careful, "after", "verified"),
        ("issued in the second of the revocation", careful, "before", "verified"),
        ("a list older than its key says", stale, "stays", "unchecked"),
        ("a listed id in such a list", stale, "gone", "revoked"),
        ("a key whose list is missing", silent, "stays", "unchecked"),
        ("an id of another issuer's list", neighbour, "gone", "verified"),
    ):
        card = issuer.key.sign(claims_of(issuer.iss, rid=rid))
        yield Vector(f"revocation: {name}", card, [says], (ANA,) if says == "verified" else ())
    before = careful.key.sign(claims_of(careful.iss, rid="before", nbf=NOW - DAY - 1))
    yield Vector("revocation: issued before the moment", before, ["revoked"])
    nearly = careful.key.sign(claims_of(careful.iss, rid="befor", nbf=NOW - DAY - 1))
    yield Vector("revocation: issued before the moment, another id", nearly, ["verified"], (ANA,))
    other = issuers.newer.sign(claims_of(careful.iss, rid="gone"))
    yield Vector("revocation: an id of another key's list", other, ["verified"], (ANA,))
    missing = issuers.newest.sign(claims_of(careful.iss))
    yield Vector("revocation: a key whose list is missing beside those of others", missing, ["unchecked"])
    for name, issuer in zip(DATES, issuers.dated, strict=True):
        says = "verified" if name in CURRENT else "unchecked"
        card = issuer.key.sign(claims_of(issuer.iss, rid="stays"))
        yield Vector(f"lists that were fetched {name}", card, [says], (ANA,) if says == "verified" else ())
    old = issuers.dated[list(DATES).index("in 2022")]
    yield Vector("a listed id in old lists", old.key.sign(claims_of(old.iss, rid="gone")), ["revoked"])
    yield Vector("an old list, and no revocation id", old.key.sign(claims_of(old.iss, rid=None)), ["unchecked"])
    forged = issuers.neighbour.key.sign(claims_of(old.iss), kid=old.key.kid)
    yield Vector("old lists, and a wrong signature", forged, ["wrong_signature"])
