"""The outbox in Redis: in once, taken by one, changed by one, gone in time, and saved with its session or not."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from conftest import ANA

from bot.conversation.session import Session
from bot.outbox.course import LEASE, begin, end, hear
from bot.outbox.delivery import LIFE, Delivery, Message, Report, new_delivery
from bot.ports import Services, SessionConflict
from bot.store.deliveries import GRACE, KNOWN
from bot.wiring import System

NOW = 1_795_000_000.0


def text(event_id: str = "work1", to: str = ANA) -> Delivery:
    return new_delivery(event_id, "chat", Message(to=to, body=f"Your record, {event_id}: /r/abc"), NOW)


def post(services: Services, *deliveries: Delivery, void: tuple[str, ...] = ()) -> None:
    """Save them with Ana's session."""
    key = services.sessions.key(ANA)
    stamp = services.sessions.load(key).stamp
    services.sessions.save(key, Session(phone=ANA), stamp, 60, post=deliveries, void=void)


def test_a_delivery_is_kept_with_its_session_and_nothing_of_it_is_in_clear(system: System) -> None:
    delivery = text()

    post(system.services, delivery)

    assert system.services.deliveries.load(delivery.id) == delivery
    held = system.client.get(f"vt:d:{delivery.id}")
    assert isinstance(held, bytes)
    assert b"3605550100" not in held
    assert b"/r/" not in held


def test_it_is_put_in_once(services: Services) -> None:
    first, second = text(), replace(text(), message=Message(to=ANA, body="another"))
    post(services, first)

    post(services, second)

    assert services.deliveries.load(first.id) == first


def test_a_session_that_somebody_else_saved_posts_nothing_and_takes_nothing_back(services: Services) -> None:
    post(services, kept := text("kept"))
    key = services.sessions.key(ANA)

    with pytest.raises(SessionConflict):
        services.sessions.save(key, Session(phone=ANA), b"", 60, post=[text("lost")], void=[kept.id])

    assert services.deliveries.load(text("lost").id) is None
    assert services.deliveries.load(kept.id) == kept
    assert [delivery.id for delivery in services.deliveries.claim(NOW, 9)] == [kept.id]


def test_what_is_taken_back_is_gone_with_the_save(system: System) -> None:
    post(system.services, text("a"), text("b"), text("c"))

    post(system.services, text("d"), void=(text("a").id, text("c").id))

    assert {d.id for d in system.services.deliveries.claim(NOW, 9)} == {text("b").id, text("d").id}
    assert len(system.client.keys("vt:d:*")) == 2


def test_only_what_is_due_is_taken_the_longest_first_and_no_more_than_asked_for(services: Services) -> None:
    early, late = replace(text("early"), due=NOW - 60), replace(text("late"), due=NOW + 60)
    post(services, late, text("now"), early)

    assert [d.id for d in services.deliveries.claim(NOW, 1)] == [early.id]
    assert [d.id for d in services.deliveries.claim(NOW, 9)] == [text("now").id]
    assert services.deliveries.claim(NOW, 9) == []


def test_what_a_killed_worker_had_taken_comes_back_when_its_lease_is_over(services: Services) -> None:
    post(services, text())
    services.deliveries.claim(NOW, 9)

    assert services.deliveries.claim(NOW + LEASE - 1, 9) == []
    assert services.deliveries.claim(NOW + LEASE, 9) == [text()]


def test_workers_that_take_at_the_same_time_never_take_the_same(services: Services) -> None:
    post(services, *(text(f"work{number}") for number in range(200)))

    with ThreadPoolExecutor(8) as pool:
        taken = [d.id for found in pool.map(lambda _: services.deliveries.claim(NOW, 7), range(40)) for d in found]

    assert len(taken) == len(set(taken)) == 200


def test_of_those_who_begin_an_attempt_at_the_same_time_one_does(services: Services) -> None:
    delivery = text()
    post(services, delivery)

    def attempt(_: int) -> bool:
        change = services.deliveries.update(delivery.id, lambda d: begin(d, NOW) if d == delivery else d)
        return bool(change and change.made)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(24))) == 1


def test_changes_at_the_same_time_are_all_made(services: Services) -> None:
    delivery = text()
    post(services, delivery)

    def look(_: int) -> None:
        services.deliveries.update(delivery.id, lambda d: replace(d, looks=d.looks + 1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(look, range(40)))

    assert services.deliveries.load(delivery.id) == replace(delivery, looks=40)


def test_a_change_may_put_another_message_in_and_one_that_changes_nothing_does_not(services: Services) -> None:
    post(services, text("sms"))

    services.deliveries.update(text("sms").id, lambda d: d, post=[text("mail1")])
    services.deliveries.update(text("sms").id, lambda d: replace(d, code="21610"), post=[text("mail2")])

    assert services.deliveries.load(text("mail1").id) is None
    assert services.deliveries.load(text("mail2").id) == text("mail2")


def test_a_delivery_is_due_when_it_says_so_and_no_more_once_it_is_over(services: Services) -> None:
    post(services, text())

    services.deliveries.update(text().id, lambda d: begin(d, NOW + 100))
    assert services.deliveries.claim(NOW + 99, 9) == []
    services.deliveries.update(text().id, lambda d: hear(d, Report("delivered", "SM1"), NOW))

    assert services.deliveries.claim(NOW + LIFE, 9) == []


def test_every_delivery_has_an_end_in_redis_and_one_that_is_over_a_near_one(system: System) -> None:
    key = f"vt:d:{text().id}"
    post(system.services, text())
    assert LIFE < system.client.ttl(key) <= LIFE + GRACE

    system.services.deliveries.update(text().id, lambda d: begin(d, NOW))
    assert LIFE < system.client.ttl(key) <= LIFE + GRACE
    system.services.deliveries.update(text().id, lambda d: end(d, "delivered"))

    assert 0 < system.client.ttl(key) <= KNOWN


def test_an_id_whose_value_is_gone_or_unreadable_is_forgotten(system: System) -> None:
    post(system.services, text("gone"), text("broken"), text("sound"))
    system.client.delete(f"vt:d:{text('gone').id}")
    system.client.set(f"vt:d:{text('broken').id}", b"1.nonsense", keepttl=True)

    assert [d.id for d in system.services.deliveries.claim(NOW, 9)] == [text("sound").id]

    assert system.client.zrange("vt:due", 0, -1) == [text("sound").id.encode()]


def test_a_value_under_another_name_is_not_read(system: System) -> None:
    post(system.services, text("mine"), text("other"))

    system.client.rename(f"vt:d:{text('mine').id}", f"vt:d:{text('other').id}")

    assert system.services.deliveries.load(text("other").id) is None


def test_nobody_knows_a_delivery_that_never_was(services: Services) -> None:
    assert services.deliveries.load("0" * 24) is None
    assert services.deliveries.update("0" * 24, lambda d: d) is None
