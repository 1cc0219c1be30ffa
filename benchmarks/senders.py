"""How many messages a second the outbox sends, and that no number of ours is asked for more than its rate.

Real parts, two workers' threads, one Redis; only Twilio is a fake, on loopback.
"""

import argparse
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import structlog
from fakes.twilio import FakeTwilio
from fakes.until import until

from bot.config import read_settings
from bot.conversation.session import Session
from bot.delivery.accounts import Account
from bot.delivery.ways import Ways
from bot.outbox.delivery import Message, new_delivery
from bot.outbox.senders import Senders
from bot.store.embedded import EmbeddedRedis
from bot.store.healths import RedisHealths
from bot.store.timetable import RedisTimetable
from bot.wiring import System, build_system, ways_of

SID, TOKEN = "AC" + "a" * 32, "token"
FREE = 1e6  # segments a second: as good as no limit
KINDS = {"+15555550101": 1.0, "+15555550102": 1.0, "+18335550103": 3.0, "+18335550104": 3.0, "12345": 100.0}


@contextmanager
def built() -> Iterator[System]:
    with tempfile.TemporaryDirectory() as folder, EmbeddedRedis(Path(folder) / "redis") as server:
        system = build_system(read_settings({"redis_url": server.url, "data_dir": folder}))
        yield system
        system.close()


def send(system: System, rates: dict[str, float], count: int) -> tuple[float, dict[str, list[float]]]:
    """When the first was due, and when each sender's messages arrived."""
    with FakeTwilio(SID, TOKEN) as twilio:
        client, now = system.client, time.time()
        ways = ways_of(Account(SID, (TOKEN,), tuple(rates), twilio.url, rates=rates), "https://bot.example.org")
        carrier = Ways(ways, RedisHealths(client), RedisTimetable(client))
        services = replace(system.services, carrier=carrier)
        _post(system, count, now)
        workers = [Senders(services) for _ in range(2)]
        began = time.time()
        for worker in workers:
            worker.start()
        until(lambda: len(twilio.sent) == count, 600)
        for worker in workers:
            worker.stop()
            worker.join(10)
        arrived: dict[str, list[float]] = {}
        for message in twilio.sent:
            arrived.setdefault(message.sender, []).append(message.created)
        return began, arrived


def _post(system: System, count: int, now: float) -> None:
    run = secrets.token_hex(4)
    for number in range(count):
        to = f"+1360555{number % 10000:04d}"
        message = Message(to, "Your vaccine record: https://records.example.gov/r/abcdefghijklmnopqrstuvwxya")
        delivery = new_delivery(f"{run}{number}", "elsewhere", message, now)
        system.services.sessions.save(f"vt:s:{run}{number}", Session(phone=to), b"", 60, post=[delivery])


def show(name: str, began: float, arrived: dict[str, list[float]], rates: dict[str, float]) -> None:
    count = sum(map(len, arrived.values()))
    seconds = max(times[-1] for times in map(sorted, arrived.values())) - began
    print(f"{name}: {count} messages in {seconds:.1f} s, {count / seconds:.0f} a second")
    for sender, rate in sorted(rates.items()):
        if rate < FREE:
            times = sorted(arrived.get(sender, []))
            early = max((number / rate - (at - began) for number, at in enumerate(times)), default=0.0)
            print(
                f"  {sender:>13}: {rate:5.0f} a second, {len(times):4} sent, ahead of its time by {max(0, early):.3f} s"
            )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--messages", type=int, default=1000)
    count = parser.parse_args().messages
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with built() as system:
        for name, rates in (("no limit", {"+15555550101": FREE}), ("five numbers", KINDS)):
            show(name, *send(system, rates, count), rates)


if __name__ == "__main__":
    main()
