"""The issuers on our list, with their keys and what they have revoked, and the list itself."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vectors.claims import DAY, NOW
from vectors.signing import Key

FETCHED = datetime.fromtimestamp(NOW, UTC).isoformat()
RIDS = ("gone", f"before.{NOW - DAY}", f"after.{NOW - 2 * DAY}")


def _ago(seconds: float) -> str:
    return datetime.fromtimestamp(NOW - seconds, UTC).isoformat()


DATES = {  # when an issuer's keys and lists were fetched
    "nearly seven days ago": _ago(7 * DAY - 3600),
    "more than seven days ago": _ago(7 * DAY + 60),
    "in 2022": "2022-01-01",
    "at a time that nobody wrote down": None,
    "at a time that is none": "last week",
    "tomorrow, by another clock": _ago(3600 - DAY),
    "in a month": _ago(-30 * DAY),
    "with a Z": _ago(DAY).replace("+00:00", "Z"),
    "without a zone": _ago(DAY).removesuffix("+00:00"),
}
CURRENT = ("nearly seven days ago", "tomorrow, by another clock", "with a Z", "without a zone")


class Listed:
    """One issuer. `version`: what its key says of its revocation list; `listed`: how new the list is that we have;
    `updated`: when both were fetched."""

    def __init__(
        self, name: str, version: int | None = None, listed: int | None = None, updated: str | None = FETCHED
    ) -> None:
        self.updated = updated
        self.name, self.iss, self.key = name, f"https://{name.lower()}.example.org/vax", Key()
        self.jwks = [self.key.jwk | ({} if version is None else {"crlVersion": version})]
        crl = {"kid": self.key.kid, "method": "rid", "ctr": listed, "rids": RIDS}
        self.crls = [] if listed is None else [crl]

    def as_json(self) -> dict[str, Any]:
        return {"iss": self.iss, "name": self.name, "keys": self.jwks, "crls": self.crls, "updated": self.updated}

    def with_newer_key(self, version: int, *crls: dict[str, Any]) -> Key:
        """One more key, with lists of its own or none."""
        key = Key()
        self.jwks.append({**key.jwk, "crlVersion": version})
        self.crls += [{"kid": key.kid, "method": "rid", **crl} for crl in crls]
        return key


class Issuers:
    def __init__(self) -> None:
        self.neighbour = Listed("Neighbour")
        self.careful = Listed("Careful", version=2, listed=2)
        self.stale = Listed("Stale", version=3, listed=2)
        self.silent = Listed("Silent", version=1)
        self.dated = [Listed(f"Dated{at}", 1, 1, updated) for at, updated in enumerate(DATES.values())]
        self.newer = self.careful.with_newer_key(1, {"ctr": 1, "rids": []})
        self.newest = self.careful.with_newer_key(2)

    def as_json(self) -> str:
        listed = (self.neighbour, self.careful, self.stale, self.silent, *self.dated)
        return json.dumps({"participating_issuers": [issuer.as_json() for issuer in listed]})

    def write(self, file: Path) -> Path:
        """For TRUSTED_ISSUERS."""
        file.write_text(self.as_json(), encoding="utf-8")
        return file
