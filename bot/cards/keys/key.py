"""One key that signs cards, as its file holds it: a JWK with a few words more.

`created`; `signs_from`, the time from which it signs, or null for a key that waits; once it is retired, `retired` and
`rid_secret` instead of `d`; `leaked` when its public half is no longer published. A file without `signs_from` is of
the time when every key signed from the start.
"""

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from bot.cards.jwks import PUBLIC
from bot.cards.rid import secret_of

Jwk = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CardKey:
    """A key with what is known of it."""

    kid: str  # the RFC 7638 thumbprint
    created: datetime
    public_since: datetime  # since when its file lies here for readers to see
    signs_from: datetime | None
    retired: datetime | None
    leaked: datetime | None
    ec: ECKey = field(repr=False)  # its public half alone once it is retired
    rid_secret: bytes = field(repr=False)
    jwk: Jwk = field(repr=False)  # with d: never leaves this machine but by `--print`

    @property
    def can_sign(self) -> bool:
        return self.retired is None

    def text(self) -> str:
        """What its file holds."""
        return json.dumps(self.jwk, indent=1)


def make_key(now: datetime) -> CardKey:
    """A new key, in no file yet, that signs only when it is told to."""
    key = ECKey.generate_key("P-256")
    times = {"created": now.isoformat(), "signs_from": None}
    return _key(key.as_dict(private=True, use="sig", alg="ES256", kid=key.thumbprint(), **times), now)


def read_key(text: str, name: str, lies_here_since: datetime) -> CardKey:
    """The key of a file called `name` without its suffix. Raises ValueError, which shows nothing of the content."""
    try:
        key = _key(json.loads(text), lies_here_since)
    except (KeyError, TypeError, AttributeError, ValueError, JoseError):
        raise ValueError("is not a card key") from None
    if not (key.jwk["crv"] == "P-256" and key.ec.thumbprint() == key.kid == name):
        raise ValueError("is not a P-256 key in a file that is named by its thumbprint")
    return key


def changed(key: CardKey, **words: datetime) -> CardKey:
    """The key with `signs_from`, `retired` or `leaked` set. A retired key has no private half."""
    jwk = {**key.jwk, **{name: time.isoformat() for name, time in words.items()}}
    if "retired" in jwk and jwk.pop("d", None):
        jwk["rid_secret"] = base64.urlsafe_b64encode(key.rid_secret).decode()
    return _key(jwk, key.public_since)


def _key(jwk: Jwk, lies_here_since: datetime) -> CardKey:
    created, retired = _time(jwk["created"]), _time(jwk.get("retired"))
    if created is None or (retired is None) != ("d" in jwk):
        raise ValueError("a key signs, or it is retired")
    return CardKey(
        kid=jwk["kid"],
        created=created,
        public_since=max(created, lies_here_since),
        signs_from=_time(jwk.get("signs_from", jwk["created"])),
        retired=retired,
        leaked=_time(jwk.get("leaked")),
        ec=ECKey.import_key({part: jwk[part] for part in (*PUBLIC, *([] if retired else ["d"]))}),
        rid_secret=base64.urlsafe_b64decode(jwk["rid_secret"]) if retired else secret_of(jwk["d"]),
        jwk=jwk,
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None
