"""Which of our numbers a message goes by: hers where it can, by weight and health where it may be any."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from random import Random

import pytest
import redis
import structlog
from conftest import ANA, Clock
from fakes.carrier import Carrier

from bot.delivery.ways import ANY, LOYAL, Way, Ways
from bot.outbox.delivery import Message, Report, Route
from bot.ports import DeliveryRefused, DeliveryUnavailable, DeliveryUncertain
from bot.store.healths import ERRORS, STEP, WELL, RedisHealths
from bot.store.timetable import RedisTimetable

A, B = "AC" + "a" * 32, "AC" + "b" * 32
HERS, OTHER, FOREIGN = "+15555550101", "+15555550102", "+15555550103"
TEXT = Message(to=ANA, body="Your vaccine record", ours=HERS, who="State registry")
ANYWHERE = replace(TEXT, ours="", who="")


@dataclass
class Asked(Carrier):
    """One that remembers which messages it was asked about."""

    ids: list[str] = field(default_factory=list)
    known: dict[str, Report] = field(default_factory=dict)

    def find(self, message: Message, *, since: float, known: Collection[str]) -> Report | None:
        self.ids.append(message.body)
        return self.found

    def status(self, message: Message, provider_id: str) -> Report | None:
        self.ids.append(provider_id)
        return self.known.get(provider_id)


@dataclass
class Two:
    """Two numbers at one provider, and one at another."""

    ways: Ways
    healths: RedisHealths
    carriers: dict[str, Asked]

    def fall(self, provider: str, steps: int) -> None:
        for _ in range(steps * ERRORS):
            self.healths.note(provider, "error")

    def senders(self, message: Message, times: int, **given: str) -> Counter[str]:
        return Counter(self.ways.route(message, **given).sender for _ in range(times))


@pytest.fixture
def build(redis_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Two]]:
    monkeypatch.setattr("bot.store.healths.SEEN", 0.0)
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()

        def build(*, weights: tuple[float, float] = (100, 100), rate: float = 1e6) -> Two:
            healths = RedisHealths(client, clock)
            carriers = {HERS: Asked(), OTHER: Asked(), FOREIGN: Asked()}
            ways = [
                Way(sender, provider, weight, rate, carriers[sender])
                for sender, provider, weight in (
                    (HERS, A, weights[0]),
                    (OTHER, A, weights[0]),
                    (FOREIGN, B, weights[1]),
                )
            ]
            ways_of_all = Ways(ways, healths, RedisTimetable(client, clock), draw=Random(7).random)
            return Two(ways_of_all, healths, carriers)

        yield build


@pytest.fixture
def two(build: Callable[..., Two]) -> Two:
    return build()


def wait(route: Route, clock: Clock) -> float:
    return route.at - clock() if route.at else 0.0


def test_her_answers_go_by_the_number_that_she_texted(two: Two) -> None:
    assert two.senders(TEXT, 50) == {HERS: 50}
    assert two.senders(replace(TEXT, ours=FOREIGN), 50) == {FOREIGN: 50}


def test_a_message_for_another_contact_goes_by_any_and_an_accounts_numbers_share_its_weight(two: Two) -> None:
    found = two.senders(ANYWHERE, 1000)

    assert [found[sender] for sender in (HERS, OTHER, FOREIGN)] == pytest.approx([250, 250, 500], abs=50)


def test_weights_are_kept(build: Callable[..., Two]) -> None:
    found = build(weights=(100, 25)).senders(ANYWHERE, 1000)

    assert found[FOREIGN] == pytest.approx(200, abs=40)


def test_by_an_account_without_weight_nothing_goes_and_it_still_is_asked(build: Callable[..., Two]) -> None:
    two = build(weights=(0, 100))

    assert two.senders(TEXT, 20) == two.senders(ANYWHERE, 20) == {FOREIGN: 20}
    two.ways.find(replace(TEXT, sender=HERS), since=0, known=())
    assert two.carriers[HERS].ids


def test_a_number_that_is_ours_no_more_is_nobodys_preference(two: Two) -> None:
    assert len(two.senders(replace(TEXT, ours="+15555550109"), 100)) == 3


@pytest.mark.parametrize(("steps", "percent"), [(3, 70), (7, 30)])
def test_as_her_numbers_provider_falls_so_does_its_part_of_her_answers(steps: int, percent: int, two: Two) -> None:
    two.fall(A, steps)

    assert two.senders(TEXT, 1000)[HERS] == pytest.approx(10 * percent, abs=50)


def test_a_provider_that_is_down_keeps_a_trickle(two: Two) -> None:
    two.fall(A, 30)

    found = two.senders(ANYWHERE, 1000)

    assert 20 <= found[HERS] + found[OTHER] <= 80  # one of twenty-one
    assert 20 <= two.senders(TEXT, 1000)[HERS] <= 80


def test_alone_a_provider_is_used_however_it_is(build: Callable[..., Two]) -> None:
    two = build(weights=(100, 0))
    two.fall(A, 30)

    assert two.senders(TEXT, 100)[FOREIGN] == 0


def test_who_did_not_take_it_is_passed_over_and_so_is_its_whole_provider(two: Two) -> None:
    assert two.senders(TEXT, 20, tried=HERS) == {FOREIGN: 20}
    assert two.senders(TEXT, 20, tried=FOREIGN) == {HERS: 20}


def test_with_one_provider_the_other_number_takes_over(build: Callable[..., Two]) -> None:
    assert build(weights=(100, 0)).senders(TEXT, 20, tried=HERS) == {OTHER: 20}


def test_her_answer_waits_a_minute_for_her_number_and_then_goes_by_another(
    build: Callable[..., Two], clock: Clock
) -> None:
    two = build(rate=1.0)

    routes = [two.ways.route(TEXT) for _ in range(64)]

    assert [wait(route, clock) for route in routes] == pytest.approx([*range(int(LOYAL) + 1), 0, 0, 1])
    assert {route.sender for route in routes[:61]} == {HERS}
    assert {route.sender for route in routes[61:]} == {OTHER, FOREIGN}


def test_what_may_go_by_any_number_waits_for_none_while_another_is_free(
    build: Callable[..., Two], clock: Clock
) -> None:
    ways = build(rate=1.0).ways

    times = [wait(ways.route(ANYWHERE), clock) for _ in range(9)]

    assert max(times) <= ANY
    assert sum(times) == pytest.approx(3 * (0 + 1 + 2))


def test_who_has_waited_goes_where_it_waited(two: Two) -> None:
    route = two.ways.route(TEXT, booked=OTHER)

    assert route == Route(OTHER)


def test_who_has_waited_for_one_that_fell_meanwhile_goes_elsewhere(two: Two) -> None:
    two.fall(A, 9)

    assert FOREIGN in two.senders(TEXT, 30, booked=HERS)


def test_from_her_own_number_the_words_are_as_they_are(two: Two) -> None:
    two.ways.send(replace(TEXT, sender=HERS))

    assert two.carriers[HERS].sent[0].body == TEXT.body


def test_from_a_strange_number_they_say_who_we_are(two: Two) -> None:
    two.ways.send(replace(TEXT, sender=FOREIGN))

    assert two.carriers[FOREIGN].sent[0].body == "State registry: Your vaccine record"


def test_only_the_provider_that_was_given_it_is_asked_for_it_and_in_its_words(two: Two) -> None:
    two.ways.find(replace(TEXT, sender=FOREIGN), since=0, known=())

    assert two.carriers[FOREIGN].ids == ["State registry: Your vaccine record"]
    assert two.carriers[HERS].ids == two.carriers[OTHER].ids == []


def test_what_another_provider_took_late_is_found_there(two: Two) -> None:
    for number in (HERS, OTHER):
        two.carriers[number].known["SM1"] = Report("delivered", "SM1")

    assert two.ways.status(replace(TEXT, sender=FOREIGN), "SM1") == Report("delivered", "SM1")
    assert two.carriers[FOREIGN].ids == ["SM1"]


def test_messages_from_before_there_were_several_numbers_belong_to_the_first(two: Two) -> None:
    two.ways.find(replace(TEXT, sender=""), since=0, known=())

    assert two.carriers[HERS].ids


@pytest.mark.parametrize(
    "error", [DeliveryUncertain("500"), DeliveryUnavailable("20429"), DeliveryUnavailable("ConnectTimeout")]
)
def test_a_providers_errors_count(error: Exception, two: Two) -> None:
    two.carriers[HERS].failures = [error] * ERRORS

    for _ in range(ERRORS):
        with pytest.raises(type(error)):
            two.ways.send(replace(TEXT, sender=HERS))

    assert two.healths.percent(A) == WELL - STEP


@pytest.mark.parametrize(
    "error", [DeliveryRefused("21211"), DeliveryRefused("21610"), DeliveryUnavailable("21611", is_general=False)]
)
def test_one_recipients_errors_do_not(error: Exception, two: Two) -> None:
    two.carriers[HERS].failures = [error] * 50

    for _ in range(50):
        with pytest.raises(type(error)):
            two.ways.send(replace(TEXT, sender=HERS))

    assert two.healths.percent(A) == WELL


def test_slowness_counts(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.delivery.watching.SLOW", 0.0)

    with structlog.testing.capture_logs() as logs:
        for _ in range(10):
            two.ways.send(replace(TEXT, sender=HERS))

    assert [(line["event"], line["provider"], line["why"]) for line in logs] == [("provider_shifted", A, "slow")]
