"""The engine as plain Python: what every text leads to, and what no series of texts ever leads to."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation import carrier
from bot.conversation.actions import ACTIONS, LONGEST_WORK
from bot.conversation.answers import CHECKS, Asked, Clean
from bot.conversation.engine import advance
from bot.conversation.events import Delay, Outcome, Text, Turn
from bot.conversation.flow import Flow
from bot.conversation.gsm7 import segments
from bot.conversation.machine import build_machine
from bot.conversation.session import Answered, Session
from bot.conversation.wording import fill, fingerprint
from bot.flow_folder import open_flow

FLOW = open_flow(Path(__file__).parent.parent / "flows" / "vaccine_record")
ANA = "+13605550100"
NOW = 1_795_000_000.0  # in November 2026
ANSWERS = {
    "welcome": "1",
    "ask_first_name": "Xiomara",
    "ask_last_name": "Quetzal",
    "ask_dob": "03/04/1985",
    "confirm_dob": "1",
    "ask_dob_words": "March 4 1985",
    "ask_contact": "1",
    "declare": "1",
    "ask_pin": "4821",
    "ask_format": "1",
    "declare_elsewhere": "1",
    "ask_pin_elsewhere": "4821",
}
ELSEWHERE = {**ANSWERS, "ask_contact": "zelda@example.org"}
WORDED = {**ANSWERS, "confirm_dob": "2"}
LED_TO_BY = {"not_found": "no_match", "done": "sent", "done_picture": "sent_picture", "closed": "sent_elsewhere"}
ASKING = [name for name, state in FLOW.states.items() if state.waits]


class Chat:
    """One phone's conversation with the engine, minute by minute."""

    def __init__(self, flow: Flow = FLOW) -> None:
        self.flow, self.now, self.texts = flow, NOW, 0
        self.session = Session(phone=ANA)
        self.turn = Turn(self.session)

    def text(self, *bodies: str, opt_out: str = "") -> str:
        for body in bodies:
            self.texts += 1
            self.take(advance(self.flow, self.session, Text(body, f"SM{self.texts}", opt_out), now=self.now))
        return self.reply

    def outcome(self, name: str, work_id: str = "", *, elsewhere: bool = False, **values: str) -> str:
        work_id = work_id or self.session.work[-1].id
        self.take(advance(self.flow, self.session, Outcome(work_id, name, values, elsewhere=elsewhere), now=self.now))
        return self.reply

    def delay(self) -> str:
        self.take(advance(self.flow, self.session, Delay(self.session.work[-1].id), now=self.now))
        return self.reply

    def take(self, turn: Turn) -> None:
        assert len(turn.replies) <= 1
        assert turn.session.state in ("", *self.flow.states)
        assert Session.from_bytes(turn.session.to_bytes()) == turn.session
        self.turn, self.session = turn, turn.session

    @property
    def reply(self) -> str:
        return self.turn.replies[0] if self.turn.replies else ""

    @property
    def state(self) -> str:
        return self.session.state

    def says(self, name: str, **values: str) -> str:
        """A text as the resident would read it, without its menu."""
        return fill(self.flow.words_in(self.session.language).say[name], {**self.flow.values, **values})


def at(state: str, language: str = "1") -> Chat:
    """A conversation that has come to `state` by proper answers."""
    chat = Chat()
    chat.text("Hi")
    way = ELSEWHERE if "elsewhere" in state else WORDED if state == "ask_dob_words" else ANSWERS
    way = {**way, "welcome": language}
    while chat.state != state:
        if chat.flow.states[chat.state].kind == "do":
            chat.outcome(LED_TO_BY[state], link="L")
        else:
            chat.text(way[chat.state])
    return chat


def said(keyword: str) -> Iterable[str]:
    return [word for words in FLOW.words.values() for word in words.keywords[keyword]]


every_state = pytest.mark.parametrize("state", [*ASKING, "looking", "looking_elsewhere"])
every_question = pytest.mark.parametrize("state", ASKING)
after_welcome = pytest.mark.parametrize("state", [name for name in ASKING if name != "welcome"])


# Keywords


@every_state
@pytest.mark.parametrize("word", said("restart"))
def test_restart_begins_again_anywhere_and_forgets(word: str, state: str) -> None:
    chat = at(state, "2")

    chat.text(word.upper())

    assert chat.state == "welcome"
    assert (chat.session.answers, chat.session.path, chat.session.work) == ({}, (), ())
    assert chat.reply.startswith(chat.says("welcome"))


@every_state
@pytest.mark.parametrize("word", said("agent"))
def test_agent_gives_the_help_line_anywhere_and_forgets(word: str, state: str) -> None:
    chat = at(state)

    assert chat.text(f"{word}!") == FLOW.words["en"].say["call_us"].format(help_line="1-833-555-0199")
    assert chat.session == chat.session.forgotten()


@every_state
@pytest.mark.parametrize("word", said("help"))
def test_a_word_for_help_says_what_can_be_texted_and_asks_again(word: str, state: str) -> None:
    chat = at(state)
    before = chat.session

    chat.text(word)

    assert chat.reply.startswith(chat.says("help"))
    assert replace(chat.session, turns=before.turns) == before
    assert chat.reply == chat.says("help") or len(chat.reply) > len(chat.says("help")) + 10


@every_state
@pytest.mark.parametrize("word", said("stop"))
def test_our_own_words_for_stop_forget_in_silence(word: str, state: str) -> None:
    chat = at(state)

    assert chat.text(word) == ""
    assert chat.session == Session(phone=ANA, touched=NOW)


@every_state
@pytest.mark.parametrize("word", ["BACK", "atras", "¡Atrás!"])
def test_back_asks_the_question_before_and_forgets_its_answer(word: str, state: str) -> None:
    chat = at(state)
    path = chat.session.path

    chat.text(word)

    if not path:
        assert chat.state == state
    else:
        before = FLOW.states[chat.state]
        assert chat.state in path
        assert before.subject not in chat.session.answers
        assert chat.session.path == path[: path.index(chat.state)]
    assert "{" not in chat.reply


@after_welcome
def test_back_again_and_again_ends_at_the_first_question_or_the_work(state: str) -> None:
    chat = at(state)

    for _ in range(12):
        chat.text("back")
        assert "{" not in chat.reply

    assert chat.state == (state if state in LED_TO_BY else "welcome")


def test_back_forgets_everything_after_too() -> None:
    chat = at("ask_format")

    chat.text("back", "back", "back", "back")

    assert chat.state == "confirm_dob"
    assert set(chat.session.answers) == {"language", "first_name", "last_name", "birth_date"}


def test_back_passes_over_a_question_about_an_answer_that_is_gone() -> None:
    chat = at("ask_dob_words")

    assert chat.text("back") == chat.says("ask_dob")
    assert chat.state == "ask_dob"
    assert "birth_date" not in chat.session.answers


def test_back_never_takes_work_back() -> None:
    chat = at("looking")
    work = chat.session.work

    assert chat.text("back") == chat.says("looking.waiting")
    assert chat.session.work == work


def test_back_after_the_work_stops_at_what_came_of_it() -> None:
    chat = at("not_found")

    chat.text("1", "Ana", "back", "back", "back", "back")

    assert chat.state == "not_found"


@pytest.mark.parametrize(("word", "text"), [("agent", "call_us"), ("how", "help"), ("restart", "welcome")])
def test_a_keyword_may_be_the_first_word_of_all(word: str, text: str) -> None:
    chat = Chat()

    assert chat.text(word).startswith(chat.says(text))


# Languages


@every_question
@pytest.mark.parametrize(("language", "name", "code"), [("1", "ESPAÑOL", "es"), ("2", "inglés", "en")])
def test_a_languages_name_switches_and_asks_again(language: str, name: str, code: str, state: str) -> None:
    chat = at(state, language)
    before = chat.session

    chat.text(name)

    assert chat.session.language == code
    if state == "welcome":
        assert chat.reply == chat.says("ask_first_name")
    else:
        assert chat.state == state
        assert chat.session.tries == before.tries
        values = {"birth_date": "March 4, 1985" if code == "en" else "4 de marzo de 1985"}
        asked = "done.retry.not_an_option" if state == "done" else FLOW.states[state].say  # a link is said once
        assert chat.reply.startswith(chat.says(asked, **values))


def test_a_language_may_be_the_first_word_of_all() -> None:
    chat = Chat()

    assert chat.text("español") == FLOW.words["es"].say["ask_first_name"]


def test_while_we_look_a_language_is_switched_too() -> None:
    chat = at("looking")

    assert chat.text("español") == FLOW.words["es"].say["looking.waiting"]
    assert chat.outcome("sent", link="L").startswith(fill(FLOW.words["es"].say["done"], {"link": "L"}))


def test_a_name_that_is_the_current_languages_name_is_a_name() -> None:
    chat = at("ask_last_name")

    assert chat.text("English") == chat.says("ask_dob")
    assert chat.session.answers["last_name"] == "English"


# Carrier words


@every_state
@pytest.mark.parametrize("word", [*sorted(carrier.STOP), *sorted(carrier.START), "stop."])
def test_the_carriers_words_come_first_and_forget_in_silence(word: str, state: str) -> None:
    chat = at(state)

    assert chat.text(word.upper()) == ""
    assert chat.session == Session(phone=ANA, touched=NOW)
    assert chat.turn.work is None


@every_state
@pytest.mark.parametrize("word", ["HELP", "info"])
def test_the_carriers_help_changes_nothing(word: str, state: str) -> None:
    chat = at(state)
    before = chat.session

    assert chat.text(word) == ""
    assert chat.session == before


@pytest.mark.parametrize(("opt_out", "forgets"), [("STOP", True), ("START", True), ("HELP", False)])
def test_twilios_opt_out_type_counts_whatever_the_text(opt_out: str, forgets: bool) -> None:
    chat = at("ask_last_name")

    assert chat.text("Reyes", opt_out=opt_out) == ""
    assert chat.state == ("" if forgets else "ask_last_name")


def test_an_opt_out_type_that_we_do_not_know_takes_nothing_from_stop() -> None:
    chat = at("ask_last_name")

    assert chat.text("STOP", opt_out="PAUSE") == ""
    assert chat.state == ""


def test_yes_is_an_ordinary_answer() -> None:
    chat = at("confirm_dob")

    assert chat.text("YES") == chat.says("ask_contact")


def test_no_is_an_ordinary_answer() -> None:
    assert at("confirm_dob").text("no") == FLOW.words["en"].say["ask_dob_words"]
    assert at("declare").text("NO").startswith("We cannot send a record without that.")


# Tries and other bounds


def test_a_wrong_answer_gets_kinder_texts_and_then_the_help_line() -> None:
    chat = at("ask_dob")

    replies = [chat.text("tomorrow or so") for _ in range(4)]

    names = ["ask_dob.retry.not_a_date", "ask_dob.retry.not_a_date.2", "ask_dob.retry.not_a_date.3", "call_us"]
    assert replies == [fill(FLOW.words["en"].say[name], FLOW.values) for name in names]
    assert chat.session == chat.session.forgotten()


@every_question
def test_every_question_gives_up_after_its_tries(state: str) -> None:
    chat = at(state)
    wrong = "@@@ 7 7 7"

    replies = [chat.text(wrong) for _ in range(4)]

    assert replies[-1].startswith("Let a person help you.")
    assert all(reply != replies[-1] for reply in replies[:-1])
    assert chat.state == ""


def test_a_text_that_cannot_be_read_costs_no_try() -> None:
    chat = at("ask_first_name")

    for body in ("", "😀", " "):
        assert chat.text(body) == f"{chat.says('unreadable')}\n{chat.says('ask_first_name')}"
    assert "ask_first_name" not in chat.session.tries


def test_going_back_costs_no_try() -> None:
    chat = at("ask_dob")

    for _ in range(6):
        chat.text("back", "Reyes")

    assert chat.text("yesterday") == chat.says("ask_dob.retry.not_a_date")


def test_an_answer_that_was_good_in_the_end_starts_the_count_anew() -> None:
    chat = at("ask_dob")
    chat.text("yesterday", "yesterday", "3/27/1985", "back")

    assert chat.text("yesterday") == chat.says("ask_dob.retry.not_a_date")


def test_tries_of_one_question_do_not_count_for_the_next() -> None:
    chat = at("ask_first_name")

    assert chat.text("1", "1", "1", "Ana", "1") == chat.says("ask_last_name.retry.not_a_name")


def test_a_date_that_is_wrong_again_and_again_comes_to_an_end() -> None:
    chat = at("confirm_dob")

    for _ in range(FLOW.limits.turns):
        chat.text("2", "03/04/1985")
        if not chat.state:
            break

    assert chat.reply.startswith("Let a person help you.")


def test_a_record_that_is_not_found_again_and_again_comes_to_an_end() -> None:
    chat = at("not_found")
    rounds = 0

    while chat.state:
        rounds += 1
        chat.text("2")
        while chat.state not in ("", "looking"):
            chat.text(ANSWERS[chat.state])
        if chat.state:
            chat.outcome("no_match")

    assert rounds <= 15  # a day's lookups end before
    assert chat.reply.startswith("Let a person help you.")


def test_fifty_turns_are_enough_for_anybody() -> None:
    chat = at("ask_first_name")

    for _ in range(48):
        assert chat.state
        chat.text("how")

    assert chat.text("how").startswith("Let a person help you.")
    assert chat.state == ""


@pytest.mark.parametrize(("word", "state"), [("reiniciar", "welcome"), ("leave me alone", ""), ("STOP", "")])
def test_words_that_forget_all_count_after_the_last_turn_too(word: str, state: str) -> None:
    chat = at("ask_first_name")
    chat.text(*["how"] * 38)

    reply = chat.text(word)

    assert reply.partition("\n")[0] == (chat.says("welcome") if state else "")
    assert (chat.state, chat.session.answers) == (state, {})


def test_a_long_number_or_a_foreign_digit_is_no_crash() -> None:
    for body in ("9" * 1600, "00015", "00015 link", "፩", "½"):
        assert at("ask_format").text(body).startswith("Please send 1 for a link")


@pytest.mark.parametrize("minutes", [30, 31], ids=["idle as allowed", "idle too long"])
def test_a_conversation_that_is_idle_too_long_begins_anew(minutes: int) -> None:
    chat = at("ask_last_name")
    chat.now += minutes * 60

    chat.text("Reyes")

    assert chat.state == ("ask_dob" if minutes == 30 else "welcome")
    assert ("first_name" in chat.session.answers) == (minutes == 30)


def test_a_conversation_that_takes_too_long_altogether_begins_anew() -> None:
    chat = at("ask_first_name")

    for _ in range(8):
        assert chat.state == "ask_first_name"
        chat.now += 16 * 60
        chat.text("how")

    assert chat.state == "welcome"
    assert chat.session.turns == 1


# Nobody was found


@pytest.mark.parametrize(
    ("choice", "asked", "changes"),
    [
        ("1", ("Zoe", "Quint"), {"first_name": "Zoe", "last_name": "Quint"}),
        ("2", ("May 4 1986",), {"birth_date": "1986-05-04"}),
        ("2", ("5/4/1986", "1"), {"birth_date": "1986-05-04"}),
        ("2", ("5/4/1986", "2", "April 5 1986"), {"birth_date": "1986-04-05"}),
        ("3", ("this number",), {}),
    ],
    ids=["name", "birth date", "ambiguous date", "date that was misread", "the same contact"],
)
def test_only_what_may_be_wrong_is_asked_again_and_all_else_is_handed_over_as_before(
    choice: str, asked: tuple[str, ...], changes: dict[str, str]
) -> None:
    chat = at("looking")
    before = chat.session.work[0].answers
    chat.outcome("no_match")

    assert chat.text(choice, *asked) == chat.says("looking")

    assert chat.turn.work is not None
    assert chat.turn.work.answers == {**before, **changes}


def test_with_another_contact_no_format_is_handed_over() -> None:
    chat = at("looking")
    before = dict(chat.session.work[0].answers)
    chat.outcome("no_match")

    chat.text("3", "zelda@example.org")

    assert chat.state == "looking_elsewhere"
    del before["format"]
    assert chat.session.work[0].answers == {**before, "contact": "zelda@example.org"}


@pytest.mark.parametrize(
    ("pin", "choice", "answer", "state"),
    [
        ("0405", "2", "April 5 1986", "ask_pin"),
        ("0177", "3", "360-555-0177", "ask_pin_elsewhere"),
    ],
    ids=["birth date", "phone"],
)
def test_a_pin_that_is_part_of_the_new_answer_is_refused_and_only_then_asked_again(
    pin: str, choice: str, answer: str, state: str
) -> None:
    chat = at("ask_pin")
    chat.text(pin, "1")
    chat.outcome("no_match")

    assert chat.text(choice, answer) == chat.says("ask_pin.retry.personal")
    assert chat.state == state
    assert chat.text(pin) == chat.says("ask_pin.retry.personal")
    assert chat.text("4821") == chat.says("looking")
    assert chat.session.work[0].answers["pin"] == "4821"


def test_back_from_what_is_asked_again_never_looks_with_an_answer_missing() -> None:
    chat = at("not_found")

    chat.text("1", "Zoe", "back", "back")

    assert chat.state == "not_found"
    assert chat.text("2") == chat.says("ask_first_name")
    chat.text("Zoe", "Quint", "May 4 1986")
    assert set(ACTIONS["send_record"].needs) <= set(chat.session.work[0].answers)


def test_nothing_is_kept_once_nobody_wants_to_try_again() -> None:
    chat = at("not_found")

    chat.text("4")

    assert chat.session == chat.session.forgotten()


@pytest.mark.parametrize("state", ["done", "done_picture", "closed"])
def test_the_next_person_is_asked_for_everything_but_the_contact(state: str) -> None:
    chat = at(state)

    chat.text("1")

    assert set(chat.session.answers) == {"language", "contact", "another"}


# Work


def test_the_last_answer_starts_work_with_all_it_needs() -> None:
    chat = at("ask_format")

    assert chat.text("2") == chat.says("looking")

    assert chat.turn.action == "send_record"
    assert chat.turn.work is not None
    witness = chat.turn.work.answers["declaration.witness"]
    assert chat.turn.work.answers == {
        "first_name": "Xiomara",
        "last_name": "Quetzal",
        "birth_date": "1985-03-04",
        "contact": ANA,
        "declaration": "agree",
        "declaration.witness": witness,
        "pin": "4821",
        "format": "picture",
    }


@pytest.mark.parametrize(("choice", "code"), [("1", "en"), ("2", "es")])
def test_the_declaration_is_kept_with_what_was_shown_and_when(choice: str, code: str) -> None:
    chat = at("ask_pin", choice)

    shown = FLOW.words[code].say["declare"]
    assert chat.session.answers["declaration.witness"] == f"{code}:{fingerprint(shown)}:{int(NOW)}"


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        ("sent", "done"),
        ("sent_picture", "done_picture"),
        ("sent_elsewhere", "closed"),
        ("no_match", "not_found"),
        ("no_match_elsewhere", "closed"),
        ("over_limit", "too_many"),
        ("down", "try_later"),
        ("fault", "try_later"),
        ("nonsense", "try_later"),
    ],
)
def test_every_outcome_has_its_text(outcome: str, text: str) -> None:
    chat = at("looking")

    chat.outcome(outcome, link="https://x.example/r/T")

    expected = fill(FLOW.words["en"].say[text], {**FLOW.values, "link": "https://x.example/r/T"})
    assert chat.reply.startswith(expected)
    assert chat.session.work == ()
    assert chat.state == (text if text in LED_TO_BY else "")


def test_an_outcome_counts_once() -> None:
    chat = at("looking")
    work_id = chat.session.work[0].id

    chat.outcome("sent", link="L")

    assert chat.outcome("sent", work_id, link="L") == ""


def test_the_late_outcome_of_an_older_question_says_nothing() -> None:
    chat = at("looking")
    work_id = chat.session.work[0].id
    chat.text("restart", "1", "Ana")

    assert chat.outcome("sent", work_id, link="L") == ""
    assert chat.state == "ask_last_name"


@pytest.mark.parametrize("word", ["restart", "agent", "STOP", "stop texting me"])
def test_what_ends_the_conversation_cancels_the_work(word: str) -> None:
    chat = at("looking")

    chat.text(word)

    assert chat.session.work == ()


def test_that_it_takes_longer_is_said_and_then_stays_true() -> None:
    chat = at("looking")

    assert chat.delay() == chat.says("looking.delayed")
    assert chat.delay() == ""

    assert chat.text("hello?", "back") == chat.says("looking.delayed")
    assert chat.text("how") == f"{chat.says('help')}\n{chat.says('looking.delayed')}"
    assert chat.text("español") == FLOW.words["es"].say["looking.delayed"]
    assert chat.outcome("sent", link="L").startswith(fill(FLOW.words["es"].say["done"], {"link": "L"}))


def test_work_that_was_taken_back_is_not_said_to_take_longer() -> None:
    chat = at("looking")
    work_id = chat.session.work[0].id
    chat.text("restart")

    turn = advance(FLOW, chat.session, Delay(work_id), now=NOW)

    assert (turn.replies, turn.session) == ((), chat.session)


def test_nobody_hears_that_work_for_another_contact_takes_longer() -> None:
    chat = at("looking_elsewhere")
    chat.outcome("sent_elsewhere", elsewhere=True)

    assert chat.delay() == ""


@pytest.mark.parametrize("minutes", [45, 119], ids=["after the idle limit", "as long as a conversation may take"])
def test_who_waits_for_us_is_not_forgotten_by_being_silent(minutes: int) -> None:
    chat = at("looking")
    work = chat.session.work
    chat.now += minutes * 60

    assert chat.text("hello?") == chat.says("looking.waiting")
    assert chat.session.work == work


def test_the_time_that_we_took_is_not_taken_from_her_conversation() -> None:
    chat = at("done")
    chat.now += 29 * 60
    chat.text("1", *("how",) * 3)
    for answer in ("Ana", "Reyes", "3/27/1985", "1", "4821", "1"):
        chat.now += 10 * 60
        chat.text(answer)
    chat.now += LONGEST_WORK - 60
    chat.outcome("no_match")
    chat.now += 5 * 60

    assert chat.text("1") == chat.says("ask_first_name")
    assert chat.state == "ask_first_name"
    assert "birth_date" in chat.session.answers


def test_work_that_never_comes_back_does_not_hold_her_for_ever() -> None:
    chat = at("looking")
    chat.now += FLOW.limits.total + 1

    chat.text("hello?")

    assert chat.state == "welcome"
    assert chat.session.work == ()


def test_elsewhere_the_chat_is_answered_first_and_the_work_survives_what_comes_next() -> None:
    chat = at("looking_elsewhere")
    work_id = chat.session.work[0].id

    assert chat.outcome("sent_elsewhere", elsewhere=True).startswith(chat.says("closed"))

    for body in ("2", "Hi", "1", "restart", "1", "Ana", "agent"):
        chat.text(body)
        work = chat.session.pending(work_id)
        assert work is not None
        assert work.elsewhere
    assert chat.outcome("no_match", work_id) == ""
    assert chat.session.work == ()


def test_the_carriers_stop_cancels_the_work_elsewhere_too() -> None:
    chat = at("looking_elsewhere")
    chat.outcome("sent_elsewhere", elsewhere=True)

    chat.text("STOP")

    assert chat.session.work == ()


def test_what_was_answered_to_is_remembered_after_an_end() -> None:
    chat = at("ask_first_name")
    chat.session = chat.session.remember(Answered("SMx", "hello"))

    chat.text("agent")

    assert chat.session.answer_to("SMx") == Answered("SMx", "hello")


# A flow that changes under a conversation


def test_a_conversation_goes_on_where_only_other_states_changed() -> None:
    chat = at("ask_last_name")
    chat.flow = replace(FLOW, structure="changed")

    assert chat.text("Reyes") == chat.says("ask_dob")
    assert chat.session.flow == "changed"


def test_a_question_that_is_gone_is_said_once_in_her_language() -> None:
    chat = at("ask_last_name", "2")
    states = {name: state for name, state in FLOW.states.items() if name != "ask_last_name"}
    chat.flow = replace(FLOW, structure="changed", states=states)

    chat.text("Reyes")

    assert chat.reply.startswith(FLOW.words["es"].say["changed"])
    assert chat.state == "welcome"
    assert chat.session.answers == {}


def _renamed(old: str, new: str, **changes: object) -> Flow:
    states = {new if name == old else name: state for name, state in FLOW.states.items()}
    states[new] = replace(states[new], name=new, **changes)
    machine = build_machine(states, FLOW.start)
    return replace(FLOW, structure="changed", states=states, renamed={old: new}, machine=machine)


def test_a_renamed_question_is_asked_on_with_its_new_menu() -> None:
    chat = at("ask_format")
    chat.flow = _renamed("ask_format", "ask_how", options=("picture",))

    assert chat.text("2").startswith(chat.says("ask_format.retry.not_an_option"))
    assert chat.state == "ask_how"
    assert chat.session.menu == ("picture",)


@pytest.mark.parametrize("texts", [(), ("hello?",)], ids=["silent", "texting"])
def test_work_in_a_renamed_state_still_answers(texts: tuple[str, ...]) -> None:
    chat = at("looking")
    chat.flow = _renamed("looking", "searching")
    chat.text(*texts)

    assert chat.outcome("sent", link="L").startswith(chat.says("done", link="L"))


# Whatever is texted

SECRETS = ("Xiomara", "Quetzal", "zelda@example.org", "4821", "7305", "3605550177", "360-555-0177")
texts = st.sampled_from(
    [
        *"1 2 3 hi no yes back restart how español English agent STOP HELP AGREE link 03/04/1985 3/27/85".split(),
        "March 4 1985",
        "yesterday",
        "",
        "😀",
        "፩",
        "00012",
        *SECRETS,
    ]
)
outcomes = st.sampled_from(["sent", "sent_elsewhere", "no_match", "down", "over_limit", "fault"]).map(lambda n: (n,))
waits = st.sampled_from([60.0, 1800.0, 1801.0])
delays = st.none()
likely = st.just("=")  # the proper answer, so that long ways are walked too


@given(st.lists(likely | likely | texts | outcomes | delays | waits | st.text(max_size=20), max_size=60), st.booleans())
def test_no_series_of_events_breaks_the_promises(events: list[object], elsewhere: bool) -> None:
    chat = Chat()
    way = ELSEWHERE if elsewhere else ANSWERS

    for event in events:
        if isinstance(event, float):
            chat.now += event
            continue
        if event is None or isinstance(event, tuple):
            if not chat.session.work:
                continue
            chat.outcome(*event, link="https://bot.example.org/r/T") if event else chat.delay()
        else:
            chat.text(way.get(chat.state, "1") if event == "=" else str(event))
        _promises(chat)


def _promises(chat: Chat) -> None:
    own = FLOW.states[chat.state].segments if chat.state else 0
    assert segments(chat.reply) <= (own or FLOW.limits.segments)
    assert not any(secret.casefold() in chat.reply.casefold() for secret in SECRETS)
    assert "{" not in chat.reply
    assert chat.session.turns <= FLOW.limits.turns
    assert len(chat.session.work) <= 2
    if chat.turn.work:
        _looks_with_all_it_needs(chat, chat.turn.work.answers)
    if not chat.state:
        assert (chat.session.answers, chat.session.path, chat.session.menu) == ({}, (), ())
    assert repr(chat.session).count("+") == repr(chat.turn).count("+") == 0


def _looks_with_all_it_needs(chat: Chat, answers: Mapping[str, str]) -> None:
    assert {*ACTIONS["send_record"].needs, "declaration", "declaration.witness"} <= set(answers)
    words = FLOW.words_in("")
    asked = Asked(words, FLOW.languages, {}, date(2026, 11, 1), chat.session.phone, answers, {})
    assert isinstance(CHECKS["new_pin"].run(answers["pin"], asked), Clean)
