"""The key ring: one private JWK file for each signing key, in a folder of our own.

`<kid>.jwk`, mode 0600, in a folder of mode 0700. The newest signs; all stay published, or the cards that
they signed could no longer be verified.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from bot.cards.jwks import Jwk, Jwks, public_jwks

SUFFIX = ".jwk"


@dataclass(frozen=True, slots=True)
class CardKey:
    """One signing key as its file holds it."""

    kid: str  # the RFC 7638 thumbprint
    created: datetime
    jwk: Jwk = field(repr=False)  # with d: never leaves this machine


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of one folder. A key made later is published at once, and signs after the next start."""

    folder: Path
    signing: ECKey = field(repr=False)

    def public_jwks(self) -> Jwks:
        """Every key in the folder now, the newest first."""
        return public_jwks(key.jwk for key in reversed(list_keys(self.folder)))


def load_or_create(folder: Path) -> KeyRing:
    """The ring of this folder, with a first key if it had none: the same for all who start together."""
    if not list_keys(folder):
        with _only_one(folder):
            if not list_keys(folder):
                new_key(folder)
    return KeyRing(folder, ECKey.import_key({**list_keys(folder)[-1].jwk}))


def new_key(folder: Path) -> CardKey:
    """Add a key. Those who run publish it now, and sign with it after their next start."""
    key = ECKey.generate_key("P-256")
    kid = key.thumbprint()
    created = datetime.now(UTC)
    jwk = key.as_dict(private=True, use="sig", alg="ES256", kid=kid, created=created.isoformat())
    _make_folder(folder)
    _write_whole(folder / f"{kid}{SUFFIX}", json.dumps(jwk, indent=1))
    return _read(folder / f"{kid}{SUFFIX}")


def list_keys(folder: Path) -> list[CardKey]:
    """All keys, the oldest first. Raises ValueError for a file that is no card key."""
    keys = [_read(path) for path in folder.glob(f"*{SUFFIX}")]
    return sorted(keys, key=lambda key: (key.created, key.kid))


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Let one process or thread in at a time. The system opens the lock when its holder dies."""
    _make_folder(folder)
    lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _make_folder(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def _write_whole(path: Path, text: str) -> None:
    """Write a private file that readers see whole or not at all, also after a power cut."""
    draft = path.with_suffix(".draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path) -> CardKey:
    """Raises ValueError naming the file, never its content."""
    try:
        jwk: Jwk = json.loads(path.read_text())
        key = ECKey.import_key({**jwk})
        created = datetime.fromisoformat(jwk["created"]).astimezone(UTC)
        public_jwks([jwk])  # or a field is missing
    except (KeyError, TypeError, ValueError, JoseError):
        raise ValueError(f"{path} is not a card key") from None
    if not (key.is_private and key.curve_name == "P-256" and key.thumbprint() == jwk["kid"] == path.stem):
        raise ValueError(f"{path} is not a private P-256 key named by its thumbprint")
    return CardKey(jwk["kid"], created, jwk)
