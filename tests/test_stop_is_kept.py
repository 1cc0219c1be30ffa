"""STOP is kept: who said it gets nothing that others ask for, and who comes back herself notices nothing of it."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from conftest import ANA, Phone
from fakes.carrier import Carrier
from fakes.post_office import ANSWERS, PostOffice
from rotating import process
from test_key_rings import Start
from test_undelivered import ASKED, ELSEWHERE, SOFIA, SOFIAS_MAIL, TOM, knows
from test_undelivered import TOMS_MAIL as HER_MAIL
from test_undelivered import TOMS_OTHER as HER

from bot.conversation.events import Text
from bot.conversation.flow import Keyword
from bot.conversation.session import Session
from bot.conversation.stopping import stops, wants_silence
from bot.ports import Besides, DeliveryRefused, SessionConflict
from bot.store.stops import LIFE
from bot.wiring import System

DAY = 24 * 3600
TO_HER_MAIL = (*ELSEWHERE[:5], HER_MAIL, *ELSEWHERE[6:])
STOPPED_AT_TWILIO = DeliveryRefused("21610")
stop_words = pytest.mark.parametrize(
    ("word", "opt_out"),
    [("STOP", ""), ("Unsubscribe", ""), ("leave me alone", ""), ("Alto", ""), ("no more", "STOP")],
    ids=["the carrier's", "another of the carrier's", "ours", "ours in Spanish", "the account's own"],
)


@pytest.fixture
def carrier(post: PostOffice) -> Carrier:
    """A registry knows her by her phone and one email; all that is sent arrives."""
    carrier = Carrier()
    post.use(carrier)
    knows(post, HER, HER_MAIL)
    return carrier


@pytest.fixture
def start(system: System) -> Iterator[Start]:
    with ExitStack() as stack:
        yield lambda order: stack.enter_context(process(system, order))


def hers(post: PostOffice) -> Phone:
    return replace(post.phone, number=HER, replies=[])


def he_asks(post: PostOffice, *answers: str) -> list[str | None]:
    """For a link to her phone: all that he reads."""
    his = replace(post.phone, number=TOM, replies=[])
    his.text(*(answers or ELSEWHERE))
    post.work()
    for _ in range(3):
        post.send()
    his.text("link", "2")
    return his.replies


def names(system: System) -> list[str]:
    return [name.decode() for name in system.client.scan_iter("vt:o:*")]


@stop_words
def test_who_said_stop_gets_no_link_that_others_ask_for(
    word: str, opt_out: str, post: PostOffice, carrier: Carrier
) -> None:
    assert hers(post).text(word, **({"OptOutType": opt_out} if opt_out else {})) is None

    he_asks(post)

    assert carrier.sent == []


def test_no_link_is_made_and_nothing_waits_to_be_sent_by_any_number_or_account_of_ours(
    post: PostOffice, carrier: Carrier, system: System
) -> None:
    hers(post).text("STOP", To="+15555550199")

    he_asks(post)

    assert [*system.client.scan_iter("vt:l:*"), *system.client.scan_iter("vt:d:*")] == []


def test_nor_does_a_link_go_to_her_email_in_place_of_the_phone_that_said_stop(
    post: PostOffice, carrier: Carrier
) -> None:
    carrier.refuses[HER] = STOPPED_AT_TWILIO
    hers(post).text("STOP")

    he_asks(post)

    assert carrier.sent == []


def test_nor_where_the_carrier_alone_knows_of_her_stop(post: PostOffice, carrier: Carrier) -> None:
    carrier.refuses[HER] = STOPPED_AT_TWILIO

    he_asks(post)

    assert carrier.sent == []


def test_what_her_own_chat_asked_for_goes_to_her_email_all_the_same(post: PostOffice) -> None:
    carrier = Carrier(refuses={SOFIA: STOPPED_AT_TWILIO})
    post.use(carrier)
    post.phone.number = SOFIA
    post.ask(*ASKED)

    for _ in range(3):
        post.send()

    assert [message.to for message in carrier.sent] == [SOFIAS_MAIL]


def test_who_asks_reads_the_same_whether_she_said_stop_has_a_record_or_has_none(
    post: PostOffice, carrier: Carrier
) -> None:
    read = [he_asks(post)]
    assert carrier.to(HER)

    hers(post).text("STOP")
    read.append(he_asks(post))
    knows(post, SOFIA)
    read.append(he_asks(post))

    assert read[0] == read[1] == read[2]
    assert len(carrier.sent) == 1


@pytest.mark.parametrize(
    ("word", "opt_out"),
    [("START", ""), ("Unstop", ""), ("YES", ""), ("Hi", ""), ("español", ""), ("link", ""), ("on", "START")],
)
def test_whoever_comes_back_gets_links_again(word: str, opt_out: str, post: PostOffice, carrier: Carrier) -> None:
    hers(post).text("STOP")
    hers(post).text(word, **({"OptOutType": opt_out} if opt_out else {}))

    he_asks(post)

    assert len(carrier.to(HER)) == 1


def test_a_word_of_a_flow_that_gets_silence_and_ends_nothing_is_no_stop(system: System) -> None:
    flow = replace(system.services.flow, keyword_of={"pause": Keyword(), "enough": Keyword(forget=True)})

    assert [(wants_silence(flow, Text(word)), stops(flow, Text(word))) for word in ("Pause", "Enough!")] == [
        (True, False),
        (True, True),
    ]


@pytest.mark.parametrize("word", ["HELP", "info", "STOP", "leave me alone"])
def test_a_word_that_we_do_not_answer_brings_nobody_back(word: str, post: PostOffice, carrier: Carrier) -> None:
    hers(post).text("leave me alone", word)

    he_asks(post)

    assert carrier.sent == []


def test_a_stop_that_twilio_posts_once_more_does_not_count_after_she_came_back(
    post: PostOffice, carrier: Carrier
) -> None:
    for body, sid in (("STOP", "SM" + "1" * 32), ("Hi", "SM" + "2" * 32), ("STOP", "SM" + "1" * 32)):
        hers(post).post(body, sid=sid)

    he_asks(post)

    assert len(carrier.to(HER)) == 1


def test_in_her_own_chat_nobody_notices_that_she_once_said_stop(post: PostOffice) -> None:
    never = replace(post.phone, number=ANA, replies=[])
    never.text(*ANSWERS, "RESTART", "STOP")
    post.clock.wait(60)

    back = replace(post.phone, number=ANA, replies=[])
    back.text(*ANSWERS)
    post.work()
    post.send()

    assert back.replies == never.replies[: len(ANSWERS)]
    (link,) = post.bodies()
    assert "/r/" in link


def test_an_email_is_nobodys_phone(post: PostOffice, carrier: Carrier) -> None:
    hers(post).text("STOP")

    he_asks(post, *TO_HER_MAIL)

    assert [message.to for message in carrier.sent] == [HER_MAIL]


def test_it_is_kept_as_a_code_for_400_days_from_her_last_stop(post: PostOffice, system: System) -> None:
    hers(post).text("STOP")
    (name,) = names(system)
    system.client.expire(name, 100)

    hers(post).text("STOP")

    assert LIFE == 400 * DAY
    assert LIFE - 10 <= system.client.ttl(name) <= LIFE
    assert system.client.get(name) == b"1"
    assert HER[1:] not in name


def test_start_leaves_nothing_of_it(post: PostOffice, system: System) -> None:
    hers(post).text("STOP", "START")

    assert names(system) == []


def test_it_is_saved_with_the_turn_or_not_at_all(system: System) -> None:
    sessions, stops = system.services.sessions, system.services.stops
    key, session = sessions.key(ANA), Session(ANA)
    sessions.save(key, session, b"", 60)
    loaded = sessions.load(key)

    with pytest.raises(SessionConflict):
        sessions.save(key, session, b"", 60, besides=Besides(wish="stop"))
    assert not stops.has(ANA)
    sessions.save(key, session, loaded.stamp, 60, besides=Besides(wish="stop"))
    assert stops.has(ANA)
    with pytest.raises(SessionConflict):
        sessions.save(key, session, loaded.stamp, 60, besides=Besides(wish="back"))
    assert stops.has(ANA)
    sessions.save(key, session, sessions.load(key).stamp, 60)
    assert stops.has(ANA)


def test_it_is_kept_beside_all_else_that_a_turn_saves(post: PostOffice, system: System) -> None:
    """A request that STOP takes back: its message is void, the audit trail hears of it, and she is remembered."""
    post.ask()

    assert post.phone.text("STOP") is None

    assert system.services.stops.has(ANA)
    assert len(names(system)) == 1
    post.send()
    assert post.bodies() == []


def test_it_is_known_while_the_keys_of_the_index_are_changed(start: Start) -> None:
    start("a").phone.text("STOP")

    assert [start(order).system.services.stops.has(ANA) for order in ("a", "ab", "ba")] == [True, True, True]


def test_said_again_it_moves_to_the_next_key_and_start_takes_it_from_all(start: Start, system: System) -> None:
    start("ab").phone.text("STOP")
    new = start("ba")

    new.phone.text("STOP")
    (name,) = names(system)
    start("ab").phone.text("START")

    assert name.startswith("vt:o:b:")
    assert names(system) == []
