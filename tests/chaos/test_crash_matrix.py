"""kill -9 of web and worker at each point of the road, again and again, while residents text."""

from pathlib import Path

import pytest

from bot.fault_points import POINTS
from chaos.ledger import settle
from chaos.proving import assert_clean, report, until_killed
from chaos.residents import registry, residents
from chaos.talking import texting
from chaos.world import ports, world

pytestmark = [pytest.mark.e2e, pytest.mark.chaos]

WEB = [
    "text_before_load:kill:30",
    "text_enqueued_before_save:kill:5",
    "text_saved_before_answer:kill:30",
    "callback_before_change:kill:7",
]
WORKER = [f"{point}:kill:2" for point in POINTS if point.startswith(("work_", "delivery_"))]
ROUNDS = 3


def test_nothing_is_lost_wherever_web_and_worker_are_killed(tmp_path: Path) -> None:
    people = residents(2000)
    with world(tmp_path, registry(tmp_path, people)) as whole:
        first, second = ports(whole)
        whole.faults = WORKER * ROUNDS
        whole.start_web(first, WEB[0])
        whole.start_web(second, WEB[1])
        whole.start_worker()
        with texting(whole, people, at_once=3, pause=0.5) as talk:
            until_killed(whole, WEB[:2])
            for port, point in ((first, WEB[2]), (second, WEB[3])):
                assert whole.stop_web(port) == 0
                whole.start_web(port, point)
            until_killed(whole, WEB)
            until_killed(whole, WORKER, times=ROUNDS, seconds=240)
        figures = settle(whole, talk, 150)

        report(f"kill -9 at each of {len(WEB) + len(WORKER)} points", figures, talk, whole.kills())
        assert_clean(figures, talk, mails_twice=whole.kills()["delivery_answered_before_sid"])
