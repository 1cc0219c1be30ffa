"""Work that is under way or waits for its next try when Redis goes away is done when it is back, by the same worker."""

from pathlib import Path

import pytest
from fakes.until import until

from chaos.residents import registry, residents
from chaos.talking import Talk
from chaos.world import ports, world

pytestmark = pytest.mark.e2e

PEOPLE = 12


def test_work_that_waits_for_the_registry_outlives_a_redis_that_was_away(tmp_path: Path) -> None:
    people = residents(PEOPLE, ways=("own",))
    with world(tmp_path, registry(tmp_path, people)) as whole:
        whole.start_web(ports(whole)[0])
        whole.start_worker()
        away = (tmp_path / "registry.db").rename(tmp_path / "registry.away")
        talk = Talk(whole)
        talk.all(people)
        until(lambda: whole.running.count("iis_unavailable") >= PEOPLE)

        whole.redis.kill()
        until(lambda: whole.running.count("outbox_unavailable") > 3)
        whole.redis.start()
        away.rename(tmp_path / "registry.db")

        until(lambda: sorted(message.to for message in whole.twilio.sent) == [one.phone for one in people], 60)
        until(whole.is_worked_off, 30)
        assert whole.deaths == 0
