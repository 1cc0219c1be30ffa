"""The file of TRUSTED_ISSUERS: read at start, and again when `vaxtext trust update` has replaced it."""

import os
from pathlib import Path

import structlog

from bot.cards.trust import Directory, TrustBroken, read_directory

log = structlog.get_logger()

LARGEST = 32 * 1024 * 1024  # bytes; the directory of all North America, with its keys, has some two


def open_trust_file(path: Path) -> Directory:
    """Raises TrustBroken, whose one sentence names the file and what to do."""
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST + 1)
    except OSError as error:
        raise TrustBroken(f"{path} cannot be read: {error.strerror}") from None
    if len(text) > LARGEST:
        raise TrustBroken(f"{path} has more than {LARGEST // 1024 // 1024} MB; keep only the issuers that you need")
    try:
        return read_directory(text)
    except TrustBroken as error:
        raise TrustBroken(f"{path}: {error}") from None


def check_trust_file(path: Path) -> None:
    """Raises TrustBroken also for a file that could verify nothing."""
    if not any(issuer.keys for issuer in open_trust_file(path).participating_issuers):
        raise TrustBroken(f"{path} holds no key of any issuer; fetch them with 'vaxtext trust update {path}'")


class TrustFile:
    """The issuers besides ourselves, as the file has them now. While the file is broken, as it had them."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._seen: object = None
        self._directory = Directory(participating_issuers=())

    def directory(self) -> Directory:
        if self._path and (stamp := _stamp(self._path)) != self._seen:
            self._seen = stamp
            try:
                self._directory = open_trust_file(self._path)
            except TrustBroken as error:
                log.error("trusted_issuers_broken", reason=str(error))
        return self._directory


def _stamp(path: Path) -> object:
    try:
        found = os.stat(path)
    except OSError:
        return "away"
    return found.st_mtime_ns, found.st_size, found.st_ino
