"""Twilio posts what it posted before, at once and much later and in any order: the answer is the same, once."""

from pathlib import Path

import pytest

from chaos.ledger import settle
from chaos.proving import assert_clean, report
from chaos.residents import registry, residents
from chaos.talking import texting
from chaos.world import ports, world

pytestmark = [pytest.mark.e2e, pytest.mark.chaos]

POSTS = 10_000


def test_ten_thousand_webhooks_twice_and_out_of_order_change_nothing(tmp_path: Path) -> None:
    people = residents(300)
    with world(tmp_path, registry(tmp_path, people)) as whole:
        for port in ports(whole):
            whole.start_web(port)
        whole.start_worker()
        with texting(whole, people, at_once=4, until_all=True) as talk:
            differ = talk.repeat(POSTS // 2)
        differ += talk.repeat(POSTS - talk.posts)
        figures = settle(whole, talk)

        report(f"{talk.posts} webhooks, each of {len(talk.sids)} texts several times", figures, talk)
        assert_clean(figures, talk)
        assert differ == []
        assert talk.posts >= POSTS
