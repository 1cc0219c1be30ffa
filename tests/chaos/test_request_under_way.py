"""The worker is killed when Twilio has a message and has not yet said so: the one moment in which one may go twice."""

from pathlib import Path

import pytest

from chaos.ledger import settle
from chaos.proving import assert_clean, report
from chaos.residents import registry, residents
from chaos.talking import texting
from chaos.world import World, ports, world

pytestmark = [pytest.mark.e2e, pytest.mark.chaos]

KILLS = 8


@pytest.mark.parametrize(
    ("callbacks", "listed"),
    [(True, True), (False, True), (False, False)],
    ids=["callback comes", "only the list knows", "nobody knows"],
)
def test_a_kill_between_request_and_answer(callbacks: bool, listed: bool, tmp_path: Path) -> None:
    people = residents(1000, ways=("own", "nobody"))
    with world(tmp_path, registry(tmp_path, people)) as whole:
        whole.start_web(ports(whole)[0])
        whole.start_worker()
        whole.twilio.loses = 0.0 if callbacks else 1.0
        whole.twilio.forgetful = not listed
        whole.twilio.taken = killer(whole)
        with texting(whole, people, at_once=2, pause=1.0) as talk:
            while whole.deaths < KILLS:
                talk.quiet.wait(0.1)
        whole.twilio.taken = lambda: None
        figures = settle(whole, talk, 150)

        report(f"killed {whole.deaths} times after Twilio took a message: {callbacks=}, {listed=}", figures, talk)
        if callbacks or listed:
            assert_clean(figures, talk)
        else:
            assert (figures.lost, figures.stuck, figures.wrong) == ([], [], [])
            assert len(figures.twice) <= in_flight(whole)


def killer(whole: World) -> "Killer":
    return Killer(whole)


class Killer:
    """Kills each worker at its third message."""

    def __init__(self, whole: World) -> None:
        self.whole, self.taken = whole, 0

    def __call__(self) -> None:
        self.taken += 1
        if self.taken % 3 == 0 and self.whole.deaths < KILLS:
            self.whole.kill_worker()


def in_flight(whole: World) -> int:
    """At most one for each kill."""
    return whole.deaths
