"""Whether somebody who names a contact that is not her own can tell who is in the registry, or that it is down.

She sees her own chat: its words, how long each answer takes, and how many messages come. Real web and worker processes,
a registry, a Twilio and a mail server on loopback; she is a process of her own. Half of whom she asks for have a record
with the email that she names, half are in no registry; half of them she asks for while the registry is down.
"""

import argparse
import random
import re
import shutil
import tempfile
import time
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from typing import TypeVar

from chaos.residents import Resident, residents
from chaos.world import World, ports, world
from fakes.soap_iis import BROKEN, SoapIis
from fakes.until import until
from running import ACCOUNT_SID, AUTH_TOKEN, PIN, REPO, answers

from bot.cli.twilio_side import TwilioSide

T = TypeVar("T")
BLOCK = 100  # people asked for while the registry stays as it is; which way it is first in each pair is chance
AHEAD = 3  # conversations that are brought to their last answer at once; from there on it is one after the other
PROBE = "LINK"  # what is asked next: it tells what was last sent
PAUSE = 0.1  # seconds before the last answer; the worker may still do what the one before asked for, as it may for her
LEAST, MOST = 0.48, 0.52  # of the area under the curve; 0.5 is a coin


@dataclass(frozen=True, slots=True)
class Sample:
    """What she saw: seconds and words of the answer that starts the work and of the one after it."""

    phone: str
    seconds: tuple[float, float]
    words: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Guess:
    """One conversation about somebody, who has a record or not, while the registry was up or down."""

    there: bool
    registry: str
    sample: Sample


def main() -> None:
    samples = arguments()
    with built(4 * samples) as (whole, iis, people):
        guesses = list(asked(whole, iis, people))
        until(whole.is_idle, 300)
        messages = sum(len(whole.twilio.to(guess.sample.phone)) for guess in guesses)
        mails = len(whole.smtp.mails)
    print(f"links to those who have a record: {mails:,} of {2 * samples:,}")
    print(f"messages to her besides: {messages}")
    firsts = Counter(guess.sample.words[0] for guess in guesses)
    print(f"kinds of words of the last answer: {len(firsts)}")
    for words, times in firsts.items() if len(firsts) > 1 else ():
        print(f"  {times:6,}: {words[:100]}")
    already = sorted({guess.sample.words[1] for guess in guesses}, key=len)
    seen = {
        "the last answer, seconds": lambda one: one.seconds[0],
        "the next answer, seconds": lambda one: one.seconds[1],
        "the next answer, which words": lambda one: float(already.index(one.words[1])),
    }
    areas = [area for name, what in seen.items() for area in compared(name, guesses, what)]
    fair = messages == 0 and mails == 2 * samples and len(firsts) == 1 and all(LEAST <= area <= MOST for area in areas)
    print("nothing can be told" if fair else "SOMETHING CAN BE TOLD")


def arguments() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=2000, help="of each of the four kinds")
    return int(parser.parse_args().samples)


@contextmanager
def built(count: int) -> Iterator[tuple[World, SoapIis, list[Resident]]]:
    """Everything runs, and every other one has a record."""
    pairs = batched(residents(count + 2, ways=("email",)), 2)
    welcome = (pair for pair in pairs if not any(one.phone.endswith(PIN) for one in pair))  # such a PIN is refused
    people = [one for pair in welcome for one in pair][:count]
    with (
        tempfile.TemporaryDirectory() as folder,
        SoapIis(one.person.record for one in people[::2]) as iis,
        world(Path(folder), iis.url, {"FLOW": str(unlimited(Path(folder)))}) as whole,
    ):
        whole.start_web(ports(whole)[0])
        whole.running.start_worker()
        yield whole, iis, people


def unlimited(folder: Path) -> Path:
    """The flow, but so many texts in an hour as this sends."""
    flow = shutil.copytree(REPO / "flows" / "vaccine_record", folder / "flow")
    limits = flow / "limits.yaml"
    limits.write_text(re.sub(r"(texts_with_\w+:) \S.*", r"\1 1000000 in 1h", limits.read_text()))
    return flow


def asked(whole: World, iis: SoapIis, people: Sequence[Resident]) -> Iterator[Guess]:
    """All of them, in small blocks with the registry up and down, in any order: what drifts meets both alike."""
    chance = random.Random(1)
    with ProcessPoolExecutor(1) as attacker:
        for block, registry in zip(batched(enumerate(people), BLOCK), by_turns(chance), strict=False):
            chance.shuffle(block)
            iis.always = BROKEN if registry == "down" else None
            found = attacker.submit(talk, whole.running.url, [one for _, one in block]).result()
            iis.always = None
            until(whole.is_worked_off, 300)
            yield from (
                Guess(place % 2 == 0, registry, sample) for (place, _), sample in zip(block, found, strict=True)
            )


def by_turns(chance: random.Random) -> Iterator[str]:
    while True:
        yield from chance.sample(("up", "down"), 2)


def batched(things: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(things)
    while batch := list(islice(rest, size)):
        yield batch


def talk(url: str, people: Sequence[Resident]) -> list[Sample]:
    """In a process of its own: all are brought to their last answer, and then each is asked for by herself."""
    side = TwilioSide(url, url, ACCOUNT_SID, AUTH_TOKEN)
    with ThreadPoolExecutor(AHEAD) as ahead:
        list(ahead.map(partial(begin, url), people))
    return [end(side, resident) for resident in people]


def begin(url: str, resident: Resident) -> None:
    side = TwilioSide(url, url, ACCOUNT_SID, AUTH_TOKEN)
    for said in ("Hi", "1", *answers(resident.person), resident.contact, "AGREE"):
        side.text(resident.phone, said)


def end(side: TwilioSide, resident: Resident) -> Sample:
    time.sleep(PAUSE)
    last = timed(side, resident.phone, PIN)
    after = timed(side, resident.phone, PROBE)
    return Sample(resident.phone, (last[0], after[0]), (last[1], after[1]))


def timed(side: TwilioSide, phone: str, said: str) -> tuple[float, str]:
    begun = time.perf_counter()
    words = side.text(phone, said) or ""
    return time.perf_counter() - begun, words


def compared(name: str, guesses: Sequence[Guess], what: Callable[[Sample], float]) -> list[float]:
    """Print how well each difference can be told by what was seen; the areas."""

    def of(*, there: bool | None = None, registry: str = "") -> list[float]:
        wanted = (one for one in guesses if there in (None, one.there) and registry in ("", one.registry))
        return [what(one.sample) for one in wanted]

    pairs = {
        "record or none, registry up": (of(there=True, registry="up"), of(there=False, registry="up")),
        "record or none, registry down": (of(there=True, registry="down"), of(there=False, registry="down")),
        "registry up or down": (of(registry="up"), of(registry="down")),
    }
    for pair, (some, others) in pairs.items():
        print(f"{name:30} {pair:30} area {auc(some, others):.3f}, medians {median(some):.4f} and {median(others):.4f}")
    return [auc(*pair) for pair in pairs.values()]


def auc(some: Sequence[float], others: Sequence[float]) -> float:
    """The chance that one of the first is larger than one of the others; half where they are equal."""
    known = sorted(others)
    below = sum(bisect_left(known, one) + bisect_right(known, one) for one in some)
    return below / (2 * len(some) * len(others))


if __name__ == "__main__":
    main()
