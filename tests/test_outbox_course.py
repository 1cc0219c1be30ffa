"""The course of a delivery as plain Python: whatever comes, in whatever order, it never goes backwards."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.outbox.course import (
    AGAIN,
    ATTEMPTS,
    LEASE,
    LOOK,
    ask_again,
    begin,
    end,
    give_way,
    hear,
    instead_of,
    may_be_asked_for,
    no_news,
    not_taken,
    wait,
)
from bot.outbox.delivery import LIFE, Delivery, Message, Report, new_delivery

NOW = 1_795_000_000.0
TEXT = Message(to="+13605550100", body="Your record: https://x.example/r/abc")
EMAIL = Message(to="ana@example.org", body="A record was asked for: https://x.example/r/abc", subject="Record")
READY = replace(new_delivery("work1", "chat", TEXT, NOW), brings="link", link="abc", chat="vt:s:1", instead=EMAIL)
SENDING = begin(READY, NOW)
ACCEPTED = hear(SENDING, Report("accepted", "SM1"), NOW)
FAILED = hear(ACCEPTED, Report("failed", "SM1", code="30003"), NOW)
RANK = {"ready": 0, "sending": 1, "accepted": 2, "failed": 3, "delivered": 4, "expired": 4}
REPORTS = st.builds(
    Report,
    st.sampled_from(["accepted", "delivered", "failed"]),
    st.sampled_from(["SM1", "SM2", "SM3"]),
    st.sampled_from(["", "30003", "30006"]),
)


def test_a_delivery_is_the_same_after_it_was_bytes() -> None:
    for delivery in (READY, SENDING, ACCEPTED, FAILED, end(FAILED, "expired")):
        assert Delivery.from_bytes(delivery.to_bytes()) == delivery


def test_fields_of_another_version_are_left_out() -> None:
    later = READY.to_bytes()[:-1] + b',"colour":"blue"}'

    assert Delivery.from_bytes(later) == READY


def test_it_does_not_print_what_it_says() -> None:
    printed = repr(READY) + repr(READY.message) + repr(replace(READY, instead=EMAIL).instead)

    assert [text for text in ("3605550100", "ana@", "/r/", "Your record") if text in printed] == []


def test_who_finds_an_attempt_finds_it_after_the_time_in_which_it_has_ended() -> None:
    assert (SENDING.state, SENDING.due, SENDING.attempts, SENDING.tried_at) == ("sending", NOW + LEASE, 1, NOW)


@pytest.mark.parametrize("order", list(permutations(["queued", "sent", "delivered"])), ids=" ".join)
def test_reports_in_any_order_end_with_the_last_state(order: tuple[str, ...]) -> None:
    delivery = SENDING

    for word in (*order, *order):
        delivery = hear(delivery, Report("delivered" if word == "delivered" else "accepted", "SM1"), NOW)

    assert delivery.state == "delivered"
    assert delivery.due is None


def test_what_is_over_says_nothing_any_more() -> None:
    delivered = hear(ACCEPTED, Report("delivered", "SM1"), NOW)

    held = delivered.to_bytes()
    assert [text for text in (b"3605550100", b"ana@", b"/r/", b"abc", b"Your record") if text in held] == []


def test_a_callback_proves_that_it_was_accepted_though_the_answer_was_lost() -> None:
    heard = hear(SENDING, Report("accepted", "SM1"), NOW)

    assert (heard.state, heard.provider_id) == ("accepted", "SM1")
    assert hear(heard, Report("accepted", "SM1"), NOW) == heard  # and then the answer comes


def test_a_failure_before_our_own_answer_stays_one() -> None:
    failed = hear(SENDING, Report("failed", "SM1", code="30006"), NOW)

    assert hear(failed, Report("accepted", "SM1"), NOW).state == "failed"


@pytest.mark.parametrize("code", ["21610", "21211", "21614", "30003", "30005", "30006", "30007", "30008", "", "63016"])
def test_final_codes_end_an_attempt_at_once(code: str) -> None:
    failed = hear(ACCEPTED, Report("failed", "SM1", code=code), NOW)

    assert (failed.state, failed.code, failed.due) == ("failed", code, NOW)


def test_a_full_queue_at_a_carrier_passes_and_the_message_is_sent_again_some_times() -> None:
    delivery = ACCEPTED

    for attempt in range(1, ATTEMPTS):
        delivery = hear(delivery, Report("failed", f"SM{attempt}", code="30001"), NOW)
        assert (delivery.state, delivery.due) == ("ready", NOW + LOOK)
        delivery = hear(begin(delivery, NOW), Report("accepted", f"SM{attempt + 1}"), NOW)
    delivery = hear(delivery, Report("failed", f"SM{ATTEMPTS}", code="30001"), NOW)

    assert delivery.state == "failed"


@pytest.mark.parametrize("code", ["30032", "30034"])
def test_a_number_of_ours_that_is_not_registered_is_not_her_phones_fault(code: str) -> None:
    put_off = hear(
        begin(new_delivery("SM1", "sms", Message("+15551234567", "Hi"), NOW), NOW), Report("failed", "SM2", code), NOW
    )

    assert (put_off.state, put_off.code) == ("ready", code)


def test_what_an_earlier_attempt_comes_to_changes_the_next_only_by_arriving() -> None:
    again = begin(ask_again(FAILED, "SMx", NOW), NOW)

    for late in ("accepted", "failed"):
        assert hear(again, Report(late, "SM1", code="30003"), NOW) == again
    assert hear(again, Report("delivered", "SM1"), NOW).state == "delivered"


@given(st.lists(REPORTS, max_size=12))
def test_no_series_of_reports_leads_backwards(reports: list[Report]) -> None:
    delivery = SENDING

    for report in reports:
        after = hear(delivery, report, NOW)
        assert RANK[after.state] >= RANK[delivery.state]
        assert hear(after, report, NOW) == after  # the same once more changes nothing
        assert (after.due is None) == (after.over or after.state == "delivered")
        delivery = after


def test_what_was_certainly_not_taken_is_ready_again_after_a_pause() -> None:
    later = not_taken(SENDING, NOW, 7, "20429")

    assert (later.state, later.due, later.code) == ("ready", NOW + 7, "20429")


def test_nothing_waits_beyond_its_end() -> None:
    late = NOW + LIFE - 5

    assert not_taken(SENDING, late, 60, "").due == wait(SENDING, late, 60).due == READY.expires_at
    assert no_news(replace(ACCEPTED, looks=9), late).due == READY.expires_at


def test_a_provider_that_says_nothing_is_asked_ever_more_rarely() -> None:
    delivery, times = ACCEPTED, []

    while delivery.due != READY.expires_at:
        times.append(delivery.due)
        delivery = no_news(delivery, float(delivery.due or 0))

    assert [round((time or 0) - NOW) for time in times] == [300, 1200, 3900, 12000, 36300]


def test_it_may_be_asked_for_again_three_times_and_each_text_counts_once() -> None:
    delivery = ACCEPTED

    for number in range(AGAIN):
        delivery = ask_again(delivery, f"SM{number}", NOW)
        assert delivery.state == "ready"
        assert ask_again(delivery, f"SM{number}", NOW) == delivery
        delivery = hear(begin(delivery, NOW), Report("accepted", f"SMa{number}"), NOW)

    assert not may_be_asked_for(delivery, "SMx", NOW)
    assert may_be_asked_for(delivery, "SM0", NOW)  # the same answer to the same text
    assert ask_again(delivery, "SMx", NOW) == delivery


@pytest.mark.parametrize("delivery", [READY, SENDING], ids=["ready", "sending"])
def test_what_is_under_way_is_not_sent_twice_because_she_asks(delivery: Delivery) -> None:
    assert may_be_asked_for(delivery, "SMx", NOW)
    assert ask_again(delivery, "SMx", NOW) == delivery


@pytest.mark.parametrize(
    "delivery",
    [hear(ACCEPTED, Report("delivered", "SM1"), NOW), end(ACCEPTED, "expired"), replace(ACCEPTED, brings="")],
    ids=["it arrived", "it expired", "another text"],
)
def test_only_a_link_or_picture_that_may_not_have_arrived_is_sent_again(delivery: Delivery) -> None:
    assert not may_be_asked_for(delivery, "SMx", NOW)


def test_nothing_is_sent_again_after_its_link_has_ended() -> None:
    assert not may_be_asked_for(ACCEPTED, "SMx", NOW + LIFE)


def test_the_email_goes_instead_with_the_same_link_and_the_same_end() -> None:
    email = instead_of(FAILED)

    assert email
    assert (email.message.body, email.expires_at, email.state) == (EMAIL.body, FAILED.expires_at, "ready")
    assert email.message.delivery_id == email.id != FAILED.id
    assert (email.instead, email.chat, email.brings) == (None, "", "")
    assert instead_of(give_way(FAILED)) is None  # once


def test_a_link_that_gave_way_can_still_be_asked_for_and_another_text_is_forgotten() -> None:
    assert may_be_asked_for(give_way(FAILED), "SMx", NOW)
    assert give_way(replace(FAILED, brings="")).over
