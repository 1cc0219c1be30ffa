"""Words to translators and back: nothing is lost on the way, and nothing broken comes home."""

import csv
import io
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from bot.cli import cli
from bot.conversation.check_translation import UNTRANSLATED, check
from bot.conversation.flow_yaml import read_yaml
from bot.conversation.problems import FlowBroken
from bot.conversation.wording import fingerprint
from bot.flow_folder import read_folder
from bot.translation import table
from bot.translation.bring_back import bring_back, rows_of
from bot.translation.edit import edit
from bot.translation.rows import Row

FOLDER = Path(__file__).parent.parent / "flows" / "vaccine_record"
FILES = read_folder(FOLDER)
LANGUAGES = sorted(name[5:-5] for name in FILES if name.startswith("text/"))
SECTIONS = ("keywords", "options", "say", "page", "vaccines")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "flow", ignore=shutil.ignore_patterns("chats")))


def vaxtext(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["flow", *map(str, arguments)])


def exported(language: str, files: dict[str, str] = FILES) -> str:
    return table.write(rows_of(files, language), "en", language)


def words(text: str) -> dict[str, object]:
    return {section: read_yaml("", text).data[section] for section in SECTIONS}


def brought(text: str, files: dict[str, str] = FILES) -> dict[str, object]:
    return dict(read_yaml("", bring_back(files, table.read("x.csv", text)).text).data)


def refused(text: str, files: dict[str, str] = FILES) -> list[str]:
    with pytest.raises(FlowBroken) as broken:
        bring_back(files, table.read("x.csv", text))
    return [str(problem) for problem in broken.value.problems]


def line_of(text: str, name: str) -> int:
    return next(row.line for row in table.read("x.csv", text).rows if row.name == name)


# A new language


def test_a_new_language_has_every_string_of_the_source_marked_as_untranslated(folder: Path) -> None:
    result = vaxtext("new-language", "de", folder, "--name", "Deutsch")

    assert result.exit_code == 0, result.output
    text = (folder / "text" / "de.yaml").read_text(encoding="utf-8")
    german, english = read_yaml("de", text), read_yaml("en", FILES["text/en.yaml"])
    assert german.data["language"] == "de"
    assert german.data["name"] == "Deutsch"
    assert german.data["called"] == ["German"]
    assert german.data["date_order"] == "dmy"
    assert list(german.data["say"]) == list(english.data["say"])
    assert german.data["say"]["goodbye"] == f"{UNTRANSLATED}{english.data['say']['goodbye']}"
    assert german.data["keywords"]["back"] == [f"{UNTRANSLATED}{word}" for word in english.data["keywords"]["back"]]
    assert "vaxtext flow export de" in result.output


def test_a_new_language_keeps_the_comments_of_the_source(folder: Path) -> None:
    source = folder / "text" / "en.yaml"
    source.write_text(
        FILES["text/en.yaml"].replace("say:\n", "say:  # what we text\n  # the start\n"), encoding="utf-8"
    )

    vaxtext("new-language", "de", folder, "--name", "Deutsch")

    text = (folder / "text" / "de.yaml").read_text(encoding="utf-8")
    assert "say:  # what we text\n  # the start\n" in text


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("xx", "no language has the code 'xx'"),
        ("es", "is there already"),
        ("../de", "is no language code"),
        ("DE", "is no language code"),
        ("de-Hans-CN", "is no language code"),
    ],
)
def test_a_code_that_cannot_be_is_refused(code: str, sentence: str, folder: Path) -> None:
    before = read_folder(folder)

    result = vaxtext("new-language", code, folder, "--name", "X")

    assert result.exit_code == 1
    assert sentence in result.output
    assert read_folder(folder) == before


def test_an_untranslated_string_is_an_error_where_residents_could_meet_it_and_else_one_warning(folder: Path) -> None:
    vaxtext("new-language", "de", folder, "--name", "Deutsch")
    german = read_yaml("text/de.yaml", (folder / "text" / "de.yaml").read_text(encoding="utf-8"))
    number = len(rows_of(FILES, "en"))

    live = check(("en", "de"), {"de": german})
    prepared = check(("en",), {"de": german})

    assert [problem.level for problem in live] == ["error"] * number
    place = german.marks["say", "goodbye"]
    assert any(str(p).startswith(f"text/de.yaml:{place[0]}:{place[1]}: say.goodbye: a resident") for p in live)
    (problem,) = prepared
    assert problem.level == "warning"
    assert f"{number} strings are untranslated" in problem.text


def test_a_new_language_can_be_exported_translated_in_parts_and_brought_back(folder: Path) -> None:
    vaxtext("new-language", "de", folder, "--name", "Deutsch")
    out = folder.parent / "de.csv"
    vaxtext("export", "de", folder, "--out", out)
    records = list(csv.reader(io.StringIO(out.read_text(encoding="utf-8-sig"), newline="")))
    for record in records:
        if record[0] == "say.goodbye":
            record[2] = "Danke. Schreiben Sie wieder, oder rufen Sie {help_line} an."
        if record[0] == "keywords.back":
            record[2] = "zurück | retour"
    with out.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(records)

    result = vaxtext("import", out, folder)

    assert result.exit_code == 0, result.output
    assert f"2 changed, {len(records) - 3} still untranslated" in result.output
    german = read_yaml("", (folder / "text" / "de.yaml").read_text(encoding="utf-8")).data
    assert german["say"]["goodbye"] == "Danke. Schreiben Sie wieder, oder rufen Sie {help_line} an."
    assert german["keywords"]["back"] == ["zurück", "retour"]
    assert german["say"]["help"].startswith(UNTRANSLATED)
    english = read_yaml("", FILES["text/en.yaml"]).data
    assert german["translated"] == {
        "goodbye": fingerprint(english["say"]["goodbye"]),
        "keywords.back": fingerprint("back | go back"),
    }


# There and back


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unchanged_table_changes_no_word(language: str) -> None:
    came = bring_back(FILES, table.read("x.csv", exported(language)))

    assert came.changed == ()
    assert words(came.text) == words(FILES[f"text/{language}.yaml"])
    before = FILES[f"text/{language}.yaml"].partition("\ntranslated:")[0].rstrip()
    assert came.text.startswith(before)


def test_one_changed_cell_changes_one_line() -> None:
    came = bring_back(FILES, table.read("x.csv", exported("es").replace("¿Y el apellido?", "¿Cuál es el apellido?")))

    before, after = FILES["text/es.yaml"].splitlines(), came.text.splitlines()
    differing = [(old, new) for old, new in zip(before, after, strict=False) if old != new]
    assert came.changed == ("say.ask_last_name",)
    assert [new.split(":")[0].strip() for _, new in differing] == ["ask_last_name"]


def test_a_source_that_changes_after_the_import_shows() -> None:
    came = brought(exported("es"))
    english = read_yaml("", FILES["text/en.yaml"]).data

    assert came["translated"]["goodbye"] == fingerprint(english["say"]["goodbye"])
    assert came["translated"]["page.title"] == fingerprint(english["page"]["title"])


def test_a_source_that_changed_since_the_export_is_told_and_stays_noted_as_it_was() -> None:
    sheet = exported("es")
    files = {**FILES, "text/en.yaml": FILES["text/en.yaml"].replace("goodbye: Thank you.", "goodbye: Many thanks.")}

    came = bring_back(files, table.read("x.csv", sheet))

    assert came.older == ("say.goodbye",)
    old = read_yaml("", FILES["text/en.yaml"]).data["say"]["goodbye"]
    assert read_yaml("", came.text).data["translated"]["goodbye"] == fingerprint(old)


def test_a_translation_that_was_not_looked_at_again_stays_older_than_its_source() -> None:
    spanish = edit(FILES["text/es.yaml"], {("translated",): {"goodbye": "00000000"}})
    files = {**FILES, "text/es.yaml": spanish}

    assert brought(exported("es", files), files)["translated"]["goodbye"] == "00000000"


@pytest.mark.parametrize("delimiter", [";", "\t"], ids=["semicolons", "tabs"])
def test_what_other_spreadsheets_write_is_read(delimiter: str) -> None:
    out = io.StringIO(newline="")
    records = csv.reader(io.StringIO(exported("es").removeprefix(table.BOM), newline=""))
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(records)

    assert bring_back(FILES, table.read("x.csv", out.getvalue())).changed == ()


cells = st.text() | st.text("'=+-@\t\r\n\",;| a", max_size=12)


@given(cells, cells)
def test_whatever_stands_in_a_cell_comes_back_and_is_no_formula(source: str, translation: str) -> None:
    row = Row("say.x", ("say", "x"), source, translation, is_list=False, note="")

    text = table.write([row], "en", "es")

    (cell,) = table.read("x.csv", text).rows
    normal = [text.replace("\r\n", "\n").replace("\r", "\n") for text in (source, translation)]
    assert [cell.source, cell.translation] == normal
    for record in csv.reader(io.StringIO(text.removeprefix(table.BOM), newline="")):
        assert all(not one.startswith(("=", "+", "-", "@", "\t", "\r")) for one in record)


# What is refused


@pytest.mark.parametrize(
    ("old", "new", "name", "sentence"),
    [
        ("Llame al {help_line}.", "Llame.", "say.call_us", "{help_line} must stay"),
        ("Llame al {help_line}", "Llame al {linea}", "say.call_us", "{linea} is not in the source"),
        ("¿Y el apellido?", "{0.__class__} ¿Y el apellido?", "say.ask_last_name", "is not in the source"),
        ("¿Y el apellido?", "ñandú " * 60, "say.ask_last_name", "segments"),
        ("¿Y el apellido? Si tiene dos, envíe los dos.", "", "say.ask_last_name", "the translation is gone"),
        ("reiniciar | empezar de nuevo", " | ", "keywords.restart", "has no words"),
    ],
)
def test_a_change_that_would_break_the_flow_is_refused_with_its_line(
    old: str, new: str, name: str, sentence: str
) -> None:
    sheet = exported("es")
    row = next(row for row in table.read("x.csv", sheet).rows if row.name == name)
    assert old in row.translation, row.translation

    problems = refused(sheet.replace(old, new))

    assert any(p.startswith(f"x.csv:{line_of(sheet, name)}:1: ") and sentence in p for p in problems), problems


def test_rows_that_are_missing_unknown_or_doubled_are_refused_all_at_once() -> None:
    lines = exported("es").split("\r\n")
    goodbye = next(line for line in lines if line.startswith("say.goodbye,"))
    at = lines.index(goodbye)
    lines[at] = goodbye.replace("say.goodbye", "say.goodby")
    lines.insert(at + 1, lines[at + 1])
    sheet = "\r\n".join(lines)

    problems = refused(sheet)

    first = line_of(sheet, "say.goodby")
    assert problems == sorted(problems) or len(problems) == 3
    assert any(f"x.csv:{first}:1: no text named 'say.goodby' (did you mean 'say.goodbye'?)" in p for p in problems)
    assert any(p.startswith(f"x.csv:{first + 2}:1: ") and f"is on line {first + 1} already" in p for p in problems)
    assert any("the row 'say.goodbye' is missing" in p for p in problems)


@pytest.mark.parametrize(
    ("text", "place", "sentence"),
    [
        ("", "x.csv:1:1", "the first line must be as it was exported"),
        ("a,b,c,d\r\n", "x.csv:1:1", "the first line must be as it was exported"),
        ("name,source (en),translation (es),note\r\na,b\r\n", "x.csv:2:1", "2 columns, not 4"),
        ("name,source (en),translation (es),note\r\na,b,c,d,e\r\n", "x.csv:2:1", "5 columns, not 4"),
        ('name,source (en),translation (es),note\r\na,b,"c\r\n', "x.csv:2:1", "this is not CSV"),
        ("name,source (en),translation (fr),note\r\n", "x.csv:1:1", "there is no language 'fr'"),
        ("name,source (en),translation (es),note\r\n", "x.csv:1:1", "is missing"),
    ],
    ids=["empty", "another header", "too few", "too many", "an open quote", "another language", "no rows"],
)
def test_a_table_that_cannot_be_read_is_refused_with_its_place(text: str, place: str, sentence: str) -> None:
    assert any(problem.startswith(place) and sentence in problem for problem in refused(text))


def test_a_flow_with_errors_of_its_own_takes_no_translations() -> None:
    files = {**FILES, "flow.yaml": FILES["flow.yaml"].replace("start: welcome", "start: welcom")}

    problems = refused(exported("es").replace("¿Y el apellido?", "¿Y?"), files)

    assert any("mend them first" in problem for problem in problems)
    assert any(problem.startswith("flow.yaml:") for problem in problems)


def test_with_any_problem_nothing_is_written(folder: Path) -> None:
    sheet = folder.parent / "es.csv"
    sheet.write_text(exported("es").replace("¿Y el apellido?", "¿Y?").replace("{help_line}", "{x}"), encoding="utf-8")
    before = read_folder(folder)

    result = vaxtext("import", sheet, folder)

    assert result.exit_code == 1
    assert f"{sheet}:" in result.output
    assert "Nothing was written." in result.output
    assert read_folder(folder) == before


def test_a_file_that_is_not_utf8_says_how_to_save_it(folder: Path) -> None:
    sheet = folder.parent / "es.csv"
    sheet.write_bytes("name;ñ".encode("latin-1"))

    result = vaxtext("import", sheet, folder)

    assert result.exit_code == 1
    assert "save it as 'CSV UTF-8'" in result.output


# Editing YAML

BEFORE = """\
a:
  w: |-
    x
    y

  # about b
  b: [c, d]  # behind b
  e: "q"   # behind e
  g:
h: {i: j, k: [l, m]}
# end
"""


def test_a_value_is_changed_and_every_other_letter_stays() -> None:
    assert edit(BEFORE, {("a", "e"): "z: 1", ("a", "g"): "no", ("h", "k"): ["x"]}) == (
        BEFORE.replace('"q"', '"z: 1"').replace("g:", 'g: "no"').replace("[l, m]", "[x]")
    )
    assert edit(BEFORE, {}) == BEFORE


def test_a_new_value_goes_below_its_last_neighbour() -> None:
    after = edit(BEFORE, {("a", "w"): "one\ntwo", ("a", "n"): "x", ("h", "o"): "p", ("t",): {"u": "1", "v": "2"}})

    assert after == (
        'a:\n  w: "one\\ntwo"\n\n  # about b\n  b: [c, d]  # behind b\n  e: "q"   # behind e\n  g:\n  "n": x\n'
        "h: {i: j, k: [l, m], o: p}\nt:\n  u: 1\n  v: 2\n# end\n"
    )


@given(st.text(max_size=30), st.lists(st.text(max_size=10), max_size=4))
def test_every_text_can_be_written_and_comes_back_as_it_was(text: str, several: list[str]) -> None:
    after = edit(BEFORE, {("a", "e"): text, ("a", "b"): several, ("h", "new"): text})

    data = read_yaml("", after).data
    assert data == {"a": {"w": "x\ny", "b": several, "e": text, "g": ""}, "h": {"i": "j", "k": ["l", "m"], "new": text}}
