"""What Twilio need not keep any longer is erased there, if the setting says so, however long that takes."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from conftest import ACCOUNT_SID, ANA, AUTH_TOKEN, OUR_NUMBER, Phone
from fakes.post_office import ANSWERS, PostOffice
from fakes.twilio import BROKEN, HANG_UP, TOO_MANY, FakeTwilio
from flask.testing import FlaskClient
from redis import Redis
from werkzeug.test import TestResponse

from bot.config import SettingsWrong, read_settings
from bot.delivery.accounts import Account
from bot.delivery.twilio_eraser import TwilioEraser
from bot.delivery.twilio_inbox import TwilioInbox
from bot.erasing import DAY, erase_due
from bot.inbound.round import EVERY, OVERLAP, sweep_inbox
from bot.limits.table import HOUR, Rule
from bot.passing_over import PAUSE
from bot.store.heard import REACH
from bot.sweeping import sweep
from bot.transcripts.app import FixedFlow, RecordedJobs
from bot.wiring import System, build_app, outbox_path

PICTURE = (*ANSWERS[:-1], "2")


@pytest.fixture
def delete() -> str:
    return "inbound,outbound,media"


@pytest.fixture
def more_settings(delete: str) -> dict[str, object]:
    return {"twilio_delete": delete}


@dataclass
class Listed(Phone):
    """A phone whose texts are all in Twilio's list."""

    twilio: FakeTwilio = field(kw_only=True)

    def post(self, body: str, *, sid: str = "", **extra: str) -> TestResponse:
        return super().post(body, sid=self.twilio.receive(self.number, body, OUR_NUMBER), **extra)


@pytest.fixture
def phone(client: FlaskClient, system: System, twilio: FakeTwilio) -> Phone:
    return Listed(client, outbox_path(system.settings), twilio=twilio)


@pytest.fixture
def office(post: PostOffice, twilio: FakeTwilio) -> PostOffice:
    """With Twilio's eraser, and its list of what was texted."""
    account = Account(ACCOUNT_SID, (AUTH_TOKEN,), (OUR_NUMBER,), twilio.url)
    inbox = TwilioInbox(ACCOUNT_SID, AUTH_TOKEN, OUR_NUMBER, twilio.url)
    post.jobs.services = replace(post.services, eraser=TwilioEraser([account]), inboxes=(inbox,))
    twilio.fetches = False  # our address is nobody's
    sweep_inbox(post.services)
    return post


def erase(office: PostOffice, seconds: float = 0.0) -> None:
    """So many seconds later; the carrier's list was read meanwhile."""
    office.clock.wait(seconds)
    sweep_inbox(office.services)
    while erase_due(office.services):
        continue


def waiting(office: PostOffice) -> int:
    return office.services.erasures.waiting()


def deliver(office: PostOffice, *answers: str) -> None:
    office.ask(*(answers or ANSWERS))
    office.send()
    office.call_back("delivered")


def test_after_the_answer_nothing_that_she_texted_stays_at_twilio(office: PostOffice, twilio: FakeTwilio) -> None:
    deliver(office)
    assert len(twilio.received) == len(ANSWERS)

    erase(office, PAUSE + 1)

    assert twilio.received == []
    assert {text.body for text in twilio.gone if text.direction == "inbound"} == set(ANSWERS)


def test_and_the_link_that_arrived_is_gone_there_too(office: PostOffice, twilio: FakeTwilio) -> None:
    deliver(office)

    erase(office, PAUSE + 1)

    assert twilio.sent == []
    assert waiting(office) == 0


@pytest.mark.parametrize("delete", ["media"])
def test_of_a_picture_message_only_the_picture_goes_if_the_setting_says_so(
    office: PostOffice, twilio: FakeTwilio
) -> None:
    deliver(office, *PICTURE)
    (message,) = twilio.sent
    assert message.media

    erase(office, PAUSE + 1)

    assert message.media == []
    assert twilio.sent == [message]
    assert len(twilio.received) == len(PICTURE)


def test_a_picture_goes_with_its_message(office: PostOffice, twilio: FakeTwilio) -> None:
    deliver(office, *PICTURE)
    (message,) = twilio.sent

    erase(office, PAUSE + 1)

    assert (message.media, twilio.sent) == ([], [])


@pytest.mark.parametrize("delete", [""])
def test_nothing_is_erased_unless_the_setting_says_so(office: PostOffice, twilio: FakeTwilio) -> None:
    deliver(office)

    erase(office, DAY)

    assert twilio.deleted == []


@pytest.mark.parametrize("delete", ["outbound"])
def test_an_answer_of_the_outbox_that_says_her_birth_date_back_goes_and_others_stay(
    office: PostOffice, twilio: FakeTwilio
) -> None:
    office.phone.text("Hi", "1", "Ana")
    for lost in ("Reyes", "3/4/85"):
        twilio.receive(ANA, lost, OUR_NUMBER)
        erase(office, EVERY)
        office.send()
        office.call_back("delivered")
    asked, said_back = (message.body for message in twilio.sent)
    assert "1985" in said_back

    erase(office, 61)

    assert [message.body for message in twilio.sent] == [asked]


@pytest.mark.parametrize("delete", ["media"])
def test_such_an_answer_has_no_picture_that_could_be_deleted(office: PostOffice, twilio: FakeTwilio) -> None:
    office.phone.text("Hi", "1", "Ana", "Reyes")
    twilio.receive(ANA, "3/4/85", OUR_NUMBER)
    erase(office, EVERY)
    office.send()
    office.call_back("delivered")

    assert waiting(office) == 0


def test_a_link_that_has_not_arrived_stays(office: PostOffice, twilio: FakeTwilio) -> None:
    office.ask()
    office.send()

    erase(office, PAUSE + 1)

    assert len(twilio.sent) == 1


def test_what_was_said_in_a_conversation_without_an_end_goes_when_it_is_over(
    office: PostOffice, twilio: FakeTwilio
) -> None:
    office.phone.text("Hi", "1", "Ana", "Reyes", "3/27/1985")
    office.clock.wait(3600)
    sweep(office.services)

    erase(office, PAUSE + 1)

    assert twilio.received == []


def limited(office: PostOffice, system: System, **rules: Rule) -> None:
    """Her texts reach an app with these limits."""
    flow = system.services.flow
    allowed = {**flow.allowed, **{name: (rule,) for name, rule in rules.items()}}
    answering(
        office, replace(system, services=replace(system.services, flows=FixedFlow(replace(flow, allowed=allowed))))
    )


def answering(office: PostOffice, system: System) -> None:
    office.phone.client = build_app(system).test_client()


def test_a_text_that_got_silence_goes_too(office: PostOffice, twilio: FakeTwilio, system: System) -> None:
    limited(office, system, replies=Rule(1, HOUR))
    assert office.phone.text("Hi", "4821", "4821") is None

    erase(office, PAUSE - 10)
    assert len(twilio.received) == 3
    office.clock.wait(3600)
    sweep(office.services)
    erase(office, PAUSE + 1)

    assert twilio.received == []


def test_texts_that_got_the_fixed_text_of_a_crowded_hour_or_nothing_after_it_go_too(
    office: PostOffice, twilio: FakeTwilio, system: System
) -> None:
    limited(office, system, texts_with_new_people=Rule(1, HOUR))
    replace(office.phone, number="+13605550101").text("Hi")
    theirs = twilio.received[0]
    assert "Please text again in an hour" in str(office.phone.text("Ana Reyes 3/27/1985 4821"))
    assert office.phone.text("Ana Reyes 3/27/1985 4821") is None

    erase(office, PAUSE + 1)

    assert twilio.received == [theirs]


@pytest.mark.parametrize("words", [("STOP",), ("leave me alone",), ("Hi", "1", "STOP"), ("Hi", "1", "STOP", "HELP")])
def test_texts_outside_of_a_conversation_go_too(office: PostOffice, twilio: FakeTwilio, words: tuple[str, ...]) -> None:
    office.phone.text(*words)

    erase(office, PAUSE + 1)

    assert twilio.received == []


@pytest.mark.parametrize("sender", ["whatsapp:+13605550100", "BANK", OUR_NUMBER])
def test_what_came_from_no_phone_goes_too(office: PostOffice, twilio: FakeTwilio, sender: str) -> None:
    replace(office.phone, number=sender).text("Ana Reyes 3/27/1985 4821")

    erase(office, PAUSE + 1)

    assert twilio.received == []


def test_a_text_that_broke_us_goes_once_nobody_will_answer_it_any_more(
    office: PostOffice, twilio: FakeTwilio, system: System
) -> None:
    class Broken(RecordedJobs):
        def enqueue(self, session_key: str, work_id: str) -> None:
            raise RuntimeError

    office.phone.text(*ANSWERS[:-1])
    answering(office, replace(system, services=replace(system.services, jobs=Broken())))
    assert str(office.phone.text(ANSWERS[-1])).startswith("Sorry, we cannot answer right now.")
    (broken,) = twilio.received[-1:]
    office.jobs.services = replace(office.services, inboxes=())  # it is lost for the list as well

    office.clock.wait(REACH - 10)
    while erase_due(office.services):
        continue
    assert twilio.received[-1:] == [broken]
    office.clock.wait(20)
    while erase_due(office.services):
        continue

    assert broken not in twilio.received


def test_a_message_that_twilio_still_works_with_is_erased_later(office: PostOffice, twilio: FakeTwilio) -> None:
    deliver(office)
    twilio.sent[0].status = "sent"  # its list lags behind its callback

    erase(office, PAUSE + 1)
    assert len(twilio.sent) == 1
    twilio.sent[0].status = "delivered"
    erase(office, PAUSE)

    assert twilio.sent == []


@pytest.mark.parametrize("failure", [BROKEN, TOO_MANY, HANG_UP], ids=["5xx", "429", "hung up"])
def test_while_twilio_does_not_answer_it_is_tried_again(
    office: PostOffice, twilio: FakeTwilio, failure: object
) -> None:
    deliver(office)
    erase(office, PAUSE - 5)
    twilio.deleted.clear()
    office.clock.wait(10)
    twilio.fail_to_tell(*[failure] * len(ANSWERS))
    while erase_due(office.services):
        continue
    assert not twilio.blind
    assert len(twilio.received) == len(ANSWERS)

    erase(office, PAUSE)

    assert twilio.received == []


def test_what_is_gone_already_is_as_good(office: PostOffice, twilio: FakeTwilio) -> None:
    deliver(office)
    twilio.received.clear()
    twilio.sent.clear()

    erase(office, PAUSE + 1)

    assert waiting(office) == 0


def test_after_a_day_it_is_given_up_and_said(
    office: PostOffice, twilio: FakeTwilio, capsys: pytest.CaptureFixture[str]
) -> None:
    deliver(office)
    twilio.fail_to_tell(*[BROKEN] * 1000)
    office.clock.wait(DAY + 1)
    while erase_due(office.services):
        continue

    assert waiting(office) == 0
    assert capsys.readouterr().out.count("erasing_given_up") == len(ANSWERS) + 1


def test_another_process_goes_on_where_one_was_killed(office: PostOffice, twilio: FakeTwilio) -> None:
    deliver(office)
    office.clock.wait(PAUSE + 1)
    assert office.services.erasures.claim(office.clock(), 99)  # and then it is killed

    erase(office, 0)
    assert len(twilio.received) == len(ANSWERS)
    erase(office, 300)

    assert twilio.received == []


def test_a_text_stays_until_the_list_was_read_from_after_it(office: PostOffice, twilio: FakeTwilio) -> None:
    """It shows that one that was lost before it is too old to be answered."""
    deliver(office)
    lost = twilio.receive(ANA, "Anna", OUR_NUMBER)
    twilio.received[-1].created -= 60
    office.clock.wait(PAUSE + 1)
    while erase_due(office.services):  # the list could not be read all the while
        continue
    assert len(twilio.received) == len(ANSWERS) + 1

    erase(office, EVERY)
    erase(office, OVERLAP + EVERY)

    assert [text.sid for text in twilio.received] == [lost]


def test_texts_that_were_lost_are_answered_though_others_were_erased(office: PostOffice, twilio: FakeTwilio) -> None:
    deliver(office)
    erase(office, PAUSE + 1)
    twilio.receive(ANA, "Hello", OUR_NUMBER)

    erase(office, EVERY)
    office.send()

    assert [message.to for message in twilio.sent] == [ANA]


def test_a_second_account_is_asked_for_what_the_first_does_not_know(twilio: FakeTwilio) -> None:
    with FakeTwilio("AC" + "b" * 32, "token_of_b") as other:
        sid = other.receive(ANA, "4821", OUR_NUMBER)
        first = Account(ACCOUNT_SID, (AUTH_TOKEN,), (OUR_NUMBER,), twilio.url)
        second = Account("AC" + "b" * 32, ("token_of_b",), ("+15555550177",), other.url)

        TwilioEraser([first, second]).erase("inbound", sid)

        assert other.received == []


def test_a_word_that_means_nothing_is_refused(nobodys_settings: None) -> None:
    with pytest.raises(SettingsWrong, match="write any of inbound, outbound, media"):
        read_settings({"twilio_delete": "inbound,all"})


def test_redis_holds_names_of_messages_and_nothing_else_of_what_is_to_be_erased(
    office: PostOffice, system: System
) -> None:
    deliver(office)

    names = {name.decode() for name in _names(system.client)}
    assert all(name.partition(":")[0] in ("inbound", "outbound") for name in names)
    assert all(len(name.partition(":")[2]) == 34 for name in names)


def _names(client: "Redis") -> Iterator[bytes]:
    yield from client.zrange("vt:e", 0, -1)
