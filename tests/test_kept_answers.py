"""A kept answer passes its check again, unchanged: questions that are asked once look at it another time."""

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.conversation.answers import CHECKS, Asked, Clean
from bot.conversation.flow import Words

LANGUAGES = {"en": "mdy", "es": "mdy", "vi": "dmy", "ko": "ymd", "ar": "dmy"}
TODAY = date(2026, 11, 1)


def asked(language: str = "en", **answers: str) -> Asked:
    words = Words(language, "", (), LANGUAGES[language], {}, {}, {}, {})
    options = {"none": ("no",), "this_number": ("mine",)}
    return Asked(words, tuple(LANGUAGES), options, TODAY, "+13605550100", answers, {"region": "US"}, 60)


@given(st.sampled_from(["person_name", "middle_name", "contact", "new_pin"]), st.text(max_size=20))
@example("middle_name", "NO")
@example("person_name", "  José Ángel 😀 O’Neill. ")
@example("person_name", "王 小明")
@example("contact", "mine")
@example("contact", "(360) 555-0177 ext 4")
@example("contact", "<Ana@Example.ORG>")
@example("new_pin", "４８２１")
def test_what_was_kept_is_taken_again_as_it_is(check: str, text: str) -> None:
    found = CHECKS[check].run(text, asked())

    if isinstance(found, Clean):
        assert CHECKS[check].run(found.value, asked()) == found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_kept_birth_date_is_never_ambiguous(language: str) -> None:
    for number in range(0, 119 * 365, 13):
        value = (TODAY - timedelta(days=number)).isoformat()
        assert CHECKS["date_of_birth"].run(value, asked(language)) == Clean(value, "ok")
