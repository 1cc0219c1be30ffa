"""Residents text while all rings are rotated, process by process: nobody loses a session, a message or a link."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis
import requests
from fakes.smtp import free_port
from fakes.until import until
from rotating import rings, sessions
from running import PEOPLE, PIN, Running, apart, link_in
from test_rolling_restart import AT_ONCE, FOUND, Doors, Load, end

from bot.store.sealed_by import count

pytestmark = [pytest.mark.e2e, pytest.mark.chaos]

STEPS = ("ab", "ba")  # from "a": the next key is known to all; then it seals


@pytest.fixture
def running(tmp_path: Path, redis_url: str) -> Iterator[Running]:
    with apart(tmp_path, redis_url, rings("a")) as running:
        yield running


def test_rings_are_rotated_under_load_and_nothing_is_lost(running: Running, redis_url: str) -> None:
    doors = Doors(running, [running.port, free_port()])
    webs = {port: running.start_web(port) for port in doors.ports}
    doors.open = list(doors.ports)
    worker = running.start_worker()
    load = Load(doors)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        threads = [pool.submit(load.go_on) for _ in range(AT_ONCE)]
        try:
            for step in STEPS:
                running.settings = rings(step)
                for port in doors.ports:  # the first new one answers beside an old one
                    doors.open = [other for other in doors.ports if other != port]
                    end(webs[port])
                    webs[port] = running.start_web(port)
                    doors.open = list(doors.ports)
                    heard = len(load.replies) + 2 * AT_ONCE
                    until(lambda heard=heard: len(load.replies) >= heard, 120)
                old, worker = worker, running.start_worker()
                end(old)
        finally:
            load.over.set()
        for thread in threads:
            thread.result()

    assert all(len(heard) == 9 and all(heard) for heard in load.replies.values())
    until(lambda: set(load.replies) <= {message.to for message in running.twilio.sent}, 60)
    assert set(Counter(message.to for message in running.twilio.sent).values()) == {1}
    links = {message.to: link_in(message.body, running) for message in running.twilio.sent if "/r/" in message.body}
    assert links.keys() == {PEOPLE[key].phone for key in FOUND}
    assert all(requests.post(link, data={"pin": PIN}, timeout=10).status_code == 200 for link in links.values())
    with redis.Redis.from_url(redis_url) as client:
        assert len(sessions(client)) == len(load.replies)
        assert {key_id for found in count(client).values() for key_id in found} == {"a", "b"}
    events = {line["event"] for line in running.events()}
    assert not events & {"fault", "work_failed", "work_gone", "session_unreadable", "link_unreadable", "delivery_lost"}
