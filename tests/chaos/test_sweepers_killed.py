"""The worker is killed while it feeds lost texts and while it ends conversations: each has its turn, once."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import redis
import requests
from fakes.until import until
from running import OURS, PIN, answers

from chaos.ledger import LINK
from chaos.residents import Resident, registry, residents
from chaos.talking import Talk
from chaos.world import World, ports, world

pytestmark = pytest.mark.e2e

IN_A_ROUND = (
    "inbox_fed_before_next:kill:2",
    "text_before_load:kill:5",
    "text_enqueued_before_save:kill:2",
    "inbox_read_before_feeding:kill",
)
AT_ENDS = ("end_saved_before_noted:kill:2", "end_noted_before_cleared:kill:3")
HALF_AN_HOUR = 30 * 60.0
STEP, SECOND = 10.0, 0.5  # seconds of our clock for each half of one that passes

sizes = pytest.mark.parametrize(
    ("people", "rounds"),
    [pytest.param(8, 1, id="short"), pytest.param(120, 3, id="long", marks=pytest.mark.chaos)],
)


@sizes
def test_lost_texts_are_answered_once_however_often_their_sweeper_is_killed(
    people: int, rounds: int, tmp_path: Path
) -> None:
    """Half of them lose every text; of the others every text is listed too, and arrived."""
    everybody = residents(2 * people, ways=("own",))
    lost, heard = everybody[:people], everybody[people:]
    with world(tmp_path, registry(tmp_path, everybody), {"ANSWER_WITHIN": "1440"}) as whole:
        whole.faults = list(IN_A_ROUND) * rounds
        whole.start_web(ports(whole)[0])
        whole.start_worker()
        until(lambda: is_kept(whole, "vt:swept"), 30)  # texts from before that are not answered
        talk = Talk(whole)
        lines = [arrives(whole, talk, one) for one in heard]
        sids = {one.phone: [whole.twilio.receive(one.phone, text, OURS) for text in texts(one)] for one in lost}

        pass_time(whole, lambda: killed(whole) >= len(IN_A_ROUND) * rounds and all_are_answered(whole, everybody))

        assert killed(whole) == len(IN_A_ROUND) * rounds
        (said,) = {tuple(line) for line in lines}  # to each who was heard, in the answer to the webhook
        for one in lost:
            assert Counter(words(whole, one)) == Counter((*said, one.lot))
            assert [talk.post(one, text, sid) for text, sid in zip(texts(one), sids[one.phone], strict=True)] == (
                [None] * len(said)
            )
        for one in heard:
            assert words(whole, one) == [one.lot]
        pass_time(whole, whole.is_idle)
        assert len(whole.twilio.sent) == len(lost) * (len(said) + 1) + len(heard)
        print(f"{people} residents lost {len(said)} texts each, {killed(whole)} kills: 0 lost, 0 twice")  # noqa: T201


@sizes
def test_the_end_of_each_conversation_is_logged_however_often_its_sweeper_is_killed(
    people: int, rounds: int, tmp_path: Path
) -> None:
    everybody = residents(2 * people, ways=("own",))
    with world(tmp_path, registry(tmp_path, everybody)) as whole:
        whole.faults = list(AT_ENDS) * rounds
        whole.start_web(ports(whole)[0])
        talk = Talk(whole)
        for number, one in enumerate(everybody):
            for text in texts(one)[: 3 + number % 2]:
                talk.text(one, text)
        whole.clock.move(HALF_AN_HOUR + 1)
        for one in everybody[:3]:
            talk.text(one, "Hi")  # before any sweeper came
        whole.start_worker()

        pass_time(whole, lambda: killed(whole) >= len(AT_ENDS) * rounds)
        pass_time(whole, lambda: len(notes(whole)) == len(everybody) and no_end_is_left(whole, 3))

        assert Counter(notes(whole).values()) == {"ask_last_name": people, "ask_dob": people}
        twice = whole.running.count("abandoned") - len(notes(whole))
        assert (
            0 <= twice <= whole.kills()["end_noted_before_cleared"] == rounds
        )  # a kill may come before the line is out
        print(f"{len(everybody)} ends, {killed(whole)} kills: 0 lost, {twice} lines twice")  # noqa: T201


def texts(one: Resident) -> tuple[str, ...]:
    return ("Hi", "1", *answers(one.person), "1", "AGREE", PIN, "1")


def arrives(whole: World, talk: Talk, one: Resident) -> list[str | None]:
    """All her texts are posted and listed; what each was answered."""
    return [talk.post(one, text, whole.twilio.receive(one.phone, text, OURS)) for text in texts(one)]


def pass_time(whole: World, condition: Callable[[], bool], seconds: float = 300.0) -> None:
    """Move the clock until it holds."""

    def holds() -> bool:
        if condition():
            return True
        whole.clock.move(STEP)
        whole.over.wait(SECOND)
        return False

    until(holds, seconds)


def killed(whole: World) -> int:
    return sum(whole.kills().values())


def all_are_answered(whole: World, everybody: list[Resident]) -> bool:
    got = Counter(message.to for message in list(whole.twilio.sent) if LINK.search(message.body))
    return all(got[one.phone] for one in everybody) and whole.is_idle()


def words(whole: World, one: Resident) -> list[str]:
    """What her phone got as messages; a link is opened, and is the lot on its page."""
    return [shown(message.body, one) for message in whole.twilio.to(one.phone)]


def shown(body: str, one: Resident) -> str:
    if not (link := LINK.search(body)):
        return body
    return one.lot if one.lot in requests.post(link[0], {"pin": PIN}, timeout=20).text else "another's page"


def notes(whole: World) -> dict[str, str]:
    """The last state of each conversation that was logged, by its name."""
    lines = [line for line in whole.running.events() if line["event"] == "abandoned"]
    return {str(line["note"]): str(line["state"]) for line in lines}


def no_end_is_left(whole: World, but: int) -> bool:
    """All that was to be noted is; so many conversations go on."""
    with redis.Redis.from_url(whole.redis.url) as client:
        return int(client.zcard("vt:deadlines")) == but


def is_kept(whole: World, key: str) -> bool:
    with redis.Redis.from_url(whole.redis.url) as client:
        return bool(client.exists(key))
