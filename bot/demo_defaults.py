"""What the demo makes up where no setting is given: secrets of its own, kept under DATA_DIR, and its addresses."""

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bot.config import DEMO_ACCOUNT, DEMO_REGISTRY, DEMO_TRAIL, Settings, SettingsWrong

MADE_UP = ("auth_token", "secret_key", "link_pepper", "index_key", "audit_key")


def complete(settings: Settings) -> Settings:
    """Fill every gap that production would refuse. Given settings always win. Raises SettingsWrong."""
    try:
        made = _made_up(settings.data_dir)
    except OSError as error:
        raise SettingsWrong(f"DATA_DIR: {settings.data_dir} cannot be used: {error.strerror}") from None
    address = _address(settings)
    gaps = {
        "public_url": address,
        "iis_url": f"sqlite:///{(settings.data_dir / DEMO_REGISTRY).resolve()}",
        "audit_url": f"sqlite:///{(settings.data_dir / DEMO_TRAIL).resolve()}",
        "twilio_account_sid": DEMO_ACCOUNT,
        "twilio_auth_token": made["auth_token"],
        "secret_keys": f"demo:{made['secret_key']}",
        "link_pepper": f"demo:{made['link_pepper']}",
        "index_keys": f"demo:{made['index_key']}",
        "audit_keys": f"demo:{made['audit_key']}",
        "card_issuer": card_issuer(settings),
    }
    return settings.model_copy(update={name: value for name, value in gaps.items() if not getattr(settings, name)})


def card_issuer(settings: Settings) -> str:
    """The issuer that our cards name; "" where production has not said it yet."""
    made_up = (settings.public_url or _address(settings)) if settings.demo else ""
    return settings.card_issuer or made_up


def _address(settings: Settings) -> str:
    return f"http://127.0.0.1:{settings.port}"


@contextmanager
def one_at_a_time(path: Path) -> Iterator[IO[str]]:
    """The file, private and ours alone: web and worker start at the same moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with open(descriptor, "r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _made_up(folder: Path) -> dict[str, str]:
    """The demo's secrets: made once, the same for every process and after every restart."""
    with one_at_a_time(folder / "demo_secrets.json") as file:
        made: dict[str, str] = json.loads(file.read() or "{}")
        if missing := [name for name in MADE_UP if name not in made]:  # in a folder of an older version some are there
            made |= {name: new_secret() for name in missing}
            file.seek(0)
            file.truncate()
            json.dump(made, file)
        return made


def new_secret() -> str:
    """32 random bytes in base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode()
