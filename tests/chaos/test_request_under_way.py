"""The worker is killed when Twilio has a message and has not yet said so: the one moment in which one may go twice."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from fakes.until import until

from chaos.ledger import settle
from chaos.proving import assert_clean, report
from chaos.residents import registry, residents
from chaos.talking import Talk, texting
from chaos.world import World, ports, world

pytestmark = [pytest.mark.e2e, pytest.mark.chaos]

KILLS = 8
WAYS = ("own", "nobody")  # one text message each


@dataclass
class Killer:
    """Kills the worker at every third message, before Twilio answers."""

    whole: World
    taken: int = 0

    def __call__(self) -> None:
        self.taken += 1
        if self.taken % 3 == 0 and self.whole.deaths < KILLS:
            self.whole.kill_worker()


@pytest.mark.parametrize("callbacks", [True, False], ids=["callback comes", "only the list knows"])
def test_a_message_that_twilio_reports_or_lists_never_goes_twice(callbacks: bool, tmp_path: Path) -> None:
    people = residents(1000, ways=WAYS)
    with world(tmp_path, registry(tmp_path, people)) as whole:
        whole.start_web(ports(whole)[0])
        whole.start_worker()
        whole.twilio.loses = 0.0 if callbacks else 1.0
        whole.twilio.taken = Killer(whole)
        with texting(whole, people, at_once=2, pause=1.0) as talk:
            until(lambda: whole.deaths >= KILLS, 120)
        figures = settle(whole, talk, 150)

        who = "callbacks come" if callbacks else "no callback comes"
        report(f"{whole.deaths} kills between request and answer, {who}", figures, talk)
        assert_clean(figures, talk)


def test_a_message_of_which_twilio_says_nothing_goes_twice_at_most_once_for_each_kill(tmp_path: Path) -> None:
    people = residents(100, ways=WAYS)
    with world(tmp_path, registry(tmp_path, people)) as whole:
        whole.start_web(ports(whole)[0])
        whole.start_worker()
        whole.twilio.loses, whole.twilio.forgetful = 1.0, True
        whole.twilio.taken = Killer(whole)
        talk = Talk(whole)
        for resident in people:  # one message under way at a time
            if whole.deaths < KILLS:
                talk.one(resident)
                until(lambda phone=resident.phone: whole.twilio.to(phone), 60)
        figures = settle(whole, talk, 150)

        report(f"{whole.deaths} kills between request and answer, and nobody says what became of it", figures, talk)
        assert (figures.lost, figures.stuck, figures.wrong) == ([], [], [])
        assert 0 < len(figures.twice) <= whole.deaths
