"""What residents, and those who guess, flood or spend, meet at each limit; and what nobody can take from a resident."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
import structlog
from click.testing import CliRunner, Result
from conftest import ANA, Clock, Phone, RecordedJobs
from counted import Difference, counting
from flask.testing import FlaskClient
from limited import keys, with_limits
from showing import PIN, seal

from bot.admitting import GUESSES, admit
from bot.cli.limits import limits as limits_command
from bot.conversation.events import Turn
from bot.conversation.session import Session, Work
from bot.jobs import Again, run
from bot.limiting import admit_link
from bot.limits.table import DAY, HOUR, LIMITS, MINUTE, Rule
from bot.ports import Admitted, Ask, IISUnavailable, Links, Loaded, Opened, Services, StoreUnavailable, WrongPin
from bot.records import Demographics, Immunization, VaccineRecord
from bot.store.connect import connect
from bot.store.limits import RedisLimits
from bot.store.links import RedisLinks
from bot.store.naming import Names
from bot.store.sealing import KeyRing
from bot.store.sessions import RedisSessions
from bot.turn import known_at_once, told_at_once
from bot.web.network import network_of
from bot.web.sms import ONLY_SMS, SORRY
from bot.wiring import System, build_app

ASKED = ("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "1", "4821", "1")
TOM, TOMS = ("Tom", "Kowalski", "1977-12-31"), "+13605550112"
NOBODY = ("Nemo", "Nobody", "1970-01-01")
LINK = re.compile(r"https://bot\.example\.org(/r/\S+)")


@dataclass
class Registry:
    """Knows some people, each with one contact, and who was asked for."""

    people: dict[tuple[str, str, str], str] = field(default_factory=lambda: {TOM: TOMS})
    asked: list[Demographics] = field(default_factory=list)
    down: bool = False

    def find(self, who: Demographics) -> VaccineRecord | None:
        self.asked.append(who)
        if self.down:
            raise IISUnavailable("switched off")
        name = (who.first_name, who.last_name, who.birth_date.isoformat())
        if self.people.get(name) != who.contact:
            return None
        dose = Immunization("208", date(2021, 1, 5))
        contact = frozenset({who.contact})
        phones, emails = (contact, frozenset[str]()) if "@" not in who.contact else (frozenset[str](), contact)
        return VaccineRecord(
            f"id of {who.first_name}", who.last_name, (who.first_name,), who.birth_date, None, (dose,), phones, emails
        )

    def ping(self) -> None: ...


@dataclass
class Desk:
    """Requests as they come out of conversations, and what the worker makes of them."""

    system: System
    services: Services
    registry: Registry

    def ask(
        self, number: int, who: tuple[str, str, str], *, phone: str, contact: str = "", wants: str = "link"
    ) -> None:
        self.work([self.request(number, who, phone=phone, contact=contact, wants=wants)])

    def request(
        self, number: int, who: tuple[str, str, str], *, phone: str, contact: str = "", wants: str = "link"
    ) -> tuple[str, str]:
        """She has answered everything, and for a contact elsewhere had her answer: the session's key, the work's id."""
        flow, key = self.services.flow, self.services.sessions.key(phone)
        given = dict(zip(("first_name", "last_name", "birth_date"), who, strict=True))
        answers = {**given, "contact": contact or phone, "pin": "4821", "format": wants}
        state = "looking_elsewhere" if contact and contact != phone else "looking"
        now = self.services.now()
        work = Work(f"{number:024x}", state, "send_record", answers, "en", asked_at=now)
        session = Session(
            phone, flow=flow.structure, state=state, language="en", started=now, touched=now, work=(work,)
        )
        if outcome := known_at_once(self.services, turn := Turn(session, ("looking",), work)):
            session = told_at_once(self.services, turn, session, outcome).session
        loaded = self.services.sessions.load(key)
        self.services.sessions.save(key, session, loaded.stamp, 3600)
        return key, work.id

    def wanted(
        self, number: int, who: tuple[str, str, str], phone: str, contact: str = "", wants: str = "link"
    ) -> Work:
        given = dict(zip(("first_name", "last_name", "birth_date"), who, strict=True))
        answers = {**given, "contact": contact or phone, "pin": "4821", "format": wants}
        state = "looking_elsewhere" if contact and contact != phone else "looking"
        return Work(f"{number:024x}", state, "send_record", answers, "en", asked_at=self.services.now())

    def work(self, requests: Sequence[tuple[str, str]]) -> None:
        with ThreadPoolExecutor(30) as pool:
            list(pool.map(lambda request: run(self.services, *request, self.services.now()), requests))

    def hears(self, phone: str) -> str:
        """The name of the text that this chat was told last."""
        state = self.services.sessions.load(self.services.sessions.key(phone)).session
        assert state
        said = {"": "too_many", "not_found": "not_found", "done": "done", "done_picture": "picture", "closed": "closed"}
        return said[state.state]

    def links(self) -> int:
        return len(list(self.system.client.scan_iter("vt:l:*")))


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
def desk(system: System, services: Services, registry: Registry, jobs: RecordedJobs) -> Desk:
    jobs.services = replace(services, iis=registry)
    return Desk(system, jobs.services, registry)


def at(system: System, services: Services, phone: Phone) -> Phone:
    return replace(phone, client=build_app(replace(system, services=services)).test_client(), replies=[])


def texting(phone: Phone, number: str) -> Phone:
    return replace(phone, number=number, replies=[])


# Lookups of one sender


def test_after_three_lookups_that_found_nobody_a_phone_is_told_to_come_another_day(
    phone: Phone, jobs: RecordedJobs, desk: Desk
) -> None:
    for _ in range(4):
        phone.text("RESTART", *ASKED[1:])
        jobs.work()

    assert len(desk.registry.asked) == 3
    assert str(phone.received()[-1]["body"]).startswith("There were too many requests. Please try again on another day")


def test_a_family_of_five_gets_all_records_in_one_conversation_with_slips(
    phone: Phone, jobs: RecordedJobs, desk: Desk
) -> None:
    for name in ("Ana", "Ben", "Cleo", "Dan", "Eve"):
        desk.registry.people[name, "Reyes", "1985-03-27"] = ANA

    phone.text("Hi", "1")
    for name in ("Ana", "Ben", "Cleo", "Dan", "Eve"):
        phone.text(name, "Reyes", "3/27/1885" if name == "Ben" else "3/27/1985")
        if name == "Ben":
            phone.text("3/27/1985")
        phone.text(*(["1"] if name == "Ana" else []), "1", "48" if name == "Dan" else "4821")
        phone.text(*(["4821"] if name == "Dan" else []), "1")
        jobs.work()
        phone.text("1")

    assert len(LINK.findall(str([line["body"] for line in phone.received()]))) == 5


def test_a_family_of_five_gets_all_links_by_one_email(desk: Desk) -> None:
    for number, name in enumerate(("Ana", "Ben", "Cleo", "Dan", "Eve")):
        desk.registry.people[name, "Reyes", "1985-03-27"] = "ana@example.org"
        desk.ask(number, (name, "Reyes", "1985-03-27"), phone=ANA, contact="ana@example.org")

    assert desk.links() == 5


def test_a_sender_hears_the_same_at_the_limit_whether_the_record_elsewhere_exists_or_not(desk: Desk) -> None:
    heard = []
    for phone, who in (("+13605550150", TOM), ("+13605550151", NOBODY)):
        heard.append([])
        for number in range(8):
            someone = who if number % 2 else (f"{who[0]}{'abcdefgh'[number]}", *who[1:])
            desk.ask(int(phone[-2:]) * 100 + number, someone, phone=phone, contact=TOMS)
            heard[-1].append(desk.hears(phone))

    assert heard[0] == heard[1]
    assert heard[0] == ["closed"] * 6 + ["too_many"] * 2


def test_a_registry_that_is_away_uses_nothing_up(desk: Desk, clock: Clock) -> None:
    desk.registry.down = True
    for number in range(4):
        request = desk.request(number, NOBODY, phone=ANA)
        clock.wait(2)
        with pytest.raises(Again):
            desk.work([request])
        clock.wait(3600)
        desk.work([request])
    desk.registry.down = False

    desk.ask(9, ("Nemo", "Noone", "1970-01-01"), phone=ANA)

    assert desk.hears(ANA) == "not_found"


WIDE = Rule(1000, DAY)


@pytest.mark.parametrize(
    ("limit", "most", "others", "one_person", "contact"),
    [
        ("lookups", 10, ("lookups_not_found",), False, ""),
        ("lookups_not_found", 3, (), False, ""),
        ("lookups_elsewhere", 6, (), False, TOMS),
        ("lookups_of_one_person", 4, ("lookups_not_found",), True, ""),
        ("lookups_of_one_person", 4, ("lookups_elsewhere",), True, TOMS),
    ],
    ids=["lookups", "not found", "elsewhere", "one person", "one person elsewhere"],
)
def test_of_300_requests_of_one_phone_at_once_exactly_so_many_are_admitted_as_each_limit_allows(
    limit: str, most: int, others: tuple[str, ...], one_person: bool, contact: str, desk: Desk
) -> None:
    services = with_limits(desk.services, **dict.fromkeys(others, WIDE))
    people = [(f"N{'' if one_person else number}", "Nobody", "1970-01-01") for number in range(300)]
    works = [desk.wanted(number, who, ANA, contact) for number, who in enumerate(people)]

    with ThreadPoolExecutor(50) as pool:
        admitted = list(pool.map(lambda work: admit(services, work, ANA).allowed, works))

    assert sum(admitted) == most
    assert services.limits.reached(services.now()).keys() - {GUESSES} == {limit}


def test_of_300_questions_of_one_phone_at_once_about_somebody_who_is_guessed_at_exactly_one_is_asked(
    desk: Desk,
) -> None:
    wide = dict.fromkeys(("lookups", "lookups_not_found", "lookups_of_one_person"), WIDE)
    services = with_limits(desk.services, **wide)
    for number in range(10):
        admit(services, desk.wanted(number, TOM, f"+1360556{number:04}"), f"+1360556{number:04}")
    works = [desk.wanted(100 + number, TOM, ANA) for number in range(300)]

    with ThreadPoolExecutor(50) as pool:
        admitted = list(pool.map(lambda work: admit(services, work, ANA), works))

    assert sum(one.allowed for one in admitted) == 1
    assert all(one.watched for one in admitted)


# One person


def test_whoever_guesses_at_one_person_from_200_phones_hears_the_same_as_of_nobody(desk: Desk) -> None:
    """Exactly ten hear that nothing was found; then nobody hears any more of her than of somebody who never lived."""
    heard = {}
    for who in (TOM, NOBODY):
        phones = [f"+1360556{'01'[who == TOM]}{number:03}" for number in range(200)]
        desk.work([desk.request(1000 * (who == TOM) + n, who, phone=phone) for n, phone in enumerate(phones)])
        heard[who] = sorted(desk.hears(phone) for phone in phones)

    assert heard[TOM] == heard[NOBODY] == ["not_found"] * 10 + ["too_many"] * 190


def test_no_guessing_keeps_a_resident_from_her_record(desk: Desk) -> None:
    phones = [f"+1360556{number:04}" for number in range(100)]
    desk.work([desk.request(n, TOM, phone=phone) for n, phone in enumerate(phones)])
    desk.work([desk.request(100 + n, TOM, phone=phone) for n, phone in enumerate(phones[:50])])

    desk.ask(500, TOM, phone=TOMS)
    desk.ask(501, TOM, phone="+13605550150", contact=TOMS)

    assert desk.hears(TOMS) == "done"
    assert desk.links() == 2


def test_who_guesses_has_one_more_question_about_a_person_who_is_guessed_at(desk: Desk) -> None:
    desk.work([desk.request(n, TOM, phone=f"+1360556{n:04}") for n in range(10)])
    asked = len(desk.registry.asked)

    for number in (100, 101, 102):
        desk.ask(number, TOM, phone=ANA)

    assert len(desk.registry.asked) - asked == 1
    assert desk.hears(ANA) == "too_many"


def test_a_person_is_one_person_however_she_is_written(desk: Desk) -> None:
    spellings = [("Ana-María", "Reyes"), ("ANA MARIA", "reyes"), ("ana maria", "Réyes"), ("Ana María", "REYES")]
    for number, (first, last) in enumerate(spellings):
        desk.ask(number, (first, last, "1985-03-27"), phone=ANA, contact=TOMS)

    desk.ask(9, ("Ana Maria", "Reyes", "1985-03-27"), phone=ANA, contact=TOMS)

    assert desk.hears(ANA) == "too_many"


# Links to a contact


def test_of_200_links_that_others_ask_for_at_once_sixty_go_to_one_contact_and_all_chats_read_the_same(
    desk: Desk,
) -> None:
    phones = [f"+1360556{number:04}" for number in range(200)]

    desk.work([desk.request(n, TOM, phone=phone, contact=TOMS) for n, phone in enumerate(phones)])

    assert desk.links() == 60
    assert {desk.hears(phone) for phone in phones} == {"closed"}


def test_of_200_links_that_one_phone_asks_for_at_once_six_go_to_one_contact(desk: Desk) -> None:
    with ThreadPoolExecutor(50) as pool:
        passed = list(pool.map(lambda n: admit_link(desk.services, TOMS, ANA, f"{n:024x}"), range(200)))

    assert sum(passed) == 6


def test_one_phone_takes_no_link_to_an_email_from_another_phone(desk: Desk) -> None:
    """On her record is an email and nothing else, and somebody who knows it uses up all that he can."""
    email, hers, his = "tom@example.org", "+13605560001", "+13605560002"
    desk.registry.people = {TOM: email}
    wide = Rule(99, DAY)
    desk.services = with_limits(desk.services, lookups=wide, lookups_elsewhere=wide, lookups_of_one_person=wide)
    for number in range(20):
        desk.ask(number, TOM, phone=his, contact=email)
    before = desk.links()

    desk.ask(99, TOM, phone=hers, contact=email)

    assert (before, desk.links()) == (6, 7)
    assert desk.hears(his) == desk.hears(hers) == "closed"


def test_a_phone_over_its_own_links_uses_up_nothing_of_the_contact_s(desk: Desk) -> None:
    for number in range(200):
        admit_link(desk.services, TOMS, ANA, f"{number:024x}")

    passed = [admit_link(desk.services, TOMS, f"+1360556{n:04}", f"{1000 + n:024x}") for n in range(100)]

    assert sum(passed) == 60 - 6


def test_links_that_others_asked_for_take_nothing_from_what_she_asks_for_herself(desk: Desk) -> None:
    desk.work([desk.request(n, TOM, phone=f"+1360556{n:04}", contact=TOMS) for n in range(70)])

    desk.ask(99, TOM, phone=TOMS)

    assert desk.hears(TOMS) == "done"
    assert desk.links() == 60 + 1


# Replies of an hour


def test_of_200_texts_of_one_phone_at_once_exactly_so_many_are_answered_as_are_allowed(
    phone: Phone, services: Services, system: System
) -> None:
    phone = at(system, with_limits(services, replies=Rule(12, HOUR)), phone)

    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda n: reply(phone, f"SM{n:032x}"), range(200)))

    assert sum(said is not None for said in replies) == 12


def test_a_text_that_comes_twice_counts_once_and_is_answered_as_before(
    phone: Phone, services: Services, system: System
) -> None:
    phone = at(system, with_limits(services, replies=Rule(2, HOUR)), phone)

    said = [reply(phone, sid) for sid in ("SM" + "a" * 32, "SM" + "a" * 32, "SM" + "b" * 32, "SM" + "c" * 32)]

    assert said[0] == said[1]
    assert said[0] is not None
    assert said[2] is not None
    assert said[3] is None
    assert reply(phone, "SM" + "a" * 32) == said[0]


def test_stop_counts_also_in_the_silence(phone: Phone, services: Services, system: System) -> None:
    phone = at(system, with_limits(services, replies=Rule(3, HOUR)), phone)
    phone.text("Hi", "1", "Ana", "Reyes")

    phone.text("leave me alone")

    session = services.sessions.load(services.sessions.key(ANA)).session
    assert session is not None
    assert (session.state, dict(session.answers)) == ("", {})


def test_silence_is_logged_and_counted_and_nobody_looks_for_that_text_later(
    phone: Phone, services: Services, system: System, clock: Clock
) -> None:
    phone = at(system, with_limits(services, replies=Rule(1, HOUR)), phone)
    phone.text("Hi")
    since = Difference(services)

    with counting():
        reply(phone, "SM" + "d" * 32)

    assert since["vaxtext_limits_reached_total{limit=replies}"] == 1
    assert since["vaxtext_texts_total{answer=silence}"] == 1
    assert services.heard.known(["SM" + "d" * 32], clock() - 10, clock()) == {"SM" + "d" * 32}


def test_of_200_texts_by_whatsapp_at_once_exactly_so_many_are_answered_as_are_allowed(
    phone: Phone, services: Services, system: System
) -> None:
    chat = texting(at(system, with_limits(services, replies=Rule(12, HOUR)), phone), "whatsapp:+13605550100")

    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda n: reply(chat, f"SM{n:032x}"), range(200)))

    assert [said for said in replies if said] == [ONLY_SMS] * 12
    assert services.limits.texts() == 12


class Broken(RecordedJobs):
    """A fault of ours at every last answer."""

    def enqueue(self, session_key: str, work_id: str) -> None:
        raise RuntimeError


def test_of_60_texts_at_once_at_which_we_break_exactly_so_many_are_answered_as_are_allowed(
    phone: Phone, services: Services, system: System
) -> None:
    phone.text(*ASKED[:-1])
    phone = at(system, with_limits(replace(services, jobs=Broken()), replies=Rule(8 + 12, HOUR)), phone)

    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda n: reply(phone, f"SM{n:032x}", "1"), range(60)))

    assert [said for said in replies if said] == [SORRY] * 12


def test_also_a_stop_at_which_we_break_is_apologized_for_only_so_often(
    phone: Phone, services: Services, system: System
) -> None:
    class Unreadable(RedisSessions):
        def load(self, key: str, phone: str = "") -> Loaded:
            raise RuntimeError

    assert isinstance(services.sessions, RedisSessions)
    broken = Unreadable(services.sessions.client, services.sessions.ring, services.sessions.names)
    phone = at(system, with_limits(replace(services, sessions=broken), replies=Rule(3, HOUR)), phone)

    assert [reply(phone, f"SM{n:032x}", "STOP") for n in range(5)] == [SORRY] * 3 + [None] * 2


# Spending


def crowded(services: Services, system: System, phone: Phone, most: int) -> Phone:
    return at(system, with_limits(services, texts_with_new_people=Rule(most, HOUR)), phone)


def test_of_300_new_people_at_once_exactly_so_many_begin_as_there_is_money_for(
    phone: Phone, services: Services, system: System
) -> None:
    phone = crowded(services, system, phone, 20)

    with ThreadPoolExecutor(20) as pool:
        said = list(pool.map(lambda n: texting(phone, f"+1360556{n:04}").text("Hi"), range(300)))

    assert sum("Please text again in an hour" in str(words) for words in said) == 280
    assert sum("State registry" in str(words) for words in said) == 20


def test_who_has_begun_goes_on_and_who_begins_is_told_once_an_hour_in_two_languages(
    phone: Phone, services: Services, system: System
) -> None:
    phone = crowded(services, system, phone, 2)
    phone.text("Hi", "1")
    new = texting(phone, "+13605560001")

    told = new.text("Hi")

    assert "Please text again in an hour, or call 1-833" in str(told)
    assert "Por favor, escriba otra vez en una hora" in str(told)
    assert new.text("Hi") is None
    assert str(phone.text("Ana")).startswith("And the last name?")
    assert str(texting(phone, "+13605560002").text("español")).startswith("Nos escriben muchas personas.")


def test_who_begins_200_times_at_once_in_a_crowded_hour_is_told_once(
    phone: Phone, services: Services, system: System
) -> None:
    phone = crowded(services, system, phone, 1)
    phone.text("Hi")
    new = texting(phone, "+13605560001")

    with ThreadPoolExecutor(20) as pool:
        said = list(pool.map(lambda n: reply(new, f"SM{n:032x}"), range(200)))

    assert sum(words is not None for words in said) == 1


def test_the_same_webhook_twice_hears_the_same_fixed_text(phone: Phone, services: Services, system: System) -> None:
    phone = crowded(services, system, phone, 1)
    phone.text("Hi")
    new = texting(phone, "+13605560001")

    assert reply(new, "SM" + "a" * 32) == reply(new, "SM" + "a" * 32) is not None


def test_it_ends_by_itself_when_the_hours_texts_are_fewer(
    phone: Phone, services: Services, system: System, clock: Clock
) -> None:
    phone = crowded(services, system, phone, 2)
    phone.text("Hi", "1")
    robots = [texting(phone, "+13605560001").text("Hi") for _ in range(50)]
    clock.wait(3600 + 300)

    assert sum(said is not None for said in robots) == 1
    assert "State registry" in str(texting(phone, "+13605560002").text("Hi"))


def test_when_texts_are_many_a_link_comes_instead_of_a_picture_and_says_why(desk: Desk) -> None:
    desk.services = with_limits(desk.services, texts_with_pictures=Rule(5, HOUR))

    for number in range(3):
        desk.ask(number, TOM, phone=TOMS, wants="picture")

    assert desk.links() == 2  # the first cost three of five
    assert desk.hears(TOMS) == "done"
    bodies = [delivery.message.body for delivery in desk.services.deliveries.claim(desk.services.now() + 5, 10)]
    assert sum(body.startswith("We cannot send pictures right now. The link shows") for body in bodies) == 2


def test_of_100_pictures_at_once_none_costs_more_than_there_is_money_for(desk: Desk) -> None:
    desk.services = with_limits(desk.services, texts_with_pictures=Rule(60, HOUR))
    people = [(f"P{'abcdefghij'[n // 10]}{'abcdefghij'[n % 10]}", "Reyes", "1985-03-27") for n in range(100)]
    phones = [f"+1360556{number:04}" for number in range(100)]
    desk.registry.people = dict(zip(people, phones, strict=True))

    desk.work([desk.request(n, people[n], phone=phones[n], wants="picture") for n in range(100)])

    pictures = [phone for phone in phones if desk.hears(phone) == "picture"]
    assert 0 < len(pictures) <= 20
    assert desk.links() == 100 - len(pictures)


# Wrong PINs and pages


def test_after_too_many_wrong_pins_in_a_row_no_link_is_made_for_that_record(desk: Desk) -> None:
    links = desk.services.links
    for _ in range(20):
        token = links.seal(b"{}", "4821", language="en", record="id of Tom")
        for pin in range(4):
            links.open(token, f"000{pin}")
    for n in range(20):
        token = links.seal(b"{}", "4821", language="en", record="id of Tom")
        links.open(token, f"{n:04}")
    before = desk.links()

    desk.ask(1, TOM, phone=TOMS)
    desk.ask(2, TOM, phone=ANA, contact=TOMS)

    assert desk.links() == before
    assert desk.hears(TOMS) == "too_many"
    assert desk.hears(ANA) == "closed"  # as ever


@pytest.fixture
def page(system: System, services: Services) -> Callable[..., FlaskClient]:
    """A client of the record page with so many posts allowed of an address, behind so many proxies."""

    def made(posts: int, proxies: int = 0, **rules: Rule) -> FlaskClient:
        limited = with_limits(services, page_posts=Rule(posts, 10 * MINUTE), **rules)
        settings = system.settings.model_copy(update={"trusted_proxies": proxies})
        return build_app(replace(system, settings=settings, services=limited)).test_client()

    return made


def post_from(client: FlaskClient, address: str, forwarded: str = "") -> int:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    answer = client.post("/r/" + "a" * 26, data={"pin": "0000"}, headers=headers, environ_base={"REMOTE_ADDR": address})
    return answer.status_code


def test_of_300_pins_of_one_address_at_once_exactly_so_many_are_looked_at_as_are_allowed(
    page: Callable[..., FlaskClient],
) -> None:
    client = page(40)

    with ThreadPoolExecutor(20) as pool:
        codes = list(pool.map(lambda _: post_from(client.application.test_client(), "203.0.113.7"), range(300)))

    assert (codes.count(404), codes.count(429)) == (40, 260)
    assert post_from(client, "203.0.113.8") == 404


def open_from(client: FlaskClient, address: str, token: str, pin: str = PIN) -> int:
    return client.post(f"/r/{token}", data={"pin": pin}, environ_base={"REMOTE_ADDR": address}).status_code


def sealed(services: Services, times: int) -> list[str]:
    dose, born = Immunization("208", date(2021, 1, 5)), date(1977, 12, 31)
    record = VaccineRecord("id of Tom", "Kowalski", ("Tom",), born, None, (dose,), frozenset({TOMS}))
    return [seal(services, record) for _ in range(times)]


def test_right_pins_use_nothing_up_of_an_address_that_many_share(
    page: Callable[..., FlaskClient], services: Services
) -> None:
    client = page(3)

    codes = [open_from(client, "203.0.113.7", token) for token in sealed(services, 8)]

    assert codes == [200] * 8
    wrong = [post_from(client, "203.0.113.7") for _ in range(4)]
    assert wrong == [404, 404, 404, 429]


def test_wrong_pins_between_right_ones_count(page: Callable[..., FlaskClient], services: Services) -> None:
    client, (token,) = page(3), sealed(services, 1)

    codes = [open_from(client, "203.0.113.7", token, pin) for pin in ("0000", PIN, "0000", PIN, "0000", PIN)]

    assert codes == [403, 200, 403, 200, 403, 429]


class Watched(RedisLinks):
    """Notes each PIN that is looked at."""

    def __init__(self, links: Links) -> None:
        assert isinstance(links, RedisLinks)
        super().__init__(links.client, links.peppers, links.wrong_pins, links.audit)
        self.looked_at: list[str] = []

    def _ring(self, token: str, pin: str, salt: bytes) -> KeyRing:
        self.looked_at.append(pin)
        return super()._ring(token, pin, salt)


def test_of_300_right_pins_of_one_link_at_once_from_as_many_addresses_exactly_so_many_are_looked_at_as_are_allowed(
    services: Services, system: System
) -> None:
    (token,), links = sealed(services, 1), Watched(services.links)
    limited = with_limits(replace(services, links=links), openings_of_a_link=Rule(12, HOUR))
    app = build_app(replace(system, services=limited))

    with ThreadPoolExecutor(20) as pool:
        codes = list(pool.map(lambda n: open_from(app.test_client(), f"2001:db8:7:{n:x}::1", token), range(300)))

    assert (codes.count(200), codes.count(429)) == (12, 288)
    assert links.looked_at == [PIN] * 12


def test_a_wrong_pin_past_the_openings_of_a_link_is_not_looked_at_and_costs_no_try(
    page: Callable[..., FlaskClient], services: Services
) -> None:
    client, (token, other) = page(99, openings_of_a_link=Rule(3, HOUR)), sealed(services, 2)
    for _ in range(3):
        open_from(client, "203.0.113.7", token)

    codes = [open_from(client, f"203.0.113.{n}", token, "0000") for n in range(8)]

    assert codes == [429] * 8
    assert services.links.open(token, "0000") == WrongPin(4)
    assert open_from(client, "203.0.113.7", other) == 200


def test_a_link_opens_again_when_its_window_ends_and_one_that_she_texts_for_at_once(
    page: Callable[..., FlaskClient], services: Services, system: System
) -> None:
    client, (token, new) = page(99, openings_of_a_link=Rule(2, HOUR)), sealed(services, 2)
    assert [open_from(client, "203.0.113.7", token) for _ in range(3)] == [200, 200, 429]

    assert open_from(client, "203.0.113.7", new) == 200

    (first, second) = keys(system, "openings_of_a_link")
    system.client.delete(first, second)  # the hour is over
    assert open_from(client, "203.0.113.7", token) == 200


def test_only_a_pin_for_a_link_that_is_there_is_one_of_its_openings(
    page: Callable[..., FlaskClient], services: Services, system: System
) -> None:
    client, (token,) = page(99), sealed(services, 1)

    assert post_from(client, "203.0.113.7") == 404
    assert open_from(client, "203.0.113.7", token, "my PIN") == 422
    assert client.get(f"/r/{token}").status_code == 200

    assert keys(system, "openings_of_a_link") == []


def test_of_80_right_and_wrong_pins_of_one_address_at_once_no_more_wrong_ones_are_looked_at_than_are_allowed(
    page: Callable[..., FlaskClient], services: Services
) -> None:
    client, tokens = page(30), sealed(services, 40)

    def post(number: int) -> int:
        own = client.application.test_client()
        return open_from(own, "203.0.113.7", tokens[number]) if number < 40 else post_from(own, "203.0.113.7")

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(post, [n for pair in zip(range(40), range(40, 80), strict=True) for n in pair]))

    assert codes.count(404) <= 30
    assert codes.count(200) + codes.count(404) + codes.count(429) == 80
    assert post_from(client, "203.0.113.7") == (429 if codes.count(404) == 30 else 404)


def test_the_page_asks_in_every_language_to_wait_and_says_how_long(
    page: Callable[..., FlaskClient], services: Services
) -> None:
    client = page(1)
    post_from(client, "203.0.113.7")

    answer = client.post("/r/" + "a" * 26, data={"pin": "0000"}, environ_base={"REMOTE_ADDR": "203.0.113.7"})

    assert answer.status_code == 429
    assert 590 < int(answer.headers["Retry-After"]) <= 600
    assert answer.headers["Cache-Control"] == "no-store"
    for code in services.flow.languages:
        assert services.flow.words[code].page["many_posts"] in answer.text


@pytest.mark.parametrize(
    ("proxies", "forwarded", "same"),
    [
        (0, ("198.51.100.1", "198.51.100.2"), True),
        (1, ("198.51.100.1", "198.51.100.2"), False),
        (1, ("6.6.6.6, 198.51.100.1", "7.7.7.7, 198.51.100.1"), True),
        (1, ("", ""), True),
        (2, ("198.51.100.1, 10.0.0.1", "198.51.100.2, 10.0.0.1"), False),
        (2, ("6.6.6.6, 198.51.100.1, 10.0.0.1", "7.7.7.7, 198.51.100.1, 10.0.0.1"), True),
        (1, ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"), True),
        (1, ("2001:db8:1:2::1", "2001:db8:1:3::1"), False),
    ],
    ids=[
        "no proxy: the header is anybody's word",
        "one proxy: what it saw",
        "one proxy: not what was said before it",
        "one proxy: without a header its own",
        "two proxies",
        "two proxies: not what was said before them",
        "one subscriber's IPv6",
        "two subscribers' IPv6",
    ],
)
def test_the_address_is_what_our_own_proxies_saw(
    proxies: int, forwarded: tuple[str, str], same: bool, page: Callable[..., FlaskClient]
) -> None:
    client = page(1, proxies)

    codes = [post_from(client, "10.0.0.9", header) for header in forwarded]

    assert codes == [404, 429 if same else 404]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("nonsense", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_subscriber_is_one_address_or_64_bits(address: str | None, network: str) -> None:
    assert network_of(address) == network


# Without Redis, and for staff


@pytest.fixture
def closed(services: Services, tmp_path: Path) -> Services:
    """Limits whose Redis is away, while all else works."""
    return replace(
        services, limits=RedisLimits(connect(f"unix://{tmp_path}/nobody.sock"), Names(KeyRing({"a": b"i" * 32})))
    )


def test_without_the_limits_a_text_gets_the_kind_sentence_and_has_no_turn(
    phone: Phone, closed: Services, system: System
) -> None:
    phone = at(system, closed, phone)

    assert str(phone.text("Hi")).startswith("Sorry, we cannot answer right now.")
    assert closed.sessions.load(closed.sessions.key(ANA)).session is None


def test_without_the_limits_stop_still_stops(phone: Phone, closed: Services, system: System) -> None:
    phone.text("Hi", "1", "Ana")

    assert at(system, closed, phone).text("STOP") is None
    session = closed.sessions.load(closed.sessions.key(ANA)).session
    assert session is not None
    assert session.state == ""


def test_without_the_limits_nobody_is_looked_up_and_the_work_waits(desk: Desk, closed: Services) -> None:
    request = desk.request(1, TOM, phone=TOMS)

    with pytest.raises(StoreUnavailable):
        run(replace(desk.services, limits=closed.limits), *request, desk.services.now())

    assert desk.registry.asked == []
    desk.work([request])
    assert desk.hears(TOMS) == "done"


def test_without_the_limits_no_pin_is_looked_at(desk: Desk, closed: Services, system: System) -> None:
    token = closed.links.seal(b"{}", "4821", language="en")
    client = build_app(replace(system, services=closed)).test_client()

    assert client.post(f"/r/{token}", data={"pin": "0000"}).status_code == 503
    assert {closed.links.open(token, "0000").tries_left} == {4}


def test_where_a_link_s_openings_cannot_be_counted_no_pin_is_looked_at(services: Services, system: System) -> None:
    class Leaving(RedisLimits):
        """Redis goes away once the address was counted."""

        def take(self, cause: str, asks: Sequence[Ask], *, texts: int = 0, now: float) -> Admitted:
            if any(ask.limit == "openings_of_a_link" for ask in asks):
                raise StoreUnavailable
            return super().take(cause, asks, texts=texts, now=now)

    (token,), links, kept = sealed(services, 1), Watched(services.links), services.limits
    assert isinstance(kept, RedisLimits)
    limits = Leaving(kept.client, kept.names, kept.ahead)
    client = build_app(replace(system, services=replace(services, limits=limits, links=links))).test_client()

    assert open_from(client, "203.0.113.7", token) == 503
    assert links.looked_at == []


def test_the_log_and_the_counters_name_limits_and_nothing_else(desk: Desk) -> None:
    with structlog.testing.capture_logs() as logged:
        for number in range(5):
            desk.ask(number, (*NOBODY[:2], f"1970-01-0{number + 1}"), phone=ANA)

    lines = [line for line in logged if line["event"] == "limit_reached"]
    assert lines == [{"event": "limit_reached", "limit": "lookups_not_found", "log_level": "warning"}] * 2
    assert desk.services.limits.reached(desk.services.now()) == {"lookups_not_found": 2}


def test_staff_see_each_limit_its_setting_and_how_often_it_was_reached(
    system: System, monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    ran = staff(system, monkeypatch)

    assert ran.exit_code == 0, ran.output
    for name in LIMITS:
        assert re.search(rf"^ *{name} ", ran.output, re.M), ran.output
    assert re.search(r"lookups_not_found +3 in 1d +0", ran.output)
    assert "Texts sent in the last hour, a picture as three: 0." in ran.output


def test_staff_can_free_a_phone_that_was_kept_out(system: System, monkeypatch: pytest.MonkeyPatch, desk: Desk) -> None:
    for number in range(4):
        desk.ask(number, (*NOBODY[:2], f"1970-01-0{number + 1}"), phone=ANA)
    assert desk.hears(ANA) == "too_many"

    ran = staff(system, monkeypatch, "--free", said="+1 3605550100\n\n\n\n")

    assert ran.exit_code == 0, ran.output
    desk.ask(9, (*NOBODY[:2], "1970-01-09"), phone=ANA)
    assert desk.hears(ANA) == "not_found"
    assert "Write the phone" in staff(system, monkeypatch, "--free", said="Ana\n").output


@pytest.mark.parametrize("born", ["1977-12-31", "12/31/1977"])
def test_staff_can_free_a_phone_of_what_it_asked_about_one_person(
    system: System, monkeypatch: pytest.MonkeyPatch, desk: Desk, born: str
) -> None:
    for number in range(5):
        desk.ask(number, TOM, phone=TOMS)
    assert desk.hears(TOMS) == "too_many"
    staff(system, monkeypatch, "--free", said=f"{TOMS}\n\n\n\n")
    desk.ask(5, TOM, phone=TOMS)
    assert desk.hears(TOMS) == "too_many"

    ran = staff(system, monkeypatch, "--free", said=f"{TOMS}\ntom j.\nKOWALSKI\n{born}\n\n\n")

    assert ran.exit_code == 0, ran.output
    desk.ask(6, TOM, phone=TOMS)
    assert desk.hears(TOMS) == "done"


def test_staff_can_free_a_phone_of_its_one_question_about_somebody_who_is_guessed_at(
    system: System, monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    desk.work([desk.request(n, TOM, phone=f"+1360556{n:04}") for n in range(10)])
    for number in (100, 101):
        desk.ask(number, TOM, phone=TOMS)
    assert desk.hears(TOMS) == "too_many"

    staff(system, monkeypatch, "--free", said=f"{TOMS}\nTom\nKowalski\n1977-12-31\n\n\n")

    desk.ask(102, TOM, phone=TOMS)
    assert desk.hears(TOMS) == "done"


def test_staff_can_free_a_contact_of_the_links_that_others_asked_for(
    system: System, monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    for number in range(60):
        admit_link(desk.services, "tom@example.org", f"+1360556{number:04}", f"{number:024x}")
    assert not admit_link(desk.services, "tom@example.org", ANA, "before")

    staff(system, monkeypatch, "--free", said=f"{ANA}\n\nTom@Example.org\n\n")

    assert admit_link(desk.services, "tom@example.org", ANA, "after")


def spoil(services: Services, record: str) -> None:
    """As many wrong PINs over links of this record as it takes until they rest."""
    assert isinstance(services.links, RedisLinks)
    wrong_pins = services.links.wrong_pins
    while not wrong_pins.rests(record):
        wrong_pins.allow(wrong_pins.name(record))


def test_staff_can_end_the_rest_of_a_record_whose_links_somebody_spoiled(
    system: System, monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    kept = desk.services.links.seal(b"{}", "4821", language="en", record="id of Tom")
    spoil(desk.services, "id of Tom")
    spoil(desk.services, "id of another")
    desk.ask(1, TOM, phone=TOMS)
    assert desk.hears(TOMS) == "too_many"

    ran = staff(system, monkeypatch, "--free", said=f"{TOMS}\n\n\n id of Tom \n")

    assert ran.exit_code == 0, ran.output
    assert "The links of that record rested. From now on they open" in ran.output
    desk.ask(2, TOM, phone=TOMS)
    assert desk.hears(TOMS) == "done"
    assert isinstance(desk.services.links.open(kept, "4821"), Opened)
    assert desk.services.links.rests("id of another")


def test_staff_who_type_the_id_of_a_record_that_does_not_rest_are_told_so_and_nobody_has_more_pins(
    system: System, monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    token = desk.services.links.seal(b"{}", "4821", language="en", record="id of Tom")
    desk.services.links.open(token, "0000")

    said = [staff(system, monkeypatch, "--free", said=f"{TOMS}\n\n\n{typed}\n").output for typed in ("id of Tom", "")]

    assert ["No links rest under that id." in output for output in said] == [True, False]
    (count,) = keys(system, "wrong_pins_in_a_row")
    assert system.client.get(count) == b"1"


def test_nothing_that_staff_type_to_free_somebody_is_shown_or_logged(
    system: System, monkeypatch: pytest.MonkeyPatch, desk: Desk
) -> None:
    typed = (TOMS, "Tom", "Kowalski", "31/12/1977", "1977-12-31", "tom@example.org", "id of Tom")

    with structlog.testing.capture_logs() as logged:
        ran = staff(system, monkeypatch, "--free", said="\n".join((*typed, "")))

    assert ran.exit_code == 0, ran.output
    assert ran.output.count("Birth date") == 2  # asked for once more
    assert [text for text in typed if text in ran.output + repr(logged)] == []


def test_the_help_says_what_is_not_freed(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    said = staff(system, monkeypatch, "--help").output

    freed_not = said.partition("Not freed are")[2]
    assert all(limit in freed_not for limit in ("guesses_at_one_person", "openings_of_a_link", "page_posts"))
    assert "wrong_pins_in_a_row" in said.partition("Not freed are")[0]


def staff(system: System, monkeypatch: pytest.MonkeyPatch, *arguments: str, said: str = "") -> Result:
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("redis_url", "data_dir", "public_url"):
        monkeypatch.setenv(name.upper(), str(getattr(system.settings, name)))
    return CliRunner().invoke(limits_command, list(arguments), input=said)


def reply(phone: Phone, sid: str, body: str = "Hi") -> str | None:
    answer = ElementTree.fromstring(phone.post(body, sid=sid).data).find("Message")
    return None if answer is None else answer.text
