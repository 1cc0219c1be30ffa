"""The registry is slow, down or talks nonsense: everybody hears the truth, and gets her link when it is back."""

from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import pytest
from fakes.soap_iis import BROKEN, GARBAGE, HANG_UP, PAGE, SILENCE, Failure, SoapIis

from chaos.ledger import settle
from chaos.proving import assert_clean, report
from chaos.residents import residents
from chaos.talking import texting
from chaos.world import ports, world

pytestmark = [pytest.mark.e2e, pytest.mark.chaos]

PEOPLE = 60


def fails(failure: Failure) -> Callable[[SoapIis], None]:
    return lambda iis: setattr(iis, "always", failure)


def raves(iis: SoapIis) -> None:
    iis.always = cycle(GARBAGE)


def slow(iis: SoapIis) -> None:
    iis.delay = 2.0


TROUBLES = {
    "slow": slow,
    "500": fails(BROKEN),
    "silent": fails(SILENCE),
    "hangs up": fails(HANG_UP),
    "answers with a web page": fails(PAGE),
    "answers with other garbage, in turn": raves,
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_registry_in_trouble_costs_nobody_her_link(trouble: str, tmp_path: Path) -> None:
    people = residents(PEOPLE)
    with (
        SoapIis(one.person.record for one in people if one.way != "nobody") as iis,
        world(tmp_path, iis.url) as whole,
    ):
        TROUBLES[trouble](iis)
        whole.start_web(ports(whole)[0])
        whole.start_worker()
        with texting(whole, people, at_once=2, until_all=True) as talk:
            pass
        talk.quiet.wait(3)
        iis.always, iis.delay = None, 0.0
        iis.release()
        figures = settle(whole, talk, 240)

        report(f"registry {trouble}", figures, talk)
        assert_clean(figures, talk)
