"""Values as a version of us stores them, recorded from conversations of people whom the demo made up.

`pytest tests/record_stored.py` writes those of this version into the next folder of `tests/vectors/stored`. Older
ones stay as long as somebody may upgrade from their version.
"""

import dataclasses
from pathlib import Path

from conftest import ANA

from bot.conversation.session import Answered, Left, Session, Work
from bot.outbox.delivery import Delivery, Message
from bot.wiring import System

FOLDER = Path(__file__).parent / "vectors" / "stored"
VERSIONS = sorted((file.parent.name for file in FOLDER.glob("*/shape.json")), key=int)
TEXTS = ("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "1", "4821", "1")


def stored(version: str, name: str) -> bytes:
    return (FOLDER / version / f"{name}.json").read_bytes()


def shape() -> dict[str, dict[str, str]]:
    """The fields of all that is stored, and their types."""
    kinds = (Session, Answered, Work, Left, Delivery, Message)
    return {kind.__name__: {each.name: str(each.type) for each in dataclasses.fields(kind)} for kind in kinds}


def put_session(system: System, plain: bytes, phone: str = ANA) -> None:
    """In place of whatever is there; its end is as far away as a conversation's may be."""
    key = system.services.sessions.key(phone)
    system.client.set(key, system.services.sessions.ring.seal(plain, key), ex=7200)  # type: ignore[attr-defined]


def put_delivery(system: System, plain: bytes, delivery_id: str, due: float) -> None:
    key = f"vt:d:{delivery_id}"
    system.client.set(key, system.services.sessions.ring.seal(plain, key), ex=90_000)  # type: ignore[attr-defined]
    system.client.zadd("vt:due", {delivery_id: due})


def opened(system: System, key: str) -> bytes:
    value = system.client.get(key)
    assert isinstance(value, bytes)
    opened: bytes = system.services.sessions.ring.open(value, key)  # type: ignore[attr-defined]
    return opened
