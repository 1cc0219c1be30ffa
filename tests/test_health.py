"""/livez and /readyz tell the truth of this process, whatever Redis and the registry do."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import orjson
import pytest
import redis
import requests
from conftest import ACCOUNT_SID, AUTH_TOKEN, OUR_NUMBER, PUBLIC_URL, Phone, RecordedJobs
from fakes.smtp import free_port
from fakes.until import until
from flask.testing import FlaskClient

from bot.config import read_settings
from bot.iis.breaker import State
from bot.jobs import run
from bot.loops import Loop
from bot.outbox import course
from bot.outbox.delivery import Route
from bot.ports import Beat, Services
from bot.records import Demographics
from bot.store.embedded import EmbeddedRedis
from bot.store.vitals import _ranks
from bot.wiring import System, build_app, build_system
from bot.worker import Worker, start_worker
from bot.worker_door import tell_health


@dataclass
class OwnRedis:
    """A Redis that a test may break, and a web process over it."""

    server: EmbeddedRedis
    client: FlaskClient
    admin: redis.Redis
    system: System

    def ready(self) -> tuple[int, dict[str, object]]:
        answer = self.client.get("/readyz")
        assert answer.json is not None
        return answer.status_code, answer.json


@pytest.fixture
def own(tmp_path: Path, iis_url: str) -> Iterator[OwnRedis]:
    server = EmbeddedRedis(tmp_path / "redis")
    with server:
        given = {"redis_url": server.url, "iis_url": iis_url, "data_dir": tmp_path / "var", "public_url": PUBLIC_URL}
        twilio = {
            "twilio_account_sid": ACCOUNT_SID,
            "twilio_auth_token": AUTH_TOKEN,
            "twilio_from": OUR_NUMBER,
        }
        system = build_system(read_settings({**given, **twilio}))
        admin = redis.Redis.from_url(server.url)
        yield OwnRedis(server, build_app(system).test_client(), admin, system)
        admin.close()
        system.close()


def test_all_is_well(own: OwnRedis) -> None:
    status, told = own.ready()

    assert status == 200
    assert (told["ready"], told["redis"]) == (True, True)
    assert (told["workers"], told["registry"], told["last_worked"]) == (0, "unknown", None)
    assert (told["oldest_delivery"], told["oldest_job"]) == (0, 0)


def test_redis_is_stopped(own: OwnRedis) -> None:
    own.server.stop()

    status, told = own.ready()

    assert status == 503
    assert (told["ready"], told["redis"]) == (False, False)
    assert own.client.get("/livez").status_code == 200


def test_redis_answers_and_may_not_be_written(own: OwnRedis) -> None:
    own.admin.replicaof("127.0.0.1", free_port())
    assert own.admin.ping()

    assert own.ready()[0] == 503


def test_redis_answers_and_is_full(own: OwnRedis) -> None:
    own.admin.config_set("maxmemory", "1000kb")
    own.admin.config_set("maxmemory-policy", "noeviction")
    assert own.admin.ping()

    assert own.ready()[0] == 503


def test_redis_is_frozen_and_we_say_so_within_the_time_of_a_probe(own: OwnRedis) -> None:
    process = int(own.admin.info("server")["process_id"])
    os.kill(process, signal.SIGSTOP)
    began = time.monotonic()

    try:
        status, _ = own.ready()
    finally:
        os.kill(process, signal.SIGCONT)

    assert status == 503
    assert time.monotonic() - began < 6
    assert own.client.get("/livez").status_code == 200


def test_after_each_trouble_we_are_ready_again(own: OwnRedis) -> None:
    own.admin.replicaof("127.0.0.1", free_port())
    assert own.ready()[0] == 503

    own.admin.replicaof("NO", "ONE")

    assert own.ready()[0] == 200


def test_a_registry_away_shows_and_does_not_make_us_unready(own: OwnRedis) -> None:
    now = own.system.services.now()
    own.system.services.vitals.beat("one", Beat(now, now - 5, "closed"))
    own.system.services.vitals.beat("two", Beat(now, 0, State.OPEN.value))

    status, told = own.ready()

    assert status == 200
    assert (told["workers"], told["registry"]) == (2, "open")
    assert told["last_worked"] == pytest.approx(now - 5)


def test_a_worker_that_says_nothing_for_five_minutes_is_no_worker(services: Services) -> None:
    now = services.now()
    services.vitals.beat("old", Beat(now - 301, 0, "open"))
    services.vitals.beat("new", Beat(now - 299, 0, "closed"))

    assert [beat.registry for beat in services.vitals.workers(now)] == ["closed"]
    services.vitals.leave("new")
    assert services.vitals.workers(now) == []


def test_ages_are_those_of_whoever_waits_longest(
    phone: Phone, services: Services, system: System, jobs: RecordedJobs
) -> None:
    phone.text("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "1", "4821", "1")
    ((key, work_id, asked_at),) = jobs.queued
    build = build_system(system.settings)
    build.services.jobs.enqueue(key, work_id)
    now = services.now()

    assert services.vitals.waiting(now).deliveries == 0
    waiting = services.vitals.waiting(time.time() + 30)
    build.close()

    assert waiting.jobs == 1
    assert waiting.oldest_job == pytest.approx(30, abs=5)
    assert asked_at == now


def test_a_message_that_no_carrier_takes_grows_old(phone: Phone, jobs: RecordedJobs, services: Services) -> None:
    phone.text("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "1", "4821", "1")
    for job in jobs.queued:
        run(services, *job)
    now = services.now()

    assert services.vitals.waiting(now + 400).oldest_delivery == pytest.approx(400, abs=1)
    jobs.send()  # the console reports it as delivered
    assert services.vitals.waiting(now + 400).oldest_delivery == 0


def test_a_message_that_waits_for_its_senders_time_grows_old_too(
    phone: Phone, jobs: RecordedJobs, services: Services
) -> None:
    phone.text("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "1", "4821", "1")
    for job in jobs.queued:
        run(services, *job)
    now = services.now()
    (delivery,) = services.deliveries.claim(now, 10)
    services.deliveries.update(delivery.id, lambda held: course.hold(held, Route("", now + 7200)))

    assert services.vitals.waiting(now + 3600).oldest_delivery == pytest.approx(3600, abs=1)


@pytest.mark.parametrize("deliveries", [0, 1, 500, 501, 549, 550, 999, 1000, 1234, 100_000])
def test_what_is_looked_at_is_bounded_and_reaches_the_end(deliveries: int) -> None:
    ranks = {rank for first, last in _ranks(deliveries) for rank in range(first, last + 1)}

    assert set(range(min(deliveries, 500))) <= ranks
    assert deliveries == 0 or deliveries - 1 in ranks
    assert len(ranks) <= 1000


def test_what_a_worker_of_another_version_says_is_read(own: OwnRedis) -> None:
    now = own.system.services.now()
    for worker, said in {
        "newer": {"at": now, "worked_at": 1.0, "registry": "open", "mood": "good"},
        "older": {"at": now},
    }.items():
        own.admin.hset("vt:workers", worker, orjson.dumps(said))
    own.admin.hset("vt:workers", "strange", b"[]")

    status, told = own.ready()

    assert (status, told["workers"], told["registry"]) == (200, 2, "open")


class Idle:
    """A registry at rest."""

    state = State.OPEN

    def find(self, who: Demographics) -> None:
        return None

    def ping(self) -> None: ...

    def close(self) -> None: ...


@pytest.fixture
def worker(own: OwnRedis) -> Iterator[Worker]:
    worker = start_worker(replace(own.system.services, iis=Idle()), own.system.broker)
    yield worker
    worker.stop()


def test_a_worker_has_a_door_of_its_own_and_says_so_to_web(own: OwnRedis, worker: Worker) -> None:
    with tell_health(worker, "127.0.0.1", 0) as port:
        until(lambda: own.ready()[1]["workers"] == 1)
        live, ready = (requests.get(f"http://127.0.0.1:{port}/{page}") for page in ("livez", "readyz"))
        metrics, nothing = (requests.get(f"http://127.0.0.1:{port}/{page}") for page in ("metrics", "phone"))

    assert (live.status_code, live.json()) == (200, {"alive": True, "last_worked": None})
    assert (ready.status_code, ready.json()["registry"]) == (200, "open")
    assert own.ready()[1]["registry"] == "open"
    assert "vaxtext_redis_up 1.0" in metrics.text
    assert 'vaxtext_breaker_state{breaker="registry"} 2.0' in metrics.text
    assert nothing.status_code == 404


def test_a_worker_without_redis_lives_and_is_not_ready(own: OwnRedis, worker: Worker) -> None:
    own.server.stop()

    with tell_health(worker, "127.0.0.1", 0) as port:
        live, ready = (requests.get(f"http://127.0.0.1:{port}/{page}") for page in ("livez", "readyz"))
        metrics = requests.get(f"http://127.0.0.1:{port}/metrics")

    assert (live.status_code, ready.status_code) == (200, 503)
    assert "vaxtext_redis_up 0.0" in metrics.text
    assert "vaxtext_jobs_open" not in metrics.text


def test_a_worker_whose_threads_are_gone_is_not_alive(own: OwnRedis, worker: Worker) -> None:
    assert worker.alive
    worker.senders.stop()
    worker.senders.join(5)

    with tell_health(worker, "127.0.0.1", 0) as port:
        assert requests.get(f"http://127.0.0.1:{port}/livez").status_code == 503
        assert requests.get(f"http://127.0.0.1:{port}/readyz").status_code == 503


def test_a_worker_whose_queue_is_read_or_worked_on_by_nobody_is_not_alive(worker: Worker) -> None:
    for threads in (worker.queue.workers[:1], list(worker.queue.consumers.values())[:1]):
        assert worker.alive
        for thread in threads:
            thread.stop()
            thread.join(10)
        assert not worker.alive
        worker.queue.workers[:] = [thread for thread in worker.queue.workers if thread.is_alive()]


@pytest.mark.parametrize("name", ["sweeper", "inbox", "audit", "eraser"])
def test_a_worker_of_which_a_loop_makes_no_rounds_is_not_alive(name: str, worker: Worker) -> None:
    assert worker.alive

    loop = worker.loops[name]
    loop.stuck = 0.0

    assert not worker.alive


class ManyEnds:
    """Conversations that are over, in rounds that take 40 seconds each."""

    def __init__(self) -> None:
        self.loop: Loop | None = None
        self.lived: list[bool] = []

    def ended(self, now: float, most: int) -> list[str]:
        if self.loop is None or len(self.lived) == 4:
            return []
        self.loop.seen -= 40
        self.lived.append(self.loop.alive)
        return ["one"]

    def forget_end(self, key: str) -> bool:
        return True


def test_a_worker_that_has_many_conversations_to_end_is_alive(own: OwnRedis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.worker.SWEEP", 0.05)
    ends = ManyEnds()
    worker = start_worker(replace(own.system.services, iis=Idle(), sessions=ends), own.system.broker)
    ends.loop = worker.loops["sweeper"]

    until(lambda: len(ends.lived) == 4)
    worker.stop()

    assert ends.lived == [True] * 4


def _wait(loop: Loop) -> None:
    loop.stopped.wait(10)


def test_a_loop_lives_as_long_as_its_thread_and_its_rounds() -> None:
    stopped = threading.Event()
    ended = Loop("ended", lambda loop: None, stopped, 60.0)
    going_on = Loop("going", _wait, stopped, 60.0)

    for loop in (ended, going_on):
        loop.start()
    ended.thread.join(5)

    assert (ended.alive, going_on.alive) == (False, True)
    going_on.seen -= 61
    assert not going_on.alive
    assert not going_on.over()
    assert going_on.alive
    stopped.set()


def test_a_worker_that_has_ended_is_counted_no_more(own: OwnRedis) -> None:
    worker = start_worker(own.system.services, own.system.broker)
    until(lambda: own.ready()[1]["workers"] == 1)

    worker.stop()

    assert own.ready()[1]["workers"] == 0
