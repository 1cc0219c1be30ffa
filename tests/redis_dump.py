"""All that a Redis holds, as text."""

import redis


def dump(client: redis.Redis) -> str:
    """All keys and all values; but for the flow files, which are everybody's."""
    keys = (key for key in client.scan_iter("*") if not key.startswith(b"vt:f:"))
    return "\n".join(f"{key!r} {_value(client, key)!r}" for key in keys)


def _value(client: redis.Redis, key: bytes) -> object:
    match client.type(key).decode():
        case "list":
            return client.lrange(key, 0, -1)
        case "zset":
            return client.zrange(key, 0, -1, withscores=True)
        case "stream":
            return client.xrange(key)
        case "hash":
            return client.hgetall(key)
        case "set":
            return client.smembers(key)
        case _:
            return client.get(key)
