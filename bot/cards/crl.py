"""Card revocation lists, as `/.well-known/crl/<kid>.json` serves them: one file for each key, its `ctr` counting up.

The rules are the SMART Health Cards specification's: https://spec.smarthealth.cards/#revocation
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.cards.private_files import only_one, write_whole
from bot.cards.watched import Watched

Crl = dict[str, Any]

SUFFIX = ".json"
RID = re.compile(r"[A-Za-z0-9_-]{1,24}(\.[0-9]+)?", re.ASCII)


class Crls:
    """The lists in one folder, as they are now. Raises ValueError for a file that is no list."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._last: dict[str, Crl] = {}
        self._live = Watched(folder, SUFFIX, self._read_on)

    def of(self, kid: str) -> Crl:
        """The list of a key. Every key has one from the start: `ctr` 1, nothing revoked."""
        return self._live.current().get(kid) or _empty(kid)

    def revoke(self, rids: Mapping[str, str], before: int | None) -> None:
        """Add each kid's rid: for cards signed `before` this time in whole seconds, or with None for all, for good."""
        with only_one(self._folder):
            held = _read_all(self._folder)
            for kid, rid in rids.items():
                crl = held.get(kid) or _empty(kid)
                longer = with_rid(crl, rid, before)
                if longer != crl:
                    write_whole(self._folder / f"{kid}{SUFFIX}", json.dumps(longer, indent=1))

    def _read_on(self, folder: Path) -> dict[str, Crl]:
        """The lists in the folder, unless one is gone or counts less than before: who is revoked stays revoked."""
        crls = _read_all(folder)
        for kid, crl in self._last.items():
            if crls.get(kid, _empty(kid))["ctr"] < crl["ctr"]:
                raise ValueError(f"the list of {kid} is older than what was read before")
        self._last = crls
        return crls


def with_rid(crl: Crl, rid: str, before: int | None) -> Crl:
    """The list with this rid in it once, and its `ctr` one higher; the same list if that says nothing new."""
    times = dict(_parts(entry) for entry in crl["rids"])
    if rid in times and _covers(times[rid], before):
        return crl
    times[rid] = before
    return {**crl, "ctr": crl["ctr"] + 1, "rids": [_entry(*item) for item in times.items()]}


def _empty(kid: str) -> Crl:
    return {"kid": kid, "method": "rid", "ctr": 1, "rids": []}


def _parts(entry: str) -> tuple[str, int | None]:
    rid, _, time = entry.partition(".")
    return rid, int(time) if time else None


def _covers(known: int | None, before: int | None) -> bool:
    return known is None or (before is not None and before <= known)


def _entry(rid: str, before: int | None) -> str:
    return rid if before is None else f"{rid}.{before}"


def _read_all(folder: Path) -> dict[str, Crl]:
    return {path.stem: _read(path) for path in folder.glob(f"*{SUFFIX}")}


def _read(path: Path) -> Crl:
    try:
        crl: Crl = json.loads(path.read_text())
        sound = (
            crl.keys() == {"kid", "method", "ctr", "rids"}
            and (crl["kid"], crl["method"]) == (path.stem, "rid")
            and isinstance(crl["ctr"], int)
            and all(RID.fullmatch(entry) for entry in crl["rids"])
        )
    except (ValueError, TypeError, AttributeError, OSError):
        sound = False
    if not sound:
        raise ValueError(f"{path} is not a card revocation list")
    return crl
