"""Keys are rotated in steps, old and new processes side by side: no session, link, work or limit is lost by it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import cycle

import pytest
from conftest import ANA
from rotating import Process, process, sessions
from structlog.testing import capture_logs

from bot.conversation.lifetime import ends_at
from bot.limits.table import DAY, Rule
from bot.ports import Ask, LinkGone, Opened, WrongPin
from bot.store import links as links_module
from bot.store.refusals import RedisRefusals
from bot.sweeping import sweep
from bot.transcripts.app import Clock
from bot.wiring import System

Start = Callable[[str], Process]
TEXTS = ("Hi", "1", "Ana", "Reyes", "03/27/1985", "1", "AGREE", "4821", "1")
STEPS = ("a", "ab", "ba", "b")  # the key before; the next known; the next seals; the one before is gone
SIDE_BY_SIDE = [("a", "ab"), ("ab", "ba"), ("ba", "b")]


@pytest.fixture
def start(system: System) -> Iterator[Start]:
    with ExitStack() as stack:
        yield lambda order: stack.enter_context(process(system, order))


def one_queue(*processes: Process) -> None:
    """What one enqueues, the worker of any other does."""
    for each in processes[1:]:
        each.jobs.queued = processes[0].jobs.queued


@pytest.mark.parametrize(("before", "after"), SIDE_BY_SIDE)
def test_a_conversation_goes_on_with_either_of_two_processes(before: str, after: str, start: Start) -> None:
    both = start(before), start(after)

    for text, one in zip(TEXTS, cycle(both), strict=False):
        assert one.phone.text(text)
    for one in both:
        one.jobs.work()

    (message,) = both[0].phone.received()
    assert "/r/" in str(message["body"])
    assert len(sessions(both[0].system.client)) == 1


def test_a_conversation_goes_on_through_all_steps_and_ends_under_the_next_key_alone(start: Start) -> None:
    steps = [start(order) for order in STEPS]
    for number, text in enumerate(TEXTS):
        assert steps[min(number // 2, 3)].phone.text(text)
    steps[3].jobs.work()

    assert "/r/" in str(steps[3].phone.received()[0]["body"])
    (name,) = sessions(steps[3].system.client)
    assert name.startswith("vt:s:b:")
    assert {value.partition(b".")[0] for value in [steps[3].system.client.get(name)]} == {b"b"}


def test_each_phone_has_one_session_though_old_and_new_processes_hear_its_first_texts_at_once(start: Start) -> None:
    processes = [start(order) for order in ("ab", "ba", "ab", "ba")]
    phones = [f"+1360556{number:04d}" for number in range(12)]

    def text(given: tuple[Process, str]) -> None:
        one, number = given
        assert one.phone.post("Hi", From=number).status_code == 200

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(text, [(one, number) for number in phones for one in processes]))

    store = processes[0].system.services.sessions
    assert len(sessions(processes[0].system.client)) == len(phones)
    for number in phones:
        session = store.load(store.key(number), number).session
        assert session
        assert len(session.seen) == len(processes)


@pytest.mark.parametrize(("asked", "worked"), [("a", "ba"), ("ab", "ba"), ("ba", "ab"), ("a", "b")])
def test_work_finds_the_session_that_moved_after_it_was_queued(asked: str, worked: str, start: Start) -> None:
    old, new = start(asked), start(worked)
    old.phone.text(*TEXTS)
    for order in STEPS[STEPS.index(asked) :] if asked in STEPS else ():
        start(order).phone.text("wait")  # each step moves it
    new.jobs.queued = old.jobs.queued

    new.jobs.work()

    (message,) = new.phone.received()
    assert "/r/" in str(message["body"])
    assert not new.jobs.queued
    assert len(sessions(new.system.client)) == 1


def test_a_session_without_its_phone_is_found_where_it_was_moved(start: Start) -> None:
    """As by a message on its way, which knows the session by the name of yesterday."""
    old, between, new = start("a"), start("ba"), start("cb")
    old.phone.text("Hi")
    key = old.system.services.sessions.key(ANA)
    between.phone.text("1")
    new.phone.text("Ana")

    loaded = [each.system.services.sessions.load(key).session for each in (between, new)]

    assert loaded[0] is None  # it does not know key c
    assert loaded[1]
    assert loaded[1].phone == ANA


def test_the_end_of_a_moved_conversation_is_noted_once(start: Start, clock: Clock) -> None:
    old, new = start("ab"), start("ba")
    old.phone.text("Hi", "1")
    new.phone.text("Ana")
    session = new.system.services.sessions.load(new.system.services.sessions.key(ANA)).session
    assert session
    end = ends_at(new.system.services.flow, session)
    assert end
    clock.wait(end - clock() + 1)

    with capture_logs() as logs:
        assert [sweep(each.system.services) for each in (old, new)] == [1, 0]

    assert [line["event"] for line in logs].count("abandoned") == 1
    assert new.system.client.zcard("vt:deadlines") == 0


def test_a_text_that_comes_again_after_a_step_gets_the_same_answer(start: Start) -> None:
    answers = [start(order).phone.post("Hi", sid="SM" + "1" * 32).text for order in STEPS]

    assert len(set(answers)) == 1


@pytest.mark.parametrize(("before", "after"), SIDE_BY_SIDE)
def test_links_and_files_open_with_either_of_two_processes(before: str, after: str, start: Start) -> None:
    both = start(before), start(after)

    for maker in both:
        link = maker.system.services.links.seal(b"record", "4821", language="en")
        file = maker.system.services.media.mint(b"picture", "png")
        for reader in both:
            opened = reader.system.services.links.open(link, "4821")
            assert isinstance(opened, Opened)
            assert opened.content == b"record"
            assert reader.system.services.media.read(file, "png") == b"picture"


def test_a_wrong_pin_counts_once_and_is_evaluated_once_however_many_peppers_there_are(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = start("ab").system.services.links
    token = start("ba").system.services.links.seal(b"record", "4821", language="en")
    evaluated, real = [], links_module.hash_secret_raw
    monkeypatch.setattr(links_module, "hash_secret_raw", lambda *a, **k: (evaluated.append(1), real(*a, **k))[1])

    assert [links.open(token, "0000") for _ in range(4)] == [WrongPin(4), WrongPin(3), WrongPin(2), WrongPin(1)]

    assert len(evaluated) == 4
    assert isinstance(links.open(token, "4821"), Opened)


def test_a_process_that_does_not_know_the_pepper_costs_nobody_a_try(start: Start) -> None:
    maker, stranger = start("b").system.services.links, start("a").system.services.links
    token = maker.seal(b"record", "4821", language="en")

    with capture_logs() as logs:
        for _ in range(7):
            with pytest.raises(LinkGone):
                stranger.open(token, "4821")

    assert {(line["event"], line["key"]) for line in logs} == {("link_unreadable", "b")}
    assert maker.open(token, "0000") == WrongPin(4)


def test_lookups_of_a_day_add_up_through_all_steps(start: Start) -> None:
    steps = {order: start(order).system.services.limits for order in STEPS}
    order = [one for pair in SIDE_BY_SIDE for one in (*pair, *pair)]
    asked = [Ask("lookups", (Rule(10, DAY), Rule(11, 2 * DAY)), (ANA,))]

    refused = [steps[one].take(f"work{number}", asked, now=0.0).refused for number, one in enumerate(order)]

    assert refused == [number >= 10 for number in range(12)]


def test_a_registry_that_refuses_us_is_left_in_peace_through_all_steps(start: Start, clock: Clock) -> None:
    client = start("a").system.client
    steps = [RedisRefusals(client, names, clock) for names in (["vt:b:a"], ["vt:b:a", "vt:b:b"], ["vt:b:b", "vt:b:a"])]

    assert steps[0].add("locked", times=2, rest=600) == 0
    assert steps[2].add("locked", times=2, rest=600) == 600
    assert [refused and refused.may_try for refused in (steps[1].claim(60), steps[2].claim(60))] == [False, False]
    steps[1].forget()
    assert [each.claim(60) for each in steps] == [None, None, None]


def test_a_key_that_is_taken_away_in_one_step_loses_the_session_and_says_so(start: Start) -> None:
    """Why there are three steps."""
    start("a").phone.text("Hi", "1", "Ana")

    with capture_logs() as logs:
        session = start("b").system.services.sessions.load(sessions(start("b").system.client)[0]).session

    assert session is None
    assert [(line["event"], line["key"]) for line in logs] == [("session_unreadable", "a")]
