"""What every scenario asserts and prints."""

from collections import Counter
from collections.abc import Iterable

from fakes.until import until

from chaos.ledger import Figures
from chaos.talking import Talk
from chaos.world import World


def until_killed(world: World, faults: Iterable[str], times: int = 1, seconds: float = 90.0) -> None:
    """Each of these points has killed a process so often."""
    points = {fault.partition(":")[0] for fault in faults}
    until(lambda: all(world.kills()[point] >= times for point in points), seconds)


def report(scenario: str, figures: Figures, talk: Talk, kills: Counter[str] | None = None) -> None:
    print(f"{scenario}: {figures}")  # noqa: T201
    texts = f"{talk.reposts} posted again, {talk.sorry} told to text again, {talk.again} begun again"
    print(f"  {talk.posts} posts: {texts}; kills: {dict(kills or {})}")  # noqa: T201


def assert_clean(figures: Figures, talk: Talk, mails_twice: int = 0) -> None:
    """Nothing lost, stuck or astray, no text message twice; mails only as often as doubt about one was made."""
    assert (figures.lost, figures.stuck, figures.wrong) == ([], [], [])
    assert [contact for contact, _ in figures.twice if "@" not in contact] == []
    assert len(figures.twice) <= mails_twice
    assert talk.unanswered == 0
