"""Redis is killed and started again at random moments; its append-only file holds all that we promised."""

import random
from pathlib import Path

import pytest
from fakes.until import until

from chaos.ledger import settle
from chaos.proving import assert_clean, report
from chaos.residents import registry, residents
from chaos.talking import texting
from chaos.world import ports, world

pytestmark = [pytest.mark.e2e, pytest.mark.chaos]

KILLS = 12


def test_nothing_is_lost_when_redis_is_killed(tmp_path: Path) -> None:
    people, chance = residents(1000), random.Random(12)
    with world(tmp_path, registry(tmp_path, people)) as whole:
        for port in ports(whole):
            whole.start_web(port)
        whole.start_worker()
        until(lambda: whole.running.count("worker_ready"), 30)
        with texting(whole, people, at_once=4, pause=0.5) as talk:
            for _ in range(KILLS):
                talk.quiet.wait(chance.uniform(1, 6))
                whole.redis.kill()
                talk.quiet.wait(chance.uniform(0, 3))
                whole.redis.start()
            talk.quiet.wait(3)
        figures = settle(whole, talk, 150)

        report(f"Redis killed {KILLS} times", figures, talk)
        assert_clean(figures, talk, mails_twice=KILLS)
        assert talk.sorry > 0
