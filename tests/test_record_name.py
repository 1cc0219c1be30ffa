"""What residents get is named once in each language, and the name fits what is shown."""

import re
from pathlib import Path

import pytest

from bot.conversation.flow_files import check_flow
from bot.conversation.problems import Problem
from bot.conversation.record_name import with_record
from bot.flow_folder import read_folder

FILES = read_folder(Path(__file__).parent.parent / "flows" / "vaccine_record")
NO_DISEASE = "vaccine record"


def problems(shown: str, name: str = NO_DISEASE, **texts: str) -> list[Problem]:
    """What the checker says of the English words with this setting, name and other texts."""
    flow = FILES["flow.yaml"].replace("vaccines: [COVID-19]", f"vaccines: {shown}")
    files = {
        **FILES,
        "flow.yaml": flow.replace("languages: [en, es, zh-Hans, zh-Hant, ko, vi, ar, tl]", "languages: [en]"),
    }
    files = {path: text for path, text in files.items() if not path.startswith("text/")}
    files["flow.yaml"] = files["flow.yaml"].replace(
        "options: [en, es, zh-Hans, zh-Hant, ko, vi, ar, tl]", "options: [en]"
    )
    words = FILES["text/en.yaml"]
    for text, said in {"record_name": name, **texts}.items():
        words = re.sub(rf"(?m)^  {text}: .*$", f'  {text}: "{said}"', words)
    found = check_flow({**files, "text/en.yaml": words})[1]
    return [p for p in found if p.level != "note" and "{vaccine}" not in p.text]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{record}", "Flu record"),
        ("{record} by text", "Flu record by text"),
        ("Your {record}", "Your flu record"),
        ("State registry: {record} by text", "State registry: flu record by text"),
        ("Hello. {record} by text", "Hello. Flu record by text"),
        ("Gone?\n{record}: no {record}", "Gone?\nFlu record: no flu record"),
        ("¿{record}?", "¿Flu record?"),
        ("nothing of it", "nothing of it"),
    ],
)
def test_the_name_is_written_as_inside_a_sentence_and_has_a_capital_where_one_begins(text: str, said: str) -> None:
    assert with_record(text, "flu record") == said


@pytest.mark.parametrize("name", ["疫苗记录", "백신 기록", "سجل لقاح", "COVID-19 record"])
def test_what_has_no_small_letters_stays_as_it_is(name: str) -> None:
    assert with_record("{record}", name) == name


@pytest.mark.parametrize(
    ("shown", "name"),
    [
        ("[COVID-19]", "COVID-19 vaccine record"),
        ("[COVID-19]", "coronavirus vaccine record"),
        ("[COVID-19]", NO_DISEASE),
        ("Influenza", "flu vaccine record"),
        ("Influenza", NO_DISEASE),
        ("[COVID-19, Influenza]", "COVID-19 and flu record"),
        ("[COVID-19, Influenza]", NO_DISEASE),
        ("Meningococcal B", "meningococcal B record"),
        ("MMR", "measles vaccine record"),
        ("all", NO_DISEASE),
    ],
)
def test_a_name_that_fits_is_left_alone(shown: str, name: str) -> None:
    assert problems(shown, name) == []


@pytest.mark.parametrize(
    ("shown", "name", "said"),
    [
        ("Influenza", "COVID-19 vaccine record", "speaks of COVID-19, which flow.yaml does not show"),
        ("Influenza", "coronavirus record", "speaks of COVID-19, which flow.yaml does not show"),
        ("Influenza", "COVID19 record", "speaks of COVID-19, which flow.yaml does not show"),
        ("[COVID-19]", "flu and COVID-19 record", "speaks of Influenza, which flow.yaml does not show"),
        (
            "[COVID-19, Influenza]",
            "COVID-19 vaccine record",
            "speaks of COVID-19 alone, and flow.yaml shows Influenza too",
        ),
        ("all", "COVID-19 vaccine record", "speaks of COVID-19 alone, and flow.yaml shows all others too"),
        ("Meningococcal", "meningococcal B record", "speaks of Meningococcal B, which flow.yaml does not show"),
        ("MMR", "chickenpox record", "speaks of Varicella, which flow.yaml does not show"),
    ],
)
def test_a_name_that_does_not_fit_is_an_error_where_it_stands(shown: str, name: str, said: str) -> None:
    (problem,) = problems(shown, name)

    line = next(n for n, text in enumerate(FILES["text/en.yaml"].split("\n"), 1) if "record_name:" in text)
    assert (problem.file, problem.line, problem.level) == ("text/en.yaml", line, "error")
    assert said in problem.text
    assert problem.text.endswith("name what is shown, or no disease ('vaccine record')")


@pytest.mark.parametrize(
    ("shown", "level"), [("[COVID-19]", ""), ("[COVID-19, Influenza]", "warning"), ("all", "warning"), ("MMR", "error")]
)
def test_a_text_that_says_covid_itself_is_reported_where_that_may_be_wrong(shown: str, level: str) -> None:
    found = problems(shown, goodbye="Thank you. Text us for a COVID-19 record, or call {help_line}.")

    assert [(p.level, p.text.partition(":")[0]) for p in found] == ([(level, "say.goodbye")] if level else [])
    assert all("write {record}, or reword it" in problem.text for problem in found)


def test_the_page_is_looked_at_too() -> None:
    (problem,) = problems("Influenza", title="COVID-19 {record}")

    assert problem.text.startswith("page.title: this speaks of COVID-19")
    assert problem.level == "error"


def test_a_word_that_only_holds_the_name_of_a_vaccine_is_another_word() -> None:
    assert problems("[COVID-19]", goodbye="Influential thanks. Call {help_line}.") == []
