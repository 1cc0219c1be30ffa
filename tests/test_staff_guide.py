"""The staff guide is true: who follows it adds a question in every language, and all still works."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

from conftest import Phone, RecordedJobs

from bot.flow_folder import check_folder
from bot.live_flow import LiveFlow
from bot.ports import Services
from bot.records import Demographics, VaccineRecord
from bot.store.structures import RedisStructures
from bot.wiring import System, build_app

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "staff.md").read_text(encoding="utf-8")
TEXTS = re.findall(r"^ +(ask_middle_name[\w.]*: .+)$", GUIDE, re.M)
LISTS = ("with: [first_name, last_name", "forget: [first_name, last_name", "change_name: [first_name, last_name")


def follow_the_guide(folder: Path) -> list[str]:
    """What the checker says after flow.yaml, and then the words of every language."""
    flow = folder / "flow.yaml"
    text = flow.read_text(encoding="utf-8").replace("next: {ok: ask_dob}", "next: {ok: ask_middle_name}", 1)
    state = "  ask_middle_name:\n    ask: middle_name\n    once: yes\n    check: middle_name\n    next: {ok: ask_dob}\n"
    text = text.replace("  ask_dob:\n", f"{state}  ask_dob:\n", 1)
    text = text.replace("slots:\n", "slots:\n  middle_name: {sensitive: yes, max: 60}\n", 1)
    for start in LISTS:
        text = text.replace(start, start.replace("first_name,", "first_name, middle_name,"))
    flow.write_text(text, encoding="utf-8")
    missing = [problem.text for problem in check_folder(folder)[1] if problem.level == "error"]
    lines = "".join(f"  {line}\n" for line in TEXTS)
    for path in folder.glob("text/*.yaml"):
        words = path.read_text(encoding="utf-8")
        words = words.replace("\nsay:\n", f"\nsay:\n{lines}", 1)
        words = words.replace("\noptions:\n", '\noptions:\n  middle_name:\n    none: ["NO", none]\n', 1)
        path.write_text(words, encoding="utf-8")
    return missing


def test_the_guides_question_can_be_added_in_all_languages(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ROOT / "flows" / "vaccine_record", tmp_path / "flow"))

    missing = follow_the_guide(folder)
    flow, problems = check_folder(folder)

    assert any("ask_middle_name" in problem and "missing" in problem for problem in missing)
    assert [str(problem) for problem in problems if problem.level == "error"] == []
    assert flow is not None
    assert "ask_middle_name" in flow.states


def test_with_the_guides_question_the_record_is_still_found(
    tmp_path: Path, phone: Phone, jobs: RecordedJobs, services: Services, system: System
) -> None:
    asked: list[Demographics] = []

    class Listening:
        def find(self, who: Demographics) -> VaccineRecord | None:
            asked.append(who)
            return services.iis.find(who)

        def ping(self) -> None: ...

    folder = Path(shutil.copytree(ROOT / "flows" / "vaccine_record", tmp_path / "flow"))
    follow_the_guide(folder)
    live = LiveFlow(folder, RedisStructures(system.client))
    jobs.services = replace(services, flows=live, iis=Listening())
    phone.client = build_app(replace(system, services=jobs.services)).test_client()
    phone.number = "+13605550116"

    for middle in ("M", "no"):
        phone.text("RESTART", "1", "Margaret", "O'Neill", middle, "11/21/1938", "1", "AGREE", "4821", "1")
        jobs.work()

    assert [who.first_name for who in asked] == ["Margaret M", "Margaret"]
    assert [("/r/" in str(line["body"])) for line in phone.received()] == [True, True]


def test_the_guides_question_is_asked_again_with_the_rest_of_the_name_and_only_then(
    tmp_path: Path, phone: Phone, jobs: RecordedJobs, services: Services, system: System
) -> None:
    folder = Path(shutil.copytree(ROOT / "flows" / "vaccine_record", tmp_path / "flow"))
    follow_the_guide(folder)
    jobs.services = replace(services, flows=LiveFlow(folder, RedisStructures(system.client)))
    phone.client = build_app(replace(system, services=jobs.services)).test_client()
    phone.number = "+13605550116"
    phone.text("Hi", "1", "Margaret", "O'Neill", "no", "11/22/1938", "1", "AGREE", "4821", "1")
    jobs.work()

    phone.text("2", "11/21/1938")
    jobs.work()
    phone.text("2", "Hi", "1", "Margaret", "O'Neill", "no", "11/22/1938", "1", "AGREE", "4821", "1")
    jobs.work()

    assert ["/r/" in str(line["body"]) for line in phone.received()] == [False, True, False]
    assert phone.text("1", "Margaret", "O'Neill") == "What is the middle name or initial? If there is none, send NO."
