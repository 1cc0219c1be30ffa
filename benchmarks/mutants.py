"""How many faults in what protects people the tests would find: it is changed as a fault would, and its tests run.

By cosmic-ray (https://cosmic-ray.readthedocs.io), which knows Python; and for the scripts inside Redis, which no tool
knows, by the changes of `CHANGES`. It works on a copy of the last commit in build/, never on the files themselves.
"""

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cosmic_ray.work_db import WorkDB, use_db

COPY = Path("build/mutants")
ENOUGH = 0.9  # some changes are no fault: a default that nobody leaves away, a number in a text
TIMEOUT = 120.0  # seconds for the tests of one mutant; one that hangs is found, too


@dataclass(frozen=True, slots=True)
class Guard:
    """What protects people, where it stands, and the tests that must notice when it is wrong."""

    name: str
    modules: Sequence[str]
    tests: Sequence[str]
    functions: Sequence[str] = ()  # of these modules that belong to it; none: all that stands there


FORGED = "tests/test_forged_webhooks.py"
OF_OTHER_ROUTES = [f"--deselect={FORGED}::test_only_what_twilio_signed_is_believed[{r}" for r in ("fallback", "status")]
GUARDS = (
    Guard("who may get what", ["bot/may_deliver.py"], ["tests/test_who_may_get_what.py"]),
    Guard(
        "signature",
        ["bot/web/signature.py", "bot/web/webhook.py"],
        ["tests/test_signature.py", "tests/test_webhook.py", "tests/test_fallback.py", FORGED, *OF_OTHER_ROUTES],
    ),
    Guard("sealing", ["bot/store/sealing.py"], ["tests/test_sealing.py"]),
    Guard(
        "links",
        ["bot/store/links.py"],
        ["tests/test_links_kept.py", "tests/test_links.py", "tests/test_key_rings.py", "tests/test_limits.py"],
    ),
    Guard(
        "said once",
        ["bot/store/sessions.py", "bot/store/heard.py"],
        ["tests/test_texts_heard.py", "tests/test_sessions_stored.py", "tests/test_sessions_moved.py"],
    ),
    Guard(
        "turns",
        ["bot/conversation/session.py", "bot/turn.py", "bot/telling.py"],
        ["tests/test_said_once.py", "tests/test_conversation_by_text.py"],
        [
            *("answer_to", "remember", "take_turn", "decide", "known_at_once", "told_at_once", "send_answer"),
            *("_start", "update", "tell"),
        ],
    ),
    Guard(
        "limits",
        ["bot/store/limits.py", "bot/store/wrong_pins.py"],
        ["tests/test_limits_stored.py", "tests/test_wrong_pins_stored.py", "tests/test_limits.py"],
    ),
    Guard(
        "admission",
        ["bot/admitting.py", "bot/limiting.py"],
        ["tests/test_admission.py", "tests/test_admission_of_pins.py"],
    ),
)
# In a script for Redis: what stands there, and what a fault would write.
CHANGES = (
    (r"==", "~="),
    (r"~=", "=="),
    (r"(?<![<~=>])<(?![=>])", "<="),
    (r"(?<![<~=>])>(?![=>])", ">="),
    (r"<=", "<"),
    (r">=", ">"),
    (r"\bnot ", ""),
    (r"\band\b", "or"),
    (r"\bor\b", "and"),
    (r" \+ ", " - "),
    (r" - ", " + "),
    (r"\b0\b", "1"),
    (r"\b1\b", "2"),
    (r"\breturn 0\b", "return 1"),
    (r"'(?:DEL|ZREM|EXPIRE|PEXPIRE|ZADD|SADD|HINCRBY|INCR|PERSIST)'", "'EXISTS'"),
)
SCRIPT = re.compile(r'^[A-Z_]+ = f?"""\n(.*?)^"""', re.M | re.S)
CONFIG = """[cosmic-ray]
module-path = {modules!r}
timeout = {timeout}
excluded-modules = []
test-command = {command!r}

[cosmic-ray.distributor]
name = "local"
"""


def main() -> int:
    wanted = arguments()
    copied()
    weak = False
    for guard in GUARDS:
        if not wanted or guard.name in wanted:
            if not passes(guard):
                sys.exit(f"{guard.name}: the tests fail without any change: {' '.join(command(guard))}")
            survivors, made = tried(guard)
            found = made - len(survivors)
            weak |= found < ENOUGH * made
            print(f"{guard.name:20} {found:4} of {made:4} found, {100 * found / max(made, 1):5.1f} %", flush=True)
            for survivor in survivors:
                print(survivor, flush=True)
    return int(weak)


def arguments() -> Sequence[str]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("guards", nargs="*", help=f"of: {', '.join(guard.name for guard in GUARDS)}; none for all")
    return list(parser.parse_args().guards)


def copied() -> None:
    """The last commit, without what stands beside it."""
    shutil.rmtree(COPY, ignore_errors=True)
    COPY.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", "HEAD"], check=True, capture_output=True)
    subprocess.run(["tar", "-x", "-C", COPY], input=archive.stdout, check=True)


def tried(guard: Guard) -> tuple[list[str], int]:
    """The mutants that no test found, as texts; and how many there were."""
    python, of_python = by_cosmic_ray(guard)
    scripts, of_scripts = by_changes(guard)
    return [*python, *scripts], of_python + of_scripts


def by_cosmic_ray(guard: Guard) -> tuple[list[str], int]:
    config, session = COPY / "mutants.toml", COPY / "mutants.sqlite"
    session.unlink(missing_ok=True)
    config.write_text(CONFIG.format(modules=list(guard.modules), timeout=TIMEOUT, command=shlex.join(command(guard))))
    take("init", config, session)
    if guard.functions:
        leave_out_all_but(guard.functions, session)
    take("exec", config, session)
    with use_db(str(session), WorkDB.Mode.open) as work:
        results = [result for _, result in work.results]
    return [str(result.diff) for result in results if not result.is_killed], len(results)


def take(step: str, config: Path, session: Path) -> None:
    subprocess.run([beside("cosmic-ray"), step, config.name, session.name], cwd=COPY, env=environment(), check=True)


def leave_out_all_but(functions: Sequence[str], session: Path) -> None:
    """Of the changes that are to be tried, those outside of these functions."""
    with use_db(str(session), WorkDB.Mode.open) as work:
        kept = [item for item in work.work_items if item.mutations[0].definition_name in functions]
        work.clear()
        work.add_work_items(kept)


def by_changes(guard: Guard) -> tuple[list[str], int]:
    alive, made = [], 0
    for module in guard.modules:
        path = COPY / module
        whole = path.read_text()
        for changed, told in mutants(whole):
            made += 1
            path.write_text(changed)
            if passes(guard):
                alive.append(f"--- {module}\n{told}")
        path.write_text(whole)
    return alive, made


def mutants(whole: str) -> Iterator[tuple[str, str]]:
    """Each with one change in one script, and the line before and after it."""
    for script in SCRIPT.finditer(whole):
        for pattern, instead in CHANGES:
            for there in re.finditer(pattern, script[1]):
                start, end = script.start(1) + there.start(), script.start(1) + there.end()
                changed = whole[:start] + instead + whole[end:]
                number = whole.count("\n", 0, start)
                yield changed, f"-{whole.splitlines()[number]}\n+{changed.splitlines()[number]}"


def passes(guard: Guard) -> bool:
    try:
        run = subprocess.run(
            command(guard), check=False, cwd=COPY, env=environment(), capture_output=True, timeout=TIMEOUT
        )
    except subprocess.TimeoutExpired:
        return False
    return run.returncode == 0


def command(guard: Guard) -> list[str]:
    return [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", *guard.tests]


def environment() -> dict[str, str]:
    """The copy is imported, and nothing compiled from the file before it was changed."""
    return {**os.environ, "PYTHONPATH": ".", "PYTHONDONTWRITEBYTECODE": "1"}


def beside(program: str) -> str:
    return str(Path(sys.executable).with_name(program))


if __name__ == "__main__":
    sys.exit(main())
