"""Ourselves as an issuer, for commands that check cards: with the keys of this machine, or those that are named."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import orjson

from bot.cards.ourselves import ourselves
from bot.cards.trust import Issuer, check_key, our_issuer
from bot.cli.fetch_issuer import KEYS, NotFetched, fetch_issuer
from bot.cli.started import in_words
from bot.config import Settings
from bot.demo_defaults import card_issuer
from bot.wiring import build_cards

NAME = "this service"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
LARGEST = 1024 * 1024  # bytes of a JWKS file


def issuer_here(settings: Settings) -> Issuer | None:
    """With the keys of this machine, as our settings name them; None where it has none."""
    iss = card_issuer(settings)
    if not iss or not settings.data_dir.exists():  # the demo would make keys, which have signed nothing
        return None
    with in_words():
        return ourselves(build_cards(settings), iss, NAME)


def issuer_of(jwks: str, settings: Settings) -> Issuer:
    """With the keys of a JWKS file, or of the issuer whose jwks.json is at an address."""
    if "://" in jwks:
        return _fetched(jwks)
    iss = card_issuer(settings)
    if not iss:
        raise click.UsageError("--jwks: CARD_ISSUER is not set, so whose keys these are is not known")
    return our_issuer(iss, NAME, _keys(Path(jwks)))


def _fetched(address: str) -> Issuer:
    parts = urlsplit(address)
    iss = address.removesuffix(KEYS)
    if iss == address or not (parts.scheme == "https" or parts.hostname in LOOPBACK):
        raise click.UsageError(f"--jwks: write an address as https://ISSUER{KEYS}, or a file")
    try:
        return fetch_issuer(our_issuer(iss, iss, ())).issuer
    except NotFetched as error:
        raise click.UsageError(f"--jwks: {error}") from None


def _keys(file: Path) -> list[dict[str, Any]]:
    try:
        with file.open("rb") as opened:
            keys = orjson.loads(opened.read(LARGEST))["keys"]
        return [check_key(dict(key)) for key in keys]
    except OSError as error:
        raise click.UsageError(f"--jwks: {file} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise click.UsageError(f"--jwks: {file} is no set of public keys: {error}") from None
