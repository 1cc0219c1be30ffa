"""Every answer to a text waits a moment by chance, so that no clock tells what else we have to do.

What comes after an answer is other work where a record was found, or while the registry is away; a machine that is
busier or idler answers the next text some tenths of a millisecond sooner or later. That is lost in these moments: who
wanted to average them away would have to ask for a person hundreds of times, and each phone may four times a day.
"""

import time
from random import SystemRandom

LONGEST = 0.05  # seconds; 8 threads answer 300 texts a second all the same, which is more than a core can
_chance = SystemRandom()  # nobody works the next one out from those before


def moment() -> float:
    """In seconds; all up to the longest are equally likely."""
    return _chance.uniform(0, LONGEST)


def blur() -> None:
    time.sleep(moment())
