"""Whether a Redis is one to which health data can be given: it evicts nothing, and has all again after a restart."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import redis

OLDEST = (6, 2)
POLICY = "noeviction"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a Redis says of itself; None: it does not say."""

    version: str | None = None
    policy: str | None = None
    appends: bool | None = None
    saves: bool | None = None

    def wrong(self) -> Iterator[str]:
        """A sentence for each thing that must be otherwise."""
        if self.version and _numbers(self.version) < OLDEST:
            yield f"this Redis is {self.version}; write one of 6.2 or newer"
        if self.policy not in (None, POLICY):
            yield (
                f"this Redis evicts values when its memory is full (maxmemory-policy {self.policy}), and sessions and "
                f"links with them; set maxmemory-policy {POLICY}"
            )
        if (self.appends, self.saves) == (False, False):
            yield (
                "this Redis writes nothing to disk (appendonly no, and no save), so all is lost when it restarts; "
                "set appendonly yes"
            )

    def unseen(self) -> list[str]:
        """What somebody else must look after, by Redis' own names."""
        known = {
            "redis_version": self.version is not None,
            "maxmemory-policy": self.policy is not None,
            "appendonly": bool(self.appends or self.saves) or (self.appends, self.saves) == (False, False),
        }
        return [name for name, is_known in known.items() if not is_known]


def look_at(client: redis.Redis) -> Seen:
    """A few round trips. INFO says most of it; managed ones forbid CONFIG. Raises what redis does."""
    info = _asked(client, "INFO")
    policy, appends = info.get("maxmemory_policy"), info.get("aof_enabled")
    if policy is None:
        policy = _asked(client, "CONFIG GET", "maxmemory-policy").get("maxmemory-policy")
    if appends is None:
        appends = {"yes": 1, "no": 0}.get(str(_asked(client, "CONFIG GET", "appendonly").get("appendonly")))
    saves = None if appends else _asked(client, "CONFIG GET", "save").get("save")
    return Seen(
        version=str(found) if (found := info.get("redis_version")) else None,
        policy=policy,
        appends=None if appends is None else bool(appends),
        saves=None if saves is None else bool(saves),
    )


def _asked(client: redis.Redis, *command: str) -> Mapping[str, Any]:
    """What it answers; nothing if it must not tell us."""
    try:
        answer = client.execute_command(*command)  # type: ignore[no-untyped-call]
    except redis.ResponseError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
