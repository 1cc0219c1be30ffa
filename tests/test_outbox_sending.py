"""Sending: once where that can be known, again where it must be, and never while it is in doubt."""

import pytest
from conftest import ANA, AUTH_TOKEN, signed
from fakes.post_office import Killed, Mortal, PostOffice
from fakes.twilio import (
    ACCEPT_AND_BREAK_OFF,
    ACCEPT_AND_FAIL,
    ACCEPT_IN_SILENCE,
    BROKEN,
    HANG_UP,
    SILENCE,
    TOO_MANY,
    Failure,
    FakeTwilio,
)

from bot.outbox.course import LEASE, LOOK
from bot.outbox.delivery import LIFE
from bot.wiring import System

TAKEN = [ACCEPT_AND_BREAK_OFF, ACCEPT_AND_FAIL, ACCEPT_IN_SILENCE]
TAKEN_IDS = ["breaks off", "500", "silence"]
NOT_TAKEN = [HANG_UP, BROKEN, SILENCE, Failure(503)]
NOT_TAKEN_IDS = ["hangs up", "500", "silence", "503"]


def test_a_message_is_accepted_and_then_delivered_and_what_it_said_is_forgotten(
    post: PostOffice, system: System
) -> None:
    post.ask()
    post.send()
    accepted = post.delivery()

    assert post.call_back("sent") == post.call_back("delivered") == 200

    assert (accepted.state, accepted.provider_id) == ("accepted", post.twilio.sent[0].sid)
    assert post.delivery().state == "delivered"
    assert b"/r/" not in post.delivery().to_bytes()
    assert system.client.zcard("vt:due") == 0


def test_its_status_callback_carries_its_id(post: PostOffice) -> None:
    post.ask()
    post.send()

    assert post.twilio.sent[0].status_callback.endswith(f"/twilio/status/{post.delivery().id}")


@pytest.mark.parametrize("failure", TAKEN, ids=TAKEN_IDS)
def test_when_our_answer_was_lost_the_callback_proves_that_it_was_taken(failure: Failure, post: PostOffice) -> None:
    post.twilio.fail(failure)
    post.ask()
    post.send()
    assert post.delivery().state == "sending"

    post.call_back("queued")
    post.send(after=LEASE)

    assert (post.delivery().state, len(post.twilio.asked), post.twilio.looks) == ("accepted", 1, [])


@pytest.mark.parametrize("failure", TAKEN, ids=TAKEN_IDS)
def test_when_the_callback_was_lost_too_twilio_is_asked_before_anything_is_sent_again(
    failure: Failure, post: PostOffice
) -> None:
    post.twilio.fail(failure)
    post.ask()
    post.send()
    post.send(after=LEASE - 1)
    assert (len(post.twilio.asked), post.twilio.looks) == (1, [])  # a callback still has time

    post.send(after=1)

    assert (post.delivery().state, len(post.twilio.asked), len(post.twilio.looks)) == ("accepted", 1, 1)
    assert post.delivery().provider_id == post.twilio.sent[0].sid


@pytest.mark.parametrize("failure", NOT_TAKEN, ids=NOT_TAKEN_IDS)
def test_what_twilio_does_not_list_is_sent_again_with_the_same_link(failure: Failure, post: PostOffice) -> None:
    post.twilio.fail(failure)
    post.ask()
    post.send()

    post.send(after=LEASE)

    first, second = post.twilio.asked
    assert first == second
    assert (len(post.twilio.looks), len(post.twilio.sent)) == (1, 1)
    assert post.delivery().state == "accepted"


def test_while_twilio_cannot_be_asked_nothing_is_sent(post: PostOffice) -> None:
    post.twilio.fail(ACCEPT_AND_FAIL)
    post.twilio.fail_to_tell(BROKEN, HANG_UP, TOO_MANY)
    post.ask()
    post.send()

    for _ in range(3):
        post.send(after=2 * LEASE)
        assert post.delivery().state == "sending"
    post.send(after=2 * LEASE)

    assert (post.delivery().state, len(post.twilio.asked)) == ("accepted", 1)


def test_an_hour_of_trouble_at_twilio_costs_time_and_no_second_message(post: PostOffice) -> None:
    post.twilio.fail(*[BROKEN] * 60)
    post.twilio.fail_to_tell(*[BROKEN] * 20)
    post.ask()

    post.send()
    for _ in range(120):
        post.send(after=60)

    assert len(post.bodies()) == 1
    assert "/r/" in post.bodies()[0]


def test_too_many_at_once_waits_ever_longer_and_asks_nobody(post: PostOffice) -> None:
    post.twilio.fail(*[TOO_MANY] * 4)
    post.ask()
    post.send()
    pauses = [(post.delivery().due or 0) - post.clock()]

    for _ in range(3):
        post.send(after=pauses[-1])
        pauses.append((post.delivery().due or 0) - post.clock())
    post.send(after=pauses[-1])

    for pause, about in zip(pauses, (2, 4, 8, 16), strict=True):
        assert 0.75 * about <= pause <= 1.25 * about
    assert (post.delivery().state, len(post.twilio.asked), post.twilio.looks) == ("accepted", 5, [])


def test_not_all_that_were_put_off_come_back_at_the_same_moment(post: PostOffice) -> None:
    pauses = set()
    post.ask()
    for _ in range(5):
        post.twilio.fail(TOO_MANY)
        post.send(after=200)
        pauses.add((post.delivery().due or 0) - post.clock())

    assert len(pauses) == 5


@pytest.mark.parametrize("code", [21610, 21211, 21614], ids=["opted out", "no number", "a landline"])
def test_what_can_never_arrive_is_tried_once(code: int, post: PostOffice) -> None:
    post.twilio.fail(Failure(400, code))
    post.ask()

    for _ in range(10):
        post.send(after=LEASE)

    assert (post.delivery().state, post.delivery().code) == ("failed", str(code))
    assert len(post.twilio.asked) == 1


@pytest.mark.parametrize("code", [30003, 30005, 30006, 30007, 30008])
def test_what_a_carrier_could_not_bring_is_not_sent_again_by_itself(code: int, post: PostOffice) -> None:
    post.ask()
    post.send()

    post.call_back("undelivered", code)
    for _ in range(5):
        post.send(after=LOOK)

    assert (post.delivery().state, post.delivery().code) == ("failed", str(code))
    assert len(post.twilio.asked) == 1


def test_a_carriers_full_queue_passes(post: PostOffice) -> None:
    post.ask()
    post.send()

    post.call_back("undelivered", 30001)
    post.send(after=LOOK)

    assert post.delivery().state == "accepted"
    assert post.bodies()[0] == post.bodies()[1]


def test_a_callback_that_was_lost_is_made_up_for_by_asking(post: PostOffice) -> None:
    post.ask()
    post.send()
    post.twilio.sent[0].become("undelivered", 30003, post.clock())

    post.send(after=LOOK)

    assert (post.delivery().state, post.delivery().code) == ("failed", "30003")
    assert len(post.twilio.looks) == 1


def test_whose_delivery_nobody_confirms_is_asked_about_some_times_and_ends_with_its_link(post: PostOffice) -> None:
    post.ask()
    post.send()

    for _ in range(LIFE // 600 + 1):
        post.send(after=600)

    assert post.delivery().state == "expired"
    assert b"/r/" not in post.delivery().to_bytes()
    assert 4 <= len(post.twilio.looks) <= 6


def test_a_message_that_no_carrier_takes_for_a_day_is_never_sent(post: PostOffice) -> None:
    post.ask()
    post.twilio.fail(*[TOO_MANY] * 10)
    for _ in range(10):
        post.send(after=600)
    post.twilio._failures.clear()

    post.send(after=LIFE)

    assert (post.delivery().state, post.twilio.sent) == ("expired", [])


@pytest.mark.parametrize("dies", ["before", "after"])
def test_a_worker_that_is_killed_while_it_sends_leaves_one_message(dies: str, post: PostOffice) -> None:
    mortal = Mortal(post.texts, dies)
    post.use(mortal)
    post.ask()
    with pytest.raises(Killed):
        post.send()

    post.send(after=LEASE - 1)
    assert len(post.bodies()) == (dies == "after")
    post.send(after=1)

    assert (len(post.bodies()), post.delivery().state) == (1, "accepted")


def test_a_callback_before_our_own_answer_and_out_of_order_and_repeated_changes_nothing(post: PostOffice) -> None:
    post.twilio.fail(ACCEPT_AND_BREAK_OFF)
    post.ask()
    post.send()

    for status in ("delivered", "queued", "sent", "delivered", "undelivered", "sending"):
        assert post.call_back(status) == 200

    post.send(after=LEASE)
    assert (post.delivery().state, len(post.twilio.asked)) == ("delivered", 1)


def test_a_callback_for_a_delivery_that_nobody_knows_is_well_received(post: PostOffice) -> None:
    post.ask()
    post.send()
    post.twilio.sent[0].status_callback = f"https://bot.example.org/twilio/status/{'0' * 24}"

    assert post.call_back("undelivered", 30003) == 200
    assert post.delivery().state == "accepted"


def test_only_twilio_can_say_what_became_of_a_message(post: PostOffice, twilio: FakeTwilio) -> None:
    post.ask()
    post.send()
    path = f"/twilio/status/{post.delivery().id}"
    form, _ = twilio.callback(twilio.sent[0], "undelivered", 30003)

    forged = post.phone.client.post(path, data=form, headers=signed(path, form, "another_token"))
    true = post.phone.client.post(path, data=form, headers=signed(path, form, AUTH_TOKEN))

    assert (forged.status_code, true.status_code) == (403, 200)


def test_a_repeat_of_the_job_posts_nothing_new(post: PostOffice) -> None:
    post.phone.text("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "1", "4821", "1")
    (job,) = post.jobs.queued

    post.work()
    post.send()
    post.jobs.queued.append(job)
    post.work()
    post.send()

    assert len(post.bodies(ANA)) == 1
