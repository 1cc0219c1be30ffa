"""CSV files as spreadsheets and registries write them."""

import io
import tracemalloc
from datetime import date
from pathlib import Path

import pytest

from bot.iis.dose import Dose
from bot.iis.loading.csv_files import read
from bot.iis.loading.csv_lines import LONGEST
from bot.iis.loading.entries import Rejected
from bot.records import Immunization, VaccineRecord

HEADER = "person_id,family,given,suffix,birth_date,phone,email,dose_id,cvx,date,lot,place,mvx,status"
ANA = "p1,Reyes,Ana,,1985-03-27,360-555-0100,,d1,208,2021-04-08,EW0162,Fairgrounds,PFR,completed"
RECORD = VaccineRecord("p1", "Reyes", ("Ana",), date(1985, 3, 27), phones=frozenset({"+13605550100"}))
DOSE = Dose("p1", "d1", Immunization("208", date(2021, 4, 8), "EW0162", "Fairgrounds", "PFR"))


def entries(*lines, encoding="utf-8", header=HEADER, end="\n"):
    content = "\n".join((header, *lines)) + end if encoding else b"\n".join((header.encode(), *lines, b""))
    content = content.encode(encoding) if encoding else content
    return list(read(Path("people.csv"), io.BytesIO(content), lambda size: None))


def with_(**values):
    """Ana's line with some other values."""
    fields = dict(zip(HEADER.split(","), ANA.split(","), strict=True)) | values
    return ",".join(fields.values())


def reasons(*lines, **more):
    return [(entry.where, entry.reason) for entry in entries(*lines, **more) if isinstance(entry, Rejected)]


def test_a_line_is_a_person_and_a_dose():
    assert entries(ANA) == [RECORD, DOSE]


def test_a_person_with_several_doses_is_one_person():
    second = with_(dose_id="d2", date="2021-04-29")

    assert [type(entry) for entry in entries(ANA, second)] == [VaccineRecord, Dose, Dose]


def test_a_person_without_a_dose_has_empty_columns():
    assert entries(with_(dose_id="", cvx="", date="", lot="", place="", mvx="", status="")) == [RECORD]


def test_a_dose_that_cannot_be_read_does_not_cost_the_person():
    person, wrong = entries(with_(cvx="Pfizer"))

    assert person == RECORD
    assert wrong == Rejected("people.csv:2", "cvx is no CVX code, such as 208", person_id="p1")


def test_several_phones_emails_and_given_names_have_a_semicolon_between_them():
    (person, _) = entries(
        with_(given="Ana; María", phone="360-555-0100;3605550101;none", email="A@Example.org; b@c.org")
    )

    assert person.given == ("Ana", "María")
    assert person.contacts == {"+13605550100", "+13605550101", "a@example.org", "b@c.org"}


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_a_delimiter_may_be(delimiter):
    header, line = (text.replace(",", delimiter) for text in (HEADER, ANA))

    assert entries(line, header=header) == [RECORD, DOSE]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
def test_letters_are_read_in(encoding):
    (person, _) = entries(with_(family="Muñoz-Peña", given="José"), encoding=encoding)

    assert person.name == "José Muñoz-Peña"


def test_a_line_in_another_encoding_than_the_lines_above_is_rejected_and_the_next_one_read():
    lines = [with_(family="Peña").encode(), with_(family="Peña").encode("latin-1"), with_(person_id="p2").encode()]

    assert reasons(*lines, encoding=None) == [("people.csv:3", "letters that are not in the file's encoding")]
    assert entries(*lines, encoding=None)[-2].patient_id == "p2"


def test_windows_line_ends_quotes_and_empty_lines_are_no_matter():
    quoted = with_(place='"Fairgrounds, ""North"""')
    content = f"\r\n{HEADER}\r\n,,,,,,,,,,,,,\r\n{quoted}\r\n"

    _, dose = read(Path("people.csv"), io.BytesIO(content.encode()), lambda size: None)

    assert dose.given.place == 'Fairgrounds, "North"'


def test_the_order_and_the_case_of_columns_are_no_matter():
    header = "CVX, Date,Given,Family,Birth Date,Person_ID"

    person, dose = entries("08,4/8/2021,Ana,Reyes,3/27/1985,p1", header=header)

    assert (person.patient_id, person.birth_date) == ("p1", date(1985, 3, 27))
    assert dose == Dose("p1", "2021-04-08 08", Immunization("08", date(2021, 4, 8)))


@pytest.mark.parametrize("written", ["2021-04-08", "2021-04-08T23:30:00-07:00", "04/08/2021", "4/8/2021 0:00"])
def test_a_date_is_read_as_written(written):
    assert entries(with_(date=written))[1] == DOSE


def test_a_cvx_code_that_a_spreadsheet_shortened_is_whole_again():
    assert entries(with_(cvx="8"))[1].given.cvx == "08"


@pytest.mark.parametrize("status", ["entered-in-error", "not-done", "RE", "NA", "D"])
def test_a_dose_that_was_taken_back_needs_only_its_id(status):
    assert entries(with_(status=status, cvx="", date=""))[1] == Dose("p1", "d1", None)


def test_no_vaccine_administered_is_no_dose():
    assert entries(with_(cvx="998")) == [RECORD]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"person_id": ""}, "person_id is empty or has more than 64 characters"),
        ({"person_id": "x" * 65}, "person_id is empty or has more than 64 characters"),
        ({"family": "", "given": ""}, "family and given are both empty"),
        ({"birth_date": "27.03.1985"}, "birth_date is no full date, such as 1985-03-27 or 03/27/1985"),
        ({"birth_date": "13/27/1985"}, "birth_date is no full date, such as 1985-03-27 or 03/27/1985"),
        ({"cvx": "208" * 900, "dose_id": ""}, "cvx is no CVX code, such as 208"),
        ({"cvx": "20821"}, "cvx is no CVX code, such as 208"),
        ({"cvx": "0"}, "cvx is no CVX code, such as 208"),
        ({"date": "2021"}, "date is no full date, such as 1985-03-27 or 03/27/1985"),
        ({"status": "unknown"}, "status is none of completed, cp, pa, entered-in-error, not-done, re, na, d"),
        ({"place": "a,b"}, "more fields than columns: quote a field that holds the delimiter"),
        ({"family": '"Reyes'}, "a quote that does not end on its line, or a field without end"),
    ],
    ids=lambda value: None if isinstance(value, str) else "-".join(value),
)
def test_a_line_is_rejected_with_its_column_and_the_next_one_read(change, reason):
    after = with_(person_id="p2")

    assert reasons(with_(**change), after) == [("people.csv:2", reason)]
    assert entries(with_(**change), after)[-1].person_id == "p2"


def test_a_line_that_ends_too_early_is_rejected():
    assert reasons("p1,Reyes,Ana", ANA) == [("people.csv:2", "only 3 of 14 fields")]


@pytest.mark.parametrize(
    "last",
    ["p2,Reyes,Ana", 'p2,Reyes,"Ana', ANA[:-3], ANA.removesuffix("completed"), ANA],
    ids=["a line", "a quote", "a word", "a field", "nothing"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_last_line_without_its_end_is_rejected_for_the_file_may_be_cut_off_there(last, encoding):
    person, dose, rejected = entries(ANA, last, encoding=encoding, end="")

    assert (person, dose) == (RECORD, DOSE)
    assert rejected.where == "people.csv:3"
    assert rejected.reason.startswith("without an end of the line: the file may be cut off here")
    assert rejected.leaves_file_unread


def test_a_vaccine_of_which_the_end_is_cut_off_is_not_loaded_as_another():
    header, line = "person_id,family,given,birth_date,date,cvx", "p1,Reyes,Ana,1985-03-27,2021-04-08,208"

    assert entries(line, header=header)[-1].given.cvx == "208"
    assert [type(entry) for entry in entries(line.removesuffix("8"), header=header, end="")] == [Rejected]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_line_that_is_far_too_long_is_rejected_in_flat_memory_and_the_next_one_read(encoding):
    endless = with_(place="x" * (40 * LONGEST))
    content, heard = f"{HEADER}\n{endless}\n{ANA}\n".encode(encoding), []

    tracemalloc.start()
    rejected, *after = read(Path("people.csv"), io.BytesIO(content), heard.append)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert rejected == Rejected("people.csv:2", "a line of more than 1,000,000 characters", unread=True)
    assert after == [RECORD, DOSE]
    assert sum(heard) == len(content)
    assert most < 10 * LONGEST


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (HEADER.replace("lot", "lot_number"), "there is no column named 'lot_number'"),
        (HEADER.replace("birth_date,", "").replace(",cvx", ""), "without the column birth_date and the column cvx"),
        (f"{HEADER},lot", "the column lot is there twice"),
        (ANA, "the first line is no header"),
        ("", "the first line is no header"),
    ],
    ids=["an unknown column", "missing columns", "a column twice", "no header", "nothing"],
)
def test_a_file_is_rejected_for_its_header(header, reason):
    (rejected,) = entries(ANA, header=header) if header else entries(header=header)

    assert rejected.reason.startswith(reason)
    assert rejected.leaves_file_unread
    assert "Reyes" not in rejected.reason
    assert "twice" in reason or "needed are person_id, family, given, birth_date, cvx, date; known" in rejected.reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_progress_hears_of_every_byte(encoding):
    content, heard = "\n".join((HEADER, ANA, ANA)).encode(encoding), []

    list(read(Path("people.csv"), io.BytesIO(content), heard.append))

    assert sum(heard) == len(content)


def test_the_example_in_the_guide_is_read_as_it_says():
    guide = (Path(__file__).parents[1] / "docs/registry.md").read_bytes()
    example = guide[guide.index(b"person_id,family") :].split(b"```")[0]

    jose, first, _, tom = read(Path("people.csv"), io.BytesIO(example), lambda size: None)

    assert (jose.name, jose.phones) == ("José Ángel Muñoz-Peña", {"+13605550103", "+13605550104"})
    assert first.given.place == 'Clínica "San Martín"'
    assert tom.emails == {"tom@example.org"}
