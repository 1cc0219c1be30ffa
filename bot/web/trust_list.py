"""The issuers whose cards are believed, as the page /verify fetches them: made anew only when something has changed."""

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson

from bot.cards.jwks import Jwks
from bot.cards.ourselves import ourselves
from bot.cards.trust import Directory, Issuer, Ourselves
from bot.cards.trust_file import TrustFile
from bot.ports import Cards

FOR_VERIFYING = ("kty", "crv", "kid", "x", "y", "crlVersion")


@dataclass(frozen=True, slots=True)
class Written:
    content: bytes  # JSON
    etag: str
    others: Directory  # of which it was made, and our keys, whose `crlVersion` says how new their lists are
    keys: Jwks


class TrustList:
    """Ourselves first, with keys and revocation lists."""

    def __init__(self, cards: Cards, iss: str, trusted: TrustFile) -> None:
        self._cards, self._iss, self._trusted = cards, iss, trusted
        self._written: Written | None = None

    def written(self) -> Written:
        others, keys, held = self._trusted.directory(), self._cards.jwks(), self._written
        if held and held.others is others and held.keys == keys:
            return held
        content = orjson.dumps(_as_json(others.with_ours(ourselves(self._cards, self._iss))))
        self._written = Written(content, hashlib.sha256(content).hexdigest()[:32], others, keys)
        return self._written


def _as_json(directory: Directory) -> dict[str, Any]:
    return {"participating_issuers": [_issuer(issuer) for issuer in directory.participating_issuers]}


def _issuer(issuer: Issuer) -> dict[str, Any]:
    """`fetched`: seconds since 1970, null where nobody knows, and "now" for ourselves."""
    keys = [{name: key[name] for name in FOR_VERIFYING if name in key} for key in issuer.keys]
    crls = [{"kid": crl.kid, "ctr": crl.ctr, "rids": crl.rids} for crl in issuer.crls]
    fetched = "now" if isinstance(issuer, Ourselves) else issuer.fetched_at
    return {"iss": issuer.iss, "name": issuer.name, "fetched": fetched, "keys": keys, "crls": crls}
