"""The short form: in one minute web, worker and Redis are killed, and Twilio and the mail server have a bad day."""

from pathlib import Path

import pytest
from fakes.smtp import BREAK_OFF
from fakes.twilio import ACCEPT_AND_BREAK_OFF, ACCEPT_AND_FAIL, BROKEN, HANG_UP, TOO_MANY
from fakes.until import until

from chaos.ledger import settle
from chaos.proving import assert_clean, report, until_killed
from chaos.residents import registry, residents
from chaos.talking import texting
from chaos.world import ports, world

pytestmark = pytest.mark.e2e

WEB = ("text_enqueued_before_save:kill:5", "text_saved_before_answer:kill:30")
WORKER = (
    "work_looked_up_before_seal:kill:2",
    "work_put_before_save:kill:2",
    "delivery_sending_before_request:kill:2",
    "delivery_answered_before_sid:kill:2",
)
PEOPLE = 40  # at least
BAD_DAY = (TOO_MANY, BROKEN, ACCEPT_AND_FAIL, HANG_UP, ACCEPT_AND_BREAK_OFF)


def test_nothing_is_lost_in_a_storm(tmp_path: Path) -> None:
    people = residents(400)
    with world(tmp_path, registry(tmp_path, people)) as whole:
        whole.faults = list(WORKER)
        for port, fault in zip(ports(whole), WEB, strict=True):
            whole.start_web(port, fault)
        whole.start_worker()
        whole.twilio.fail(*BAD_DAY)
        whole.twilio.loses = 0.2
        whole.smtp.at_data.extend(("451 later", BREAK_OFF))
        with texting(whole, people, at_once=3, pause=0.7) as talk:
            until_killed(whole, WORKER[:2])
            whole.redis.kill()
            whole.redis.start()
            until_killed(whole, (*WEB, *WORKER))
            until(lambda: len(talk.had) >= PEOPLE, 60)
        figures = settle(whole, talk)

        report("storm", figures, talk, whole.kills())
        assert_clean(figures, talk, mails_twice=2)
        assert talk.repeat(50) == []
