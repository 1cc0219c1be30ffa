"""Twilio refuses, breaks, takes without saying so or is down for an hour; the mail server is away."""

from pathlib import Path

import pytest
from fakes.twilio import ACCEPT_AND_BREAK_OFF, ACCEPT_AND_FAIL, ACCEPT_IN_SILENCE, BROKEN, TOO_MANY, Failure
from fakes.until import until

from chaos.ledger import settle
from chaos.proving import assert_clean, report
from chaos.residents import registry, residents
from chaos.talking import texting
from chaos.world import ports, world

pytestmark = [pytest.mark.e2e, pytest.mark.chaos]

BAD_DAYS = {
    "429 for 100 messages": (TOO_MANY,) * 100,
    "500 for 100 messages": (BROKEN,) * 100,
    "100 taken, but the answer is 500": (ACCEPT_AND_FAIL,) * 100,
    "100 taken, but the answer breaks off": (ACCEPT_AND_BREAK_OFF,) * 100,
    "20 taken, but the answer takes too long": (ACCEPT_IN_SILENCE,) * 20,
}
PEOPLE = 120
HOUR, STEP = 3600.0, 30.0


@pytest.mark.parametrize("loses", [0.0, 1.0], ids=["callbacks come", "no callback comes"])
@pytest.mark.parametrize("day", BAD_DAYS)
def test_nothing_is_lost_or_doubled_on_a_bad_day(day: str, loses: float, tmp_path: Path) -> None:
    failures: tuple[Failure, ...] = BAD_DAYS[day]
    people = residents(PEOPLE)
    with world(tmp_path, registry(tmp_path, people)) as whole:
        whole.start_web(ports(whole)[0])
        whole.start_worker()
        whole.twilio.fail(*failures)
        whole.twilio.loses = loses
        with texting(whole, people, at_once=4, until_all=True) as talk:
            pass
        figures = settle(whole, talk, 240)

        report(f"{day}, {'callbacks come' if not loses else 'no callback comes'}", figures, talk)
        assert_clean(figures, talk)


def test_an_hour_without_twilio_costs_nobody_her_link(tmp_path: Path) -> None:
    people = residents(PEOPLE)
    with world(tmp_path, registry(tmp_path, people)) as whole:
        whole.start_web(ports(whole)[0])
        whole.start_worker()
        whole.twilio.down = True
        with texting(whole, people, at_once=4, until_all=True) as talk:
            pass
        mails = sum(one.way == "email" for one in people)
        until(lambda: whole.twilio.asked and len(whole.smtp.mails) == mails, 60)
        for _ in range(int(HOUR / STEP)):
            whole.clock.move(STEP)
            talk.quiet.wait(0.2)
        assert whole.twilio.sent == []
        whole.twilio.down = False
        figures = settle(whole, talk, 240)

        report(f"Twilio down for 60 minutes, {len(whole.twilio.asked)} requests in all", figures, talk)
        assert_clean(figures, talk)


def test_a_mail_server_that_is_away_costs_nobody_her_link(tmp_path: Path) -> None:
    people = residents(PEOPLE, ways=("email",))
    with world(tmp_path, registry(tmp_path, people)) as whole:
        whole.start_web(ports(whole)[0])
        whole.start_worker()
        whole.smtp.__exit__(None, None, None)
        with texting(whole, people, at_once=4, until_all=True) as talk:
            pass
        until(lambda: whole.running.count("delivery_put_off") > PEOPLE)
        whole.smtp.__enter__()
        figures = settle(whole, talk, 240)

        report("mail server down", figures, talk)
        assert_clean(figures, talk)
