"""The report: one page that needs nothing else, holds every word, shows nothing as HTML, and counts right."""

import re
import shutil
from datetime import date
from html import escape
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import cli
from bot.conversation.flow import Flow
from bot.conversation.flow_files import check_flow, load_flow
from bot.conversation.flow_yaml import read_yaml
from bot.flow_folder import read_folder
from bot.report.costs import Cost, Prices, complete_paths, cost, message
from bot.report.page import Chats, page
from bot.report.picture import draw
from bot.transcripts.coverage import Part
from bot.translation.edit import edit, written

FOLDER = Path(__file__).parent.parent / "flows" / "vaccine_record"
FILES = read_folder(FOLDER)
FLOW = load_flow(FILES)
PRICES = Prices(segment=0.01, picture=0.5)
CHATS = Chats(2, ["x.chat:3: expected <b>"], ["y.chat: not yet"], [Part("states", ("a", "b"), {"a"})])
EVIL = "<script>alert('1')</script> & \"two\""
VOID = {"meta", "path", "rect", "polygon", "br"}

TINY = """
flow: tiny
languages: [en, es]
start: welcome
defaults: {exhausted: call_us, fault: try_later}
limits: {idle: 30m, total: 2h, attempts: 3, turns: 40, segments: 2}
keywords: {restart: {go: welcome, forget: all}, back: {go: back}, help: {say: help}, agent: {go: call_us},
  link: {tell: last}, picture: {tell: last}, stop: {forget: all}}
values: {help_line: 1-833-555-0199}
states:
  welcome: {choose: language, options: [en, es], next: {any: ask_format}}
  ask_format: {choose: format, options: [link, picture], next: {link: goodbye, picture: declined}}
  goodbye: {end: success, forget: all}
  declined: {end: stopped, forget: all}
  try_later: {end: help, forget: all}
  call_us: {end: help, forget: all}
"""


def render(files: dict[str, str], chats: Chats = CHATS) -> str:
    flow, problems = check_flow(files)
    assert flow, "\n".join(map(str, problems))
    return page(flow, files, problems, chats, today=date(2026, 5, 4), prices=PRICES)


@pytest.fixture(scope="module")
def shipped() -> str:
    return render(FILES)


class Nesting(HTMLParser):
    """Fails at the first tag that closes what is not open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.places: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.places += [(name, value) for name, value in attrs if name in ("src", "href", "action", "onclick")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in VOID

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"line {self.getpos()[0]}"

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def parsed(html: str) -> Nesting:
    parser = Nesting()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser


def test_the_report_is_well_formed_html(shipped: str) -> None:
    parsed(shipped)


def test_the_report_asks_nothing_of_the_network_and_runs_no_script(shipped: str) -> None:
    assert {value for name, value in parsed(shipped).places} == {"#sign"}
    assert "<script" not in shipped
    assert set(re.findall(r"url\((.*?)\)", shipped)) == {"#arrow"}
    assert set(re.findall(r"https?://[^\s\"<]+", shipped)) == {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in shipped


def test_the_report_holds_every_text_in_every_language(shipped: str) -> None:
    for code, words in FLOW.words.items():
        for name, text in {**words.say, **words.page}.items():
            assert (
                f'<span class="text">{escape(text, quote=True).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")}'
                in (shipped)
            ), f"{name} in {code}"


def test_the_report_can_be_signed(shipped: str) -> None:
    words = " ".join(" ".join(parsed(shipped).words).split())

    for part in ("vaccine_record", "May 4, 2026", FLOW.structure, "Approval", "Signature", "12 replies"):
        assert part in words


def test_another_word_asks_for_another_signature(shipped: str) -> None:
    changed = {**FILES, "text/en.yaml": FILES["text/en.yaml"].replace("Thank you.", "Thanks.")}

    def signed(html: str) -> set[str]:
        return set(re.findall(r"the contents <code>(\w{16})</code>", html))

    assert len(signed(shipped)) == len(signed(render(changed))) == 1
    assert signed(shipped) != signed(render(changed))


def test_nothing_that_stands_in_the_files_becomes_html() -> None:
    files = dict(FILES)
    for code in FLOW.languages:
        words = {
            ("say", "goodbye"): f"{EVIL} {code}",
            ("say", "extra"): EVIL,
            ("page", "title"): EVIL,
            ("name",): f"<i>{code}",
            ("keywords", "back"): [f"<u>{code}"],
            ("options", "again", "change_name"): [f"<s>{code}"],
        }
        files[f"text/{code}.yaml"] = edit(files[f"text/{code}.yaml"], words)
    files["flow.yaml"] = files["flow.yaml"].replace("1-833-555-0199", "<em>1")

    html = render(files)

    parsed(html)
    for tag in ("<script", "<i>", "<u>", "<s>", "<em>", "<b>"):
        assert tag not in html
    assert html.count("&lt;script&gt;alert") >= 6


def test_the_state_of_the_translations_is_told(shipped: str) -> None:
    spanish = FILES["text/es.yaml"] + "translated: {goodbye: 00000000}\n"
    started = edit(FILES["text/en.yaml"], {("language",): "he", ("say", "goodbye"): "UNTRANSLATED: Thank you"})
    flow, problems = check_flow(FILES)
    assert flow

    html = page(
        flow,
        {**FILES, "text/es.yaml": spanish, "text/he.yaml": started},
        problems,
        CHATS,
        today=date(2026, 5, 4),
        prices=PRICES,
    )

    assert f"0 of {len(FLOW.languages) + 1}<small>1 strings untranslated, 1 out of date" in html
    assert html.count(">older than its source</span>") == 1
    assert html.count(">untranslated</span>") == 1
    assert '<td lang="he" dir="rtl"' in html


def test_transcripts_that_went_differently_are_told(shipped: str) -> None:
    words = " ".join(" ".join(parsed(shipped).words).split())

    assert "2 as written, 1 different, 1 skipped" in words
    assert "x.chat:3: expected <b>" in words
    assert "states 1 of 2, 50 % b" in words


# Cost


def tiny_words(code: str, changes: dict[str, str]) -> str:
    """The words of a shipped language that the tiny flow needs, with some of them changed."""
    data = dict(read_yaml("", FILES[f"text/{code}.yaml"]).data)
    needed = (
        "record_name",
        "welcome",
        "ask_format",
        "goodbye",
        "declined",
        "try_later",
        "call_us",
        "help",
        "last",
        "unreadable",
        "changed",
        "too_late",
        "many_texts",
        "undelivered",
    )
    said = {name: text for name, text in data["say"].items() if name.partition(".")[0] in needed}
    data |= {"options": {"format": data["options"]["format"]}, "say": said | changes}
    return "\n".join(f"{key}: {written(value)}" for key, value in data.items())


@pytest.fixture
def tiny() -> Flow:
    english = tiny_words("en", {"welcome": "Hi", "goodbye": "Thank you", "declined": "x" * 161})
    spanish = tiny_words(
        "es", {"welcome": "Hola", "ask_format": "á" * 60, "goodbye": "Gracias", "declined": "Lo sentimos"}
    )
    return load_flow({"flow.yaml": TINY, "text/en.yaml": english, "text/es.yaml": spanish})


def test_a_path_costs_its_segments_out_and_its_texts_in(tiny: Flow) -> None:
    (usual, other), more = complete_paths(tiny)

    assert not more
    assert [step.state.name for step in usual.steps] == ["welcome", "ask_format", "goodbye"]
    assert usual.turns == "ask_format: link"
    # Hi, 1, 1 come in. Welcome, menu and goodbye fit in one segment each.
    assert cost(tiny, usual, "en", PRICES) == Cost(segments=3, pictures=0, texts_in=3, dollars=pytest.approx(0.06))
    # 161 letters of GSM-7 take two.
    assert cost(tiny, other, "en", PRICES) == Cost(segments=4, pictures=0, texts_in=3, dollars=pytest.approx(0.07))
    # Sixty times á and the menu are more than 70 letters of UCS-2; the welcome was said in English.
    assert cost(tiny, usual, "es", PRICES) == Cost(segments=4, pictures=0, texts_in=3, dollars=pytest.approx(0.07))


def test_a_picture_is_billed_as_one_and_a_link_elsewhere_as_a_text_more() -> None:
    paths, _ = complete_paths(FLOW)
    usual = paths[0]
    picture, elsewhere, unknown = (
        next(path for path in paths if f" {outcome}," in path.turns)
        for outcome in ("sent_picture", "sent_elsewhere", "no_match_elsewhere")
    )

    assert cost(FLOW, picture, "en", PRICES).pictures == 1
    assert cost(FLOW, usual, "en", PRICES).pictures == 0
    more = cost(FLOW, elsewhere, "en", PRICES).segments - cost(FLOW, unknown, "en", PRICES).segments
    assert more == 2  # "send_record.link" with an address of 80 letters


def test_every_path_begins_at_the_start_ends_at_an_end_and_meets_no_step_twice() -> None:
    paths, more = complete_paths(FLOW)

    assert not more
    for path in paths:
        names = [step.state.name for step in path.steps]
        assert names[0] == FLOW.start
        assert path.steps[-1].state.kind == "end"
        assert len(set(names)) == len(names)
    assert max(path.replies for path in paths) <= 12


def test_a_text_is_counted_with_its_menu_and_its_longest_values() -> None:
    assert message(FLOW, "en", "ask_format").splitlines()[1:] == ["1 Link", "2 QR picture"]
    assert "W" * 80 in message(FLOW, "en", "done")
    assert "1-833-555-0199" in message(FLOW, "en", "goodbye")


# Picture


def test_the_picture_shows_every_step_and_no_box_lies_on_another() -> None:
    svg = draw(FLOW).svg
    boxes = [
        tuple(map(float, box)) for box in re.findall(r'<rect x="(\S+)" y="(\S+)" width="(\S+)" height="(\S+)"', svg)
    ]
    for points in re.findall(r'points="(.*?)"', svg):
        xs, ys = zip(*(map(float, point.split(",")) for point in points.split()), strict=True)
        boxes.append((min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)))

    assert len(boxes) == len(FLOW.states)
    for name in FLOW.states:
        assert f">{name}</text>" in svg
    for (x, y, w, h), (x2, y2, w2, h2) in combinations(boxes, 2):
        assert x + w < x2 or x2 + w2 < x or y + h < y2 or y2 + h2 < y


# The command


def test_the_command_writes_the_page_with_the_transcripts_as_they_went(tmp_path: Path) -> None:
    folder = tmp_path / "flow"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("chats"))
    (folder / "chats").mkdir()
    (folder / "chats" / "good.chat").write_text("as +13605550100\n> Hi\n< welcome\n")
    (folder / "chats" / "wrong.chat").write_text("as +13605550100\n> Hi\n< ask_dob\n")
    out = tmp_path / "report.html"

    result = CliRunner().invoke(cli, ["flow", "report", str(folder), "--out", str(out), "--price", "0.01"])

    assert result.exit_code == 0, result.output
    assert "1 transcripts went differently" in result.output
    html = out.read_text(encoding="utf-8")
    parsed(html)
    assert "1 as written, 1 different, 0 skipped" in html
    assert "× $0.0100" in html


def test_a_flow_with_errors_gets_no_report(tmp_path: Path) -> None:
    folder = tmp_path / "flow"
    shutil.copytree(FOLDER, folder)
    (folder / "flow.yaml").write_text(FILES["flow.yaml"].replace("start: welcome", "start: welcom"))
    out = tmp_path / "report.html"

    result = CliRunner().invoke(cli, ["flow", "report", str(folder), "--out", str(out)])

    assert result.exit_code == 1
    assert "did you mean 'welcome'?" in result.output
    assert not out.exists()
