"""Sequences of anything that can happen to a conversation, over the real app, and what must hold after each step."""

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlencode
from xml.etree import ElementTree

import structlog
from anything import CONTACTS, bodies, ends, private
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule
from started_anew import Processes

from bot.conversation import carrier
from bot.conversation.folding import fold, visible
from bot.conversation.session import Session
from bot.iis.demo_people import demo_people
from bot.jobs import Again, run
from bot.outbox.delivery import Message
from bot.ports import Services
from bot.sweeping import sweep
from bot.transcripts.app import App
from bot.turn import Decided, update
from bot.web.simulated import form_for

ANA, TOM, STRANGER = "+13605550100", "+13605550111", "+13605550190"
PHONES = (ANA, TOM, STRANGER)  # on her record; only another phone is on his; on no record
WAYS = {  # right answers, to come far at once
    ANA: ("Hi", "1", "Ana", "Reyes", "03/27/1985", "1", "AGREE", "4821", "1"),
    TOM: ("Hi", "1", "Tom", "Kowalski", "12/31/1977", "360-555-0112", "1", "7391"),
    STRANGER: ("hola", "2", "Priya", "Natarajan", "17 abril 1994", "priya.natarajan@example.org", "1", "9046"),
}
WAITS = (1, 61, 31 * 60, 3 * 3600, 25 * 3600)  # seconds
LINK = re.compile(r"https?://\S+")
RECORD = re.compile(r"/r/([a-z2-7]{26})|/m/([a-z2-7]{26})\.png")  # a link to one, or a picture
SHOWN = {(one.record.name, one.record.birth_date.isoformat()): one.record for one in demo_people()}
FIGURES: Counter[str] = Counter()  # of all sequences
REMEMBERED = 32  # texts that are surely known again: half of what a session remembers, for work has its place there too


@dataclass(frozen=True)
class Posted:
    phone: str
    raw: bytes
    signature: str
    reply: str | None
    number: int


class Conversations(RuleBasedStateMachine):
    """The processes are started once, and then by their rule: their Redis is emptied for each sequence."""

    posts = Bundle("posts")

    def __init__(self, processes: Processes, wording: str) -> None:
        super().__init__()
        self.processes, self.wording = processes, wording
        self.sids = itertools.count()
        self.typed: set[str] = set()  # what must never be read anywhere
        self.silenced: set[str] = set()  # who said STOP and has not texted since
        self.seen = 0  # messages that were looked at
        self.done: list[tuple[str, str, float]] = []  # work that was run
        self.texts = self.texts_before = 0  # now, and when all processes started
        self.touched: set[str] = set()  # whose session may have changed
        self.counted: Counter[str] = Counter()  # by phone: replies that its limit knows of

    @initialize()
    def nobody_has_texted(self) -> None:
        self.app.begin(ANA)
        FIGURES["sequences"] += 1

    @rule(target=posts, phone=st.sampled_from(PHONES), body=bodies)
    def texts_anything(self, phone: str, body: str) -> Posted:
        return self.text(phone, body)

    @rule(phone=st.sampled_from(PHONES), way=st.sampled_from(PHONES), steps=st.integers(2, 9))
    def goes_a_known_way(self, phone: str, way: str, steps: int) -> None:
        self.text(phone, "restart")
        for body in WAYS[way][1:steps]:
            self.text(phone, body)

    @rule(phone=st.sampled_from(PHONES), works=st.booleans(), anew=st.booleans())
    def asks_for_a_record(self, phone: str, works: bool, anew: bool) -> None:
        self.text(phone, "RESTART")
        for body in WAYS[phone][1:]:
            self.text(phone, body)
        if anew:
            self.all_processes_start_anew()
        if works:
            self.the_worker_works()

    @rule(phone=st.sampled_from(PHONES), last=ends)
    def ends_after_as_many_texts_as_there_may_be(self, phone: str, last: str) -> None:
        most = self.app.flow.limits.turns
        update(
            self.services, self.services.sessions.key(phone), lambda one: Decided(_with_turns(one, most), None), phone
        )
        self.text(phone, last)

    @rule(phone=st.sampled_from(PHONES), body=ends | bodies, kind=st.sampled_from(["STOP", "START", "HELP", "NEW"]))
    def twilio_says_what_it_did(self, phone: str, body: str, kind: str) -> None:
        self.text(phone, body, OptOutType=kind)

    @rule(phone=st.sampled_from(PHONES), body=st.sampled_from(["", "look", "\u200b"]), many=st.integers(1, 10))
    def sends_pictures(self, phone: str, body: str, many: int) -> None:
        kinds = {f"MediaContentType{number}": "image/jpeg" for number in range(many)}
        self.text(phone, body, NumMedia=str(many), MessageSid=f"MM{next(self.sids):032x}", **kinds)

    @rule(post=posts)
    def twilio_posts_again(self, post: Posted) -> None:
        before = self.stored()
        again = self.post(post.raw, post.signature)

        if self.texts - post.number <= REMEMBERED:
            assert again in (post.reply, None), "another reply to the same text"
            assert self.stored() == before, "the same text changed something"

    @rule(seconds=st.sampled_from(WAITS))
    def time_passes(self, seconds: int) -> None:
        self.app.wait(seconds)

    @rule()
    def the_worker_works(self) -> None:
        self.touched.update(PHONES)
        with self.nothing_private_logged():
            self.done += self.app.jobs.queued
            self.app.work()

    @rule()
    def the_worker_works_but_nothing_is_sent_yet(self) -> None:
        self.touched.update(PHONES)
        waiting = list(self.app.jobs.queued)
        self.app.jobs.queued.clear()
        self.done += waiting
        for job in waiting:
            try:
                run(self.services, *job)
            except Again:
                self.app.jobs.queued.append(job)

    @precondition(lambda self: self.done)
    @rule()
    def the_queue_brings_all_work_again(self) -> None:
        self.touched.update(PHONES)
        before = self.app.sent()
        self.app.jobs.send()
        known = len(self.app.sent())
        waiting, self.app.jobs.queued[:] = list(self.app.jobs.queued), [*self.done]
        pending = {work.id for phone in PHONES for work in self.session(phone).work}
        self.app.work()
        self.app.jobs.queued[:] = waiting
        if not pending & {work_id for _, work_id, _ in self.done}:
            assert len(self.app.sent()) == known, "the same work sent a second message"
        assert self.app.sent()[: len(before)] == before

    @rule()
    def the_work_breaks(self) -> None:
        self.touched.update(PHONES)
        self.app.fault()

    @rule(state=st.sampled_from(["down", "up"]))
    def the_registry_goes_or_comes(self, state: str) -> None:
        self.app.registry(state)

    @rule(state=st.sampled_from(["down", "failed", "up", "unconfirmed"]))
    def the_carrier_goes_or_comes(self, state: str) -> None:
        self.app.delivery(state)

    @rule()
    def the_sweeper_comes_by(self) -> None:
        self.touched.update(PHONES)
        sweep(self.services)

    @precondition(lambda self: self.texts > self.texts_before)
    @rule()
    def all_processes_start_anew(self) -> None:
        self.texts_before = self.texts
        FIGURES["restarts"] += 1
        before = self.stored()
        self.processes.restart()

        assert self.stored() == before, "a restart changed what is kept"

    @invariant()
    def a_step_is_counted(self) -> None:
        FIGURES["steps"] += 1

    @invariant()
    def every_state_is_known(self) -> None:
        for phone in self.touched:
            session = self.session(phone)
            state = self.app.flow.states.get(session.state)
            assert state.kind != "end" if state else session.state == "", session
            if not session.state:
                assert not session.answers, "answers outlive their conversation"
                assert not session.awaited, "work is awaited by nobody"
        self.touched.clear()

    @invariant()
    def messages_go_to_whom_they_may(self) -> None:
        new = self.app.carrier.messages[self.seen :]
        self.seen += len(new)
        for message in new:
            self.look_at(message)

    def look_at(self, message: Message) -> None:
        assert message.to not in self.silenced, "a message after STOP"
        self.holds_nothing_private(LINK.sub("", message.body))
        found = RECORD.findall(f"{message.body} {message.media_url or ''}")
        for link, picture in found:
            FIGURES["records sent"] += 1
            record = SHOWN[self.processes.known.by_token[link or picture]]
            assert message.to in record.contacts, "a record went to a contact that is not on it"
            assert link or message.to in PHONES, "a picture went to somebody who did not text"
        if not found:
            assert message.to in PHONES, "words went to somebody who never texted"
            assert not message.media_url

    def text(self, phone: str, body: str, **extra: str) -> Posted:
        self.texts += 1
        FIGURES["texts"] += 1
        self.touched.add(phone)
        self.silenced.discard(phone)  # who texts may be answered; a STOP puts her back
        site = self.app.flask.extensions["vaxtext"]
        form = {**form_for(site.account_sid, phone, _as_delivered(body), sid=f"SM{next(self.sids):032x}"), **extra}
        raw, signature = urlencode(form).encode(), site.signature.sign("/twilio/sms", form)
        reply = self.post(raw, signature)
        self.judge(phone, form["Body"], extra.get("OptOutType", ""), reply)
        return Posted(phone, raw, signature, reply, self.texts)

    def judge(self, phone: str, body: str, opt_out: str, reply: str | None) -> None:
        if private(body):
            self.typed.add(visible(body))
        said, session = fold(visible(body[:1600])), self.session(phone)
        if opt_out == "STOP" or (opt_out not in ("START", "HELP") and said in carrier.STOP | self.own("stop")):
            self.silenced.add(phone)
            assert reply is None, "an answer to STOP"
            assert (session.state, session.answers, session.work, session.posted) == ("", {}, (), ())
        elif opt_out in ("START", "HELP") or said in carrier.START | carrier.HELP:
            assert reply is None, "an answer to a word that the carrier has answered"
        elif self.counted[phone] >= self.app.flow.allowed["replies"][0].most:  # within the same hour, for Redis
            assert reply is None, "more replies than there may be"
        else:
            self.counted[phone] += 1
            assert reply, "silence"
            self.holds_nothing_private(reply)
        if said in self.own("restart") and reply:
            assert (session.state, session.answers, session.work) == (
                self.app.flow.start,
                {},
                tuple(work for work in session.work if work.elsewhere),
            ), "RESTART did not restart"

    def post(self, raw: bytes, signature: str) -> str | None:
        """One reply, or silence."""
        with self.nothing_private_logged():
            answer = self.app.flask.test_client().post(
                "/twilio/sms",
                data=raw,
                content_type="application/x-www-form-urlencoded",
                headers={"X-Twilio-Signature": signature},
            )
        assert answer.status_code == 200, answer.text
        messages = ElementTree.fromstring(answer.data).findall("*")
        assert [message.tag for message in messages] in ([], ["Message"])
        return messages[0].text if messages else None

    @contextmanager
    def nothing_private_logged(self) -> Iterator[None]:
        with structlog.testing.capture_logs() as logged:
            yield
        assert not [line for line in logged if line["event"] in ("fault", "store_unavailable")], logged
        held = " ".join(str(value) for line in logged for value in line.values())
        self.holds_nothing_private(held)
        assert not any(phone.lstrip("+") in held for phone in CONTACTS)

    def holds_nothing_private(self, text: str) -> None:
        told = [typed for typed in self.typed if typed in text and typed not in self.wording]
        assert not told, f"{told} in {text!r}"

    def own(self, keyword: str) -> frozenset[str]:
        """The folded words of ours for this, in all languages."""
        words = (words.keywords.get(keyword, ()) for words in self.app.flow.words.values())
        return frozenset(fold(word) for each in words for word in each)

    def session(self, phone: str) -> Session:
        sessions = self.services.sessions
        return sessions.load(sessions.key(phone)).session or Session(phone=phone)

    def stored(self) -> list[tuple[Session, int, int]]:
        return [(self.session(phone), len(self.app.jobs.queued), len(self.app.carrier.messages)) for phone in PHONES]

    @property
    def app(self) -> App:
        return self.processes.app

    @property
    def services(self) -> Services:
        assert self.app.jobs.services
        return self.app.jobs.services


def _with_turns(session: Session, turns: int) -> Session:
    return replace(session, turns=turns) if session.state else session


def _as_delivered(text: str) -> str:
    """Half characters do not come through a network: others stand for them."""
    return "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text)
