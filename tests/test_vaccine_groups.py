"""A flow that shows more than COVID-19: its page, its cards, its picture, and the table that staff add to."""

import json
import re
import shutil
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from conftest import Phone, RecordedJobs

from bot.cards.jws import verify
from bot.conversation.changes import compare
from bot.flow_folder import check_folder
from bot.live_flow import LiveFlow
from bot.records import Demographics, Immunization, VaccineRecord
from bot.store.structures import RedisStructures
from bot.wiring import System, build_app, outbox_path

SHIPPED = Path(__file__).parent.parent / "flows" / "vaccine_record"
ELENA = ("Elena", "Castillo", "8/22/2012", "1", "AGREE", "4821")
BEN = ("Ben", "Carter", "9/14/2001", "1", "AGREE", "4821")
LARGEST_PAGE = 150_000  # bytes
LANGUAGES = ("en", "es", "zh-Hans", "zh-Hant", "ko", "vi", "ar", "tl")
COVID_TYPE = "https://smarthealth.cards#covid19"


class Childhood:
    """A registry that knows one person, with every dose of the schedule up to twenty years."""

    def find(self, who: Demographics) -> VaccineRecord:
        codes = "08 110 110 110 133 133 133 133 116 116 116 49 49 49 94 94 83 83 20 20 115 203 203 162 162 165 165"
        given = [*codes.split(), *["150"] * 20, *["208"] * 7, "305"]
        doses = (
            Immunization(cvx, date(2012, 8, 22) + timedelta(days=90 * n), f"LOT{n * 7919}", f"County Clinic {n * 31}")
            for n, cvx in enumerate(given)
        )
        phones = frozenset({who.contact})
        return VaccineRecord("p1", "Castillo", ("Elena",), date(2012, 8, 22), None, tuple(doses), phones)

    def ping(self) -> None:
        """It is there."""


class ManyDoses:
    """A registry that knows one person with sixty doses that have nothing in common, so that nothing packs well."""

    def find(self, who: Demographics) -> VaccineRecord:
        marks = [sha256(str(n).encode()).hexdigest() for n in range(60)]
        days = [date(2021, 1, 1) + timedelta(days=int(mark[:3], 16) % 1800) for mark in marks]
        doses = (Immunization("208", day, mark[:12], mark[12:36]) for day, mark in zip(days, marks, strict=True))
        return VaccineRecord(
            "p2", "Castillo", ("Elena",), date(2012, 8, 22), None, tuple(doses), frozenset({who.contact})
        )

    def ping(self) -> None:
        """It is there."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "flow"))


@pytest.fixture
def live(folder: Path, system: System) -> LiveFlow:
    return LiveFlow(folder, RedisStructures(system.client))


@pytest.fixture
def elena(live: LiveFlow, system: System, jobs: RecordedJobs) -> Phone:
    jobs.services = replace(system.services, flows=live)
    client = build_app(replace(system, services=jobs.services)).test_client()
    return Phone(client, outbox_path(system.settings), "+13605550119")


def show(folder: Path, live: LiveFlow, groups: str) -> None:
    flow = folder / "flow.yaml"
    setting = f"vaccines: {groups}\n" if groups else ""
    flow.write_text(re.sub(r"(?m)^vaccines: .*\n", setting, flow.read_text(encoding="utf-8")), encoding="utf-8")
    name_the_record(folder, "vaccine record")
    live.refresh()
    assert live.problems() == 0


def name_the_record(folder: Path, name: str) -> None:
    """In every language, for what residents get is no longer about COVID-19 alone."""
    for path in folder.glob("text/*.yaml"):
        text = re.sub(r"(?m)^  record_name: .*$", f"  record_name: {name}", path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")


def add_row(folder: Path, live: LiveFlow, row: str) -> None:
    with (folder / "vaccines.csv").open("a", encoding="utf-8") as table:
        table.write(f"{row}\n")
    live.refresh()


def asked(phone: Phone, jobs: RecordedJobs, *answers: str, language: str = "1") -> str:
    """What came in the end."""
    phone.text("RESTART", language, *answers)
    jobs.work()
    return str(phone.received()[-1]["body"])


def opened(phone: Phone, jobs: RecordedJobs, *answers: str, language: str = "1", agent: str = "") -> str:
    return open_link(phone, asked(phone, jobs, *(answers or ELENA), "1", language=language), agent)


def open_link(phone: Phone, body: str, agent: str = "") -> str:
    link = re.search(r"https://bot\.example\.org(/r/\S+)", body)
    assert link
    page = phone.client.post(link[1], data={"pin": "4821"}, headers={"User-Agent": agent})
    assert page.status_code == 200
    return page.text


def headings(page: str) -> list[str]:
    return re.findall(r'<h2 class="group" id="group-\d+">([^<]*)</h2>', page)


def file_on(phone: Phone, page: str) -> list[dict[str, object]]:
    """The claims of every card in the file."""
    found = re.search(r"/m/\w+\.smart-health-card", page)
    assert found
    cards = json.loads(phone.client.get(found[0]).data)["verifiableCredential"]
    return [verify(card, phone.client.get("/.well-known/jwks.json").json)["vc"] for card in cards]


def codes(claims: dict[str, object]) -> list[str]:
    return re.findall(r"'code': '(\w+)'", str(claims))


@pytest.mark.parametrize("setting", ["[COVID-19]", ""], ids=["as shipped", "left out"])
def test_a_page_is_about_covid_and_says_nothing_else(
    elena: Phone, jobs: RecordedJobs, folder: Path, live: LiveFlow, setting: str
) -> None:
    show(folder, live, setting)

    page = opened(elena, jobs)

    assert headings(page) == []
    assert (page.count("<svg"), page.count("<img"), page.count('class="dose"')) == (1, 1, 2)  # the code, the logo
    assert "Pediarix" not in page
    assert [codes(claims) for claims in file_on(elena, page)] == [["218", "218"]]


def test_every_group_that_is_shown_has_a_heading_doses_a_code_and_a_card(
    elena: Phone, jobs: RecordedJobs, folder: Path, live: LiveFlow
) -> None:
    show(folder, live, "[COVID-19, Influenza, MMR]")

    page = opened(elena, jobs)

    assert headings(page) == ["COVID-19", "Flu", "Measles, mumps, rubella"]
    assert page.count('src="data:image/png;base64,') == 3
    assert page.count('class="dose"') == 4
    assert page.count("Save as picture") == 3
    assert page.count("Save the card file") == 1
    cards = file_on(elena, page)
    assert [codes(claims) for claims in cards] == [["218", "218"], ["140"], ["94"]]
    assert [COVID_TYPE in str(claims["type"]) for claims in cards] == [True, False, False]


def test_one_card_holds_one_group_and_a_combination_is_on_several(
    elena: Phone, jobs: RecordedJobs, folder: Path, live: LiveFlow
) -> None:
    show(folder, live, "all")

    page = opened(elena, jobs)

    assert headings(page)[:2] == ["COVID-19", "Flu"]
    assert {*headings(page)[2:]} == {
        *("Measles, mumps, rubella", "Chickenpox", "Diphtheria, tetanus, whooping cough", "Hepatitis B", "Polio")
    }
    assert sorted(map(codes, file_on(elena, page))) == [
        ["110"],
        ["110"],
        ["110"],
        ["140"],
        ["218", "218"],
        ["94"],
        ["94"],
    ]


def test_a_whole_childhood_is_still_a_light_page(
    elena: Phone, jobs: RecordedJobs, folder: Path, live: LiveFlow, system: System
) -> None:
    show(folder, live, "all")
    jobs.services = replace(jobs.services, iis=Childhood())

    page = opened(elena, jobs, agent="Mozilla/5.0 (iPhone; CPU iPhone OS 18_0)")

    assert len(headings(page)) == 15
    assert page.count("redirect.health.apple.com") == 15
    assert len(page.encode()) < LARGEST_PAGE


def test_the_oldest_of_many_doses_say_that_the_code_has_no_room_for_them(elena: Phone, jobs: RecordedJobs) -> None:
    jobs.services = replace(jobs.services, iis=ManyDoses())

    page = opened(elena, jobs)

    left_out = page.count("which has room for the newest doses only")
    (card,) = file_on(elena, page)
    assert left_out > 0
    assert len(codes(card)) == 60 - left_out
    assert page.count("which has no room for it") == 2 * len(codes(card))


def test_the_words_for_groups_are_in_her_language(
    elena: Phone, jobs: RecordedJobs, folder: Path, live: LiveFlow
) -> None:
    show(folder, live, "[Influenza, Polio]")

    assert headings(opened(elena, jobs, *ELENA[:4], "ACEPTO", "4821", language="2")) == ["Gripe", "Polio"]


def test_where_others_may_be_shown_a_single_group_has_its_heading(
    elena: Phone, jobs: RecordedJobs, folder: Path, live: LiveFlow
) -> None:
    elena.number = "+13605550115"
    show(folder, live, "[COVID-19, Influenza]")

    page = opened(elena, jobs, *BEN)

    assert headings(page) == ["Flu"]
    assert (page.count("<svg"), page.count("<img")) == (1, 1)


def test_who_has_no_dose_of_a_shown_group_is_not_found(
    elena: Phone, jobs: RecordedJobs, folder: Path, live: LiveFlow
) -> None:
    elena.number = "+13605550115"

    assert asked(elena, jobs, *BEN, "1").startswith("We found no")
    show(folder, live, "Influenza")
    assert "Flu" in opened(elena, jobs, *BEN)


def test_the_picture_is_the_card_of_the_first_group_and_its_text_can_say_so(
    elena: Phone, jobs: RecordedJobs, folder: Path, live: LiveFlow
) -> None:
    show(folder, live, "[Influenza, COVID-19]")
    for path in folder.glob("text/*.yaml"):
        text = re.sub(r"(?m)^  done_picture: .*$", "  done_picture: QR {vaccine}", path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")
    live.refresh()

    assert asked(elena, jobs, *ELENA, "2").startswith("QR Flu\n")
    assert elena.received()[-1]["media_url"]


def test_a_vaccine_that_staff_add_has_its_name_at_once_also_on_pages_of_older_links(
    elena: Phone, jobs: RecordedJobs, folder: Path, live: LiveFlow
) -> None:
    elena.number = "+13605550118"
    link = asked(elena, jobs, "Lars", "Eriksen", "5/17/1983", "1", "AGREE", "4821", "1")
    assert "Vaccine code" in open_link(elena, link)

    add_row(folder, live, "999,Comirnaty,COVID-19")

    assert "Comirnaty" in open_link(elena, link)
    assert live.problems() == 0


def test_a_vaccine_that_staff_add_is_on_the_card_of_the_next_link(
    elena: Phone, jobs: RecordedJobs, folder: Path, live: LiveFlow
) -> None:
    elena.number = "+13605550118"
    lars = ("Lars", "Eriksen", "5/17/1983", "1", "AGREE", "4821")
    before = opened(elena, jobs, *lars)

    add_row(folder, live, "999,Comirnaty,COVID-19")

    after = opened(elena, jobs, *lars)
    assert [codes(claims) for claims in file_on(elena, before)] == [["208"]]
    assert [codes(claims) for claims in file_on(elena, after)] == [["208", "999"]]
    assert (headings(before), headings(after)) == (["COVID-19", "Other vaccines"], [])


@pytest.mark.parametrize("setting", ["[COVID-19]", "Influenza", "all"])
def test_codes_that_nobody_knows_are_shown_last_without_a_code_whatever_else_is(
    setting: str, elena: Phone, jobs: RecordedJobs, folder: Path, live: LiveFlow
) -> None:
    elena.number = "+13605550120"
    show(folder, live, setting)

    page = opened(elena, jobs, "Nina", "Petrova", "2/20/1996", "1", "AGREE", "4821")

    assert headings(page) == ["Other vaccines"]
    assert "because we did not know this vaccine code" in page


def test_a_vaccine_can_be_put_into_another_group(
    elena: Phone, jobs: RecordedJobs, folder: Path, live: LiveFlow
) -> None:
    add_row(folder, live, "140,Fluzone,COVID-19; Influenza")

    assert "Fluzone" in opened(elena, jobs)


def test_a_broken_table_changes_nothing_and_is_reported(
    elena: Phone, jobs: RecordedJobs, folder: Path, live: LiveFlow
) -> None:
    add_row(folder, live, "218,Kinder-Comirnaty,COVID-19")
    add_row(folder, live, "217,Comirnaty,Covid")

    assert live.problems() == 1
    assert "Kinder-Comirnaty" in opened(elena, jobs)


def test_a_server_started_with_a_table_in_another_encoding_says_so(folder: Path) -> None:
    (folder / "vaccines.csv").write_bytes("cvx,product,groups\n340,Sprühung,Influenza\n".encode("latin-1"))

    flow, (problem,) = check_folder(folder)

    assert flow is None
    assert str(problem).endswith("vaccines.csv:1:1: this file cannot be read: it is not UTF-8 text; save it as UTF-8")


def test_a_flow_without_a_table_or_with_one_from_a_spreadsheet_is_sound(folder: Path) -> None:
    table = folder / "vaccines.csv"

    table.unlink()
    assert check_folder(folder)[0]
    table.write_bytes(b"\xef\xbb\xbfcvx,product,groups\r\n8,Engerix-B,HepB\r\n,,\r\n")
    flow, _ = check_folder(folder)

    assert flow
    assert flow.vaccines.product("08") == "Engerix-B"


def test_a_new_group_is_made_by_its_words_in_the_source_language(folder: Path) -> None:
    (folder / "vaccines.csv").write_text("cvx,product,groups\n350,Zika,Zika\n", encoding="utf-8")
    refused, _ = check_folder(folder)
    for path in folder.glob("text/*.yaml"):
        path.write_text(path.read_text(encoding="utf-8") + "  Zika: Zika\n", encoding="utf-8")

    flow, _ = check_folder(folder)

    assert refused is None
    assert flow
    assert flow.vaccines.product("350") == "Zika"


def test_what_another_setting_or_table_changes_is_known_before_it_is_published(folder: Path, live: LiveFlow) -> None:
    before = live.current()
    show(folder, live, "[COVID-19, Influenza]")
    add_row(folder, live, "340,New flu,Influenza")

    changes = compare(before, live.current())

    assert (changes.vaccines, changes.shown) == (("340",), ("COVID-19", "Influenza"))
    assert before.structure == live.current().structure


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("Influenza", "this speaks of COVID-19, which flow.yaml does not show under 'vaccines'"),
        ("[COVID-19, Influenza]", "this speaks of COVID-19 alone, and flow.yaml shows Influenza too"),
        ("all", "this speaks of COVID-19 alone, and flow.yaml shows all others too"),
    ],
    ids=["flu", "flu too", "all"],
)
def test_other_vaccines_are_not_shown_under_the_name_of_covid(folder: Path, setting: str, said: str) -> None:
    flow = folder / "flow.yaml"
    flow.write_text(flow.read_text(encoding="utf-8").replace("[COVID-19]", setting), encoding="utf-8")

    broken, problems = check_folder(folder)

    errors = [str(problem) for problem in problems if problem.level == "error"]
    assert broken is None
    assert sorted(re.findall(r"text/(\S+)\.yaml:\d+:\d+: say\.record_name", "\n".join(errors))) == sorted(LANGUAGES)
    assert all(said in error for error in errors)


def test_one_name_for_each_language_changes_all_that_says_what_residents_get(
    elena: Phone, jobs: RecordedJobs, folder: Path, live: LiveFlow
) -> None:
    show(folder, live, "Influenza")
    name_the_record(folder, "flu vaccine record")
    live.refresh()

    greeting = str(elena.text("RESTART"))
    not_found = asked(elena, jobs, *ELENA[:2], "8/23/2012", *ELENA[3:], "1")
    page = opened(elena, jobs)

    assert greeting.startswith("State registry: flu vaccine record by text.")
    assert not_found.startswith("We found no flu vaccine record.")
    assert "<title>Flu vaccine record</title>" in page
    said = {text for words in live.current().words.values() for text in (*words.say.values(), *words.page.values())}
    assert [text for text in said if "COVID" in text or "{record}" in text] == []


def test_the_checker_names_the_texts_that_no_longer_suit(folder: Path, live: LiveFlow) -> None:
    show(folder, live, "[COVID-19, Malaria]")

    _, problems = check_folder(folder)

    said = [str(problem).partition("text/")[2] for problem in problems if problem.level == "warning"]
    english = [line.partition("warning: ")[2] for line in said if line.startswith("en.yaml")]
    assert english == [
        "say.done_picture: the picture shows one vaccine group, and others are shown too; say which with {vaccine}",
        "vaccines: the page would call vaccines by names of the table: Malaria; add words for them",
    ]
