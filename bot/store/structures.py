"""The files of every flow that was live lately, so that whoever began with it can finish with it."""

from collections.abc import Mapping

import orjson
import redis

from bot.store.connect import our_errors

LIFE = 90 * 24 * 3600  # seconds; nobody's conversation lasts longer than some hours
LIVE = "vt:f:live"


class RedisStructures:
    """`vt:f:<structure>` and `vt:f:live`: flow files as JSON. Nothing personal is in them."""

    def __init__(self, client: redis.Redis) -> None:
        self.client = client

    def publish(self, structure: str, files: Mapping[str, str]) -> None:
        data = orjson.dumps(dict(files))
        with our_errors(), self.client.pipeline() as pipe:
            pipe.set(f"vt:f:{structure}", data, ex=LIFE)
            pipe.set(LIVE, data, ex=LIFE)
            pipe.execute()

    def files(self, structure: str) -> Mapping[str, str] | None:
        return self._read(f"vt:f:{structure}")

    def known(self) -> list[str]:
        """The structures that are kept."""
        with our_errors():
            names = [name.decode().rpartition(":")[2] for name in self.client.scan_iter("vt:f:*")]
        return [name for name in names if name != "live"]

    def live(self) -> Mapping[str, str] | None:
        return self._read(LIVE)

    def _read(self, name: str) -> Mapping[str, str] | None:
        with our_errors():
            data = self.client.get(name)
        return orjson.loads(data) if isinstance(data, bytes) else None
