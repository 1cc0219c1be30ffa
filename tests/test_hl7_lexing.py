"""HL7 v2 as text: escapes, separators, line ends, wrappers, character sets. PyPI `hl7` is the second opinion."""

from contextlib import suppress
from datetime import date

import hl7
import pytest
from fakes.hl7_samples import SAMPLES, needs_samples
from hypothesis import given
from hypothesis import strategies as st

from bot.iis.hl7v2.decoding import decode
from bot.iis.hl7v2.errors import MessageError
from bot.iis.hl7v2.escaping import Separators, escape, unescape
from bot.iis.hl7v2.lexing import READ, lex
from bot.iis.hl7v2.timestamps import day

MSH = r"MSH|^~\&|MYIIS|STATE|||20240618083101-0400||RSP^K11^RSP_K11|R1|P|2.5.1"
CUSTOM = Separators("!", "@", "#", "$", "%")


def message(*segments: str, end: str = "\r") -> str:
    return end.join((MSH, *segments, ""))


@given(st.text())
def test_what_is_escaped_stands_in_one_field_and_hl7_reads_it_back(text):
    parsed = hl7.parse(f"{MSH}\rPID|{escape(text)}|end")

    assert len(parsed) == 2
    assert len(parsed[1]) == 3
    assert parsed[1].extract_field(field_num=1) == text


@given(st.text(), st.sampled_from([Separators(), CUSTOM]))
def test_unescaping_undoes_escaping(text, separators):
    assert unescape(escape(text, separators), separators) == text


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"O\T\Neil \S\ \F\ \R\ \E\ ", r"O&Neil ^ | ~ \ "),
        (r"Jos\XC3A9\ ", "José "),
        (r"Jos\XC3\\XA9\ ", "José "),
        (r"Jos\XE9\ ", "José "),
        (r"Unit 2\.br\Door 3\.sp+1\!", "Unit 2\nDoor 3\n!"),
        (r"\H\Ana\N\ ", "Ana "),
        (r"\C2842\Ana\M243042\ ", "Ana "),
        (r"A\C", r"A\C"),
        (r"A\DC\E\ ", r"A\DC" + "\\ "),
        (r"\XZZ\ ", r"\XZZ\ "),
    ],
    ids=[
        *("separators", "UTF-8", "a byte each", "Latin", "line breaks", "highlights", "character sets"),
        *("a lone backslash", "a lone one before an escape", "no hex"),
    ],
)
def test_escape_sequences(written, meant):
    assert unescape(written) == meant


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=60))
def test_a_field_is_read_as_hl7_reads_it(field):
    text = message(f"PID|1|{field}|end")

    ours = lex(text).first("PID")
    theirs = hl7.parse(text).segment("PID")
    repeats = ours.repeats(2)
    for at, repetition in enumerate(str(theirs[2]).split("~")):
        assert [component.split("&") for component in repetition.split("^")] == [
            component.split("&") for component in repeats[at].components
        ]


@needs_samples
def test_the_samples_are_read_as_hl7_reads_them():
    for path in SAMPLES:
        lines = [line for line in path.read_text().replace("\r", "\n").split("\n") if line]
        theirs = [segment for segment in hl7.parse("\r".join(lines)) if str(segment[0]) in READ]

        ours = lex(path.read_text()).segments

        assert [segment.id for segment in ours] == [str(segment[0]) for segment in theirs]
        for segment, other in zip(ours, theirs, strict=True):
            assert [field.strip() for field in segment.fields] == [str(field).strip() for field in other]


@given(st.text())
def test_any_text_is_a_message_or_a_message_error(text):
    for attempt in (text, f"MSH{text}", f"MSH|^~\\&|{text}", f"{MSH}\rPID|{text}"):
        with suppress(MessageError):
            assert lex(attempt).header.id == "MSH"


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\r\n\r\n", "\n      "], ids=repr)
def test_any_line_end_will_do(end):
    assert [segment.id for segment in lex(message("MSA|AA|1", "PID|1", end=end)).segments] == ["MSH", "MSA", "PID"]


def test_segments_know_their_line_and_wrappers_and_framing_are_no_part_of_it():
    text = "\ufeffFHS|^~\\&\rBHS|^~\\&\r\x0b" + message("PID|1", "OBX|1|a", "b|c", "RXA|0") + "\x1c\rBTS|1\rFTS|1\r"

    assert [(segment.id, segment.line) for segment in lex(text).segments] == [("MSH", 3), ("PID", 4), ("RXA", 7)]


def test_other_encoding_characters_are_those_that_msh_names():
    found = lex("MSH!@#$%!A!B!!!2024!!RSP@K11\rPID!1!!x@y%z#q$T$r").first("PID")

    assert (found.text(3, 2, 2), found.repeats(3)[1].text()) == ("z", "q%r")


def test_a_line_that_begins_no_segment_goes_on_with_the_field_before_it():
    assert lex(message("PID|1||a", "b|c")).first("PID").text(3) == "a b"


@pytest.mark.parametrize(
    "text",
    ["", "PID|1", "MSH", "MSH|", "MSH|^~", "MSH|^^^^|", "MSHABCDE", r"MSH|^~\|&|", MSH + "\r" + MSH, "<html>"],
    ids=repr,
)
def test_no_message(text):
    with pytest.raises(MessageError):
        lex(text)


def test_null_and_what_is_not_there_are_nothing():
    pid = lex(message('PID|1|""|a')).first("PID")

    assert [pid.text(2), pid.text(3, 9), pid.text(3, 1, 9), pid.text(40)] == ["", "", "", ""]


def test_nothing_personal_is_printed():
    found = lex(message("PID|1||Reyes"))

    assert "Reyes" not in repr(found) + repr(found.first("PID")) + repr(found.first("PID").repeats(3))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("20210408", date(2021, 4, 8)),
        ("20090415132511", date(2009, 4, 15)),
        ("202104082330-0700", date(2021, 4, 8)),
        ("20210408003000.1234+1400", date(2021, 4, 8)),
        ("20210408003000.1234567", date(2021, 4, 8)),
        ("20091051132511", None),
        ("20210230", None),
        ("202104", None),
        ("2021", None),
        ("", None),
        ("20210408Z", None),
        ("２０２１０４０８", date(2021, 4, 8)),
    ],
)
def test_a_day_is_the_one_that_was_written_down(written, meant):
    assert day(written) == meant


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [
        ("", "utf-8"),
        ("", "cp1252"),
        ("ASCII", "cp1252"),
        ("UNICODE UTF-8", "utf-8"),
        ("8859/1", "latin-1"),
        ("8859/15~UNICODE UTF-8", "iso8859-15"),
    ],
)
def test_character_sets(charset, encoding):
    lines = [f"{MSH}||||||{charset}", "PID|1||José O’Neil" if encoding in ("utf-8", "cp1252") else "PID|1||José"]

    assert decode([line.encode(encoding) for line in lines]) == lines


@pytest.mark.parametrize("charset", ["KLINGON", "8859/12", "8859/99", "UNICODE UTF-16", "GB 18030-2000"])
def test_what_cannot_be_decoded_is_a_message_error(charset):
    with pytest.raises(MessageError):
        decode([f"{MSH}||||||{charset}".encode(), b"PID|\xff\xff"])
