"""Residents at their phones, and Twilio between them and us: a post that nobody takes is made three times."""

import itertools
import random
import secrets
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from fakes.until import until
from running import ACCOUNT_SID, AUTH_TOKEN, PIN, answers

from bot.cli.twilio_side import PostRefused, TwilioSide
from bot.web.sms import SORRY
from chaos.residents import Resident
from chaos.world import World

TRIES = 3  # rc=2
PAUSE = 1.0  # seconds between two of them
PATIENCE = 60  # texts of one resident until she gives up
STEPS = (
    "State registry", "What is the first", "And the last", "What is the birth", "Which phone", "I am this",
    "Choose a new", "How should",
)  # fmt: skip
LOOKING = ("Thank you", "If that phone or email")  # what she hears of us at last; the second for a contact elsewhere


@dataclass
class Talk:
    """All conversations of one scenario, and how they went."""

    world: World
    had: list[Resident] = field(default_factory=list)  # who were told that we look
    stuck: list[Resident] = field(default_factory=list)
    sids: list[tuple[Resident, str, str, str | None]] = field(default_factory=list)  # with body and reply
    posts: int = 0
    refusals: list[str] = field(default_factory=list)  # why nobody took a post
    reposts: int = 0  # by Twilio, of a text that nobody took
    unanswered: int = 0  # texts that nobody took, three times
    sorry: int = 0  # texts that were answered with the words for a Redis that is away
    again: int = 0  # conversations that were begun again
    quiet: threading.Event = field(default_factory=threading.Event)  # never set: to wait with

    def all(
        self, people: Iterable[Resident], at_once: int = 4, enough: threading.Event | None = None, pause: float = 0.0
    ) -> None:
        """One conversation for each, some at a time and each after a pause, until `enough`."""
        waiting = iter(list(people))
        lock = threading.Lock()

        def one_after_the_other() -> None:
            while not (enough and enough.is_set()):
                with lock:
                    resident = next(waiting, None)
                if resident is None:
                    return
                self.one(resident)
                self.quiet.wait(pause)

        with ThreadPoolExecutor(at_once) as pool:
            for done in [pool.submit(one_after_the_other) for _ in range(at_once)]:
                done.result()

    def one(self, resident: Resident) -> None:
        """She answers what she is asked; if an answer went to another question, she begins again."""
        said, step, after_trouble = "Hi", -1, False
        for _ in range(PATIENCE):
            reply = self.text(resident, said)
            if reply in (None, SORRY):
                after_trouble = True
                self.sorry += reply is not None
                self.quiet.wait(PAUSE)
                continue
            if reply.startswith(LOOKING):
                self.had.append(resident)
                return
            found = next((number for number, words in enumerate(STEPS) if reply.startswith(words)), None)
            if found is None or (after_trouble and found != step + 1 and said != "RESTART"):
                self.again += 1
                said = "RESTART"
                continue
            step, said, after_trouble = found, _answers(resident)[found], False
        self.stuck.append(resident)

    def text(self, resident: Resident, body: str) -> str | None:
        """A new text, and the reply; None if nobody took it."""
        sid = f"SM{secrets.token_hex(16)}"
        try:
            reply = self.bring(resident, body, sid)
        except PostRefused:
            self.unanswered += 1
            return None
        self.sids.append((resident, body, sid, reply))
        return reply or ""

    def bring(self, resident: Resident, body: str, sid: str) -> str | None:
        """As Twilio brings a text. Raises PostRefused if nobody took it."""
        for attempt in range(TRIES - 1):
            try:
                return self.post(resident, body, sid, attempt)
            except PostRefused as refused:
                self.refusals.append(str(refused))
                self.reposts += 1
                self.quiet.wait(random.uniform(0.5, 1.5) * PAUSE)
        return self.post(resident, body, sid, TRIES - 1)

    def post(self, resident: Resident, body: str, sid: str, attempt: int = 0) -> str | None:
        """Raises PostRefused."""
        self.posts += 1
        open_now = list(self.world.doors)
        door = open_now[(next(_turns) + attempt) % len(open_now)]
        side = TwilioSide(f"http://127.0.0.1:{door}", self.world.running.url, ACCOUNT_SID, AUTH_TOKEN)
        return side.text(resident.phone, body, sid)

    def repeat(self, times: int) -> list[str]:
        """Post as many of the texts that were answered once more, in any order; those with another answer now.

        What said an answer back is forgotten after the conversation's end, and is silence then.
        """
        until(lambda: self.sids)
        known, chance = list(self.sids), random.Random(times)
        chosen = [chance.choice(known) for _ in range(times)]
        with ThreadPoolExecutor(4) as pool:
            replies = pool.map(lambda text: self.bring(text[0], text[1], text[2]), chosen)
            return [text[2] for text, reply in zip(chosen, replies, strict=True) if reply not in (text[3], None)]


@contextmanager
def texting(
    world: World, people: Sequence[Resident], *, at_once: int, pause: float = 0.0, until_all: bool = False
) -> Iterator[Talk]:
    """They text during the block, and whoever has begun ends after it; with `until_all` everybody begins."""
    talk, enough = Talk(world), threading.Event()
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(talk.all, people, at_once, enough, pause)
        try:
            yield talk
        finally:
            if not until_all:
                enough.set()
        done.result()


_turns = itertools.count()


def _answers(resident: Resident) -> tuple[str, ...]:
    """In the order of STEPS."""
    return ("1", *answers(resident.person), resident.contact, "AGREE", PIN, "1")
