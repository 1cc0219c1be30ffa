"""The engine: a flow, a session and what happened; out come the next session, the replies and the work to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256

from bot.conversation import carrier, menus
from bot.conversation.actions import ACTIONS, LONGEST_WORK
from bot.conversation.answers import CHECKS, Asked, Clean, Wrong
from bot.conversation.flow import Flow, Keyword, State
from bot.conversation.folding import fold
from bot.conversation.machine import step
from bot.conversation.session import Session, Work
from bot.conversation.wording import blanks, fingerprint, fitting, question, retry_name, say, shown_answers


@dataclass(frozen=True, slots=True)
class Text:
    """A resident's text."""

    body: str
    sid: str = ""  # Twilio's MessageSid
    opt_out: str = ""  # Twilio's OptOutType

    def __repr__(self) -> str:
        return f"Text(sid={self.sid!r})"

    @property
    def id(self) -> str:
        return self.sid


@dataclass(frozen=True, slots=True)
class Outcome:
    """How slow work came out. `elsewhere`: the chat gets its answer now, and the work goes on."""

    work_id: str
    name: str
    values: Mapping[str, str] = field(default_factory=dict)  # for the blanks of the text
    media_url: str = ""
    elsewhere: bool = False

    def __repr__(self) -> str:
        return f"Outcome({self.name!r})"

    @property
    def id(self) -> str:
        return self.work_id


@dataclass(frozen=True, slots=True)
class Delay:
    """Slow work takes longer than was promised, and goes on."""

    work_id: str
    name: str = "delayed"

    @property
    def id(self) -> str:
        return f"{self.work_id}:{self.name}"


Event = Text | Outcome | Delay


@dataclass(frozen=True, slots=True)
class Turn:
    """What one event leads to. No replies: silence, on purpose."""

    session: Session
    replies: tuple[str, ...] = ()
    work: Work | None = None  # to be started by somebody else
    media_url: str = ""
    personal: bool = False  # a reply says an answer back, or is about a request that may be taken back

    @property
    def action(self) -> str | None:
        return self.work.action if self.work else None


def advance(flow: Flow, session: Session, event: Event, *, now: float, older: Flow | None = None) -> Turn:
    """One step of the conversation. `now` in seconds since 1970.

    `older` has the steps on which this conversation began, if they are no longer those of `flow`: it goes on with
    them, unless `flow` says where its state went (`renamed`).
    """
    steps = older if older and session.state not in flow.renamed else flow
    turn = _advance(flow, steps, session, event, now)
    shown = shown_answers(steps, turn.session).values()
    said_back = any(value in reply for reply in turn.replies for value in shown)
    return replace(turn, personal=turn.personal or said_back)


def _advance(flow: Flow, steps: Flow, session: Session, event: Event, now: float) -> Turn:
    if isinstance(event, Delay):
        return _delay(steps, session, event)
    if isinstance(event, Outcome):
        return _settle(steps, session, event, now)
    match carrier.meaning(event.body, event.opt_out):
        case "stop" | "start":
            return Turn(_blank(session, now))
        case "help":
            return Turn(session)
    if not session.state or _expired(flow, session, now):
        return _begin(flow, session, event, now)
    if (keyword := flow.keyword_of.get(fold(event.body))) and keyword.forget:
        steps = flow  # to begin again is to begin with today's steps
    return _hear(steps, session, event, now)


def longest_wait(flow: Flow) -> int:
    """Seconds for which a conversation waits for its work."""
    return max(flow.limits.total, LONGEST_WORK)


def _hear(flow: Flow, session: Session, text: Text, now: float) -> Turn:
    """A text in the middle of a conversation: our keywords first, then a language's name, then the answer."""
    moved = _moved(flow, replace(session, turns=session.turns + 1, touched=now))
    if moved is None:
        return _begin_again(flow, session, text, now)
    session = moved
    state, said = flow.states[session.state], fold(text.body)
    if session.turns > flow.limits.turns:
        return _enter(flow, session, flow.exhausted, text.sid, now)
    if (keyword := flow.keyword_of.get(said)) and not _is_answer(flow, session, keyword, text):
        return _obey(flow, session, keyword, text, now)
    if (language := flow.language_of.get(said)) and language != session.language:
        return _switch(flow, session, language, text, now)
    if state.kind == "do":
        return _reply(session, say(flow, session, _still(session, state)))
    if not said:
        return _reply(session, _ask_again(flow, session, "unreadable"))
    return _answer(flow, session, state, text, now)


def _begin(flow: Flow, session: Session, text: Text, now: float) -> Turn:
    """The first text of a conversation says hello, whatever it says; only our keywords and languages count."""
    fresh = _fresh(flow, session, now)
    said = fold(text.body)
    keyword = flow.keyword_of.get(said)
    if keyword and keyword.tell:
        return _reply(replace(session.forgotten(), touched=now), say(flow, session, _last(session)))
    if keyword and keyword.go not in ("back", flow.start):
        opened = replace(fresh, state=flow.start, menu=flow.states[flow.start].options)
        return _obey(flow, opened, keyword, text, now)
    turn = _enter(flow, fresh, flow.start, text.sid, now)
    if language := flow.language_of.get(said):
        return _switch(flow, turn.session, language, text, now)
    return turn


def _begin_again(flow: Flow, session: Session, text: Text, now: float) -> Turn:
    """The questions changed under her and there is no way to go on: say so once, in her language."""
    fresh = _fresh(flow, session, now)
    turn = _enter(flow, replace(fresh, language=session.language), flow.start, text.sid, now)
    return _reply(turn.session, fitting(flow, say(flow, turn.session, "changed"), *turn.replies))


def _answer(flow: Flow, session: Session, state: State, text: Text, now: float) -> Turn:
    if state.kind == "choose":
        option = menus.choose(flow, state, session.menu or state.options, text.body)
        result = Clean(option, option) if option else None
        code = "not_an_option"
    else:
        found = CHECKS[state.check].run(text.body, _asked(flow, session, state, now))
        result, code = (found, "") if isinstance(found, Clean) else (None, found.code)
    if result is None:
        return _retry(flow, session, state, code, text, now)
    session = _keep(flow, session, state, result.value, now)
    session = _without(session, state.asks_again.get(result.outcome, ()))
    return _enter(flow, session, step(flow.machine, state.name, result.outcome), text.sid, now)


def _retry(flow: Flow, session: Session, state: State, code: str, text: Text, now: float) -> Turn:
    tries = session.tries.get(state.name, 0) + 1
    session = replace(session, tries={**session.tries, state.name: tries})
    if tries > flow.limits.attempts:
        return _enter(flow, session, step(flow.machine, state.name, "exhausted"), text.sid, now)
    return _reply(session, question(flow, session, state, retry_name(flow, session, state, code)))


def _keep(flow: Flow, session: Session, state: State, value: str, now: float) -> Session:
    """Store an answer, with what was shown when it counts as a declaration; a language is switched to."""
    kept = {state.subject: value}
    if flow.slots[state.subject].witness:
        text = flow.words_in(session.language).say[state.say]
        kept[f"{state.subject}.witness"] = f"{session.language}:{fingerprint(text)}:{int(now)}"
    language = value if state.subject == "language" else session.language
    answers = {**session.answers, **kept}
    tries = {name: tries for name, tries in session.tries.items() if name != state.name}
    return replace(session, answers=answers, language=language, tries=tries, path=(*session.path, state.name))


def _enter(
    flow: Flow, session: Session, name: str, cause: str, now: float, extra: Mapping[str, str] | None = None
) -> Turn:
    """Arrive in a state: ask its question, start its work, or end and forget."""
    state = flow.states[name]
    session = _without(session, state.forget)
    if state.kind == "end":
        return _reply(session.forgotten(), say(flow, session, state.say, extra))
    if state.kind == "do":
        return _start_work(flow, session, state, cause, now)
    known = _known(flow, session, state, now)
    if isinstance(known, Clean):
        return _enter(flow, session, step(flow.machine, state.name, known.outcome), cause, now)
    session = replace(session, state=name, menu=state.options)
    why = retry_name(flow, session, state, known.code) if known else ""
    return _reply(session, question(flow, session, state, why, extra))


def _known(flow: Flow, session: Session, state: State, now: float) -> Clean | Wrong | None:
    """What a question that is asked once makes of the answer that it has; None if it is to be asked.

    An answer may have become wrong by what was answered since: a PIN that is part of another birth date.
    """
    answer = session.answers.get(state.subject)
    if not state.once or answer is None:
        return None
    if state.kind == "choose":
        return Clean(answer, answer) if answer in state.options else None
    return CHECKS[state.check].run(answer, _asked(flow, session, state, now))


def _start_work(flow: Flow, session: Session, state: State, cause: str, now: float) -> Turn:
    wanted = {*state.inputs, *(f"{slot}.witness" for slot in state.inputs)}
    work = Work(
        id=sha256(cause.encode()).hexdigest()[:24],
        state=state.name,
        action=state.subject,
        answers={slot: value for slot, value in session.answers.items() if slot in wanted},
        language=session.language or flow.languages[0],
        asked_at=now,
    )
    session = replace(session, state=state.name, menu=(), path=(), work=(*session.work, work))
    return Turn(session, (say(flow, session, state.say),), work)


def _delay(flow: Flow, session: Session, delay: Delay) -> Turn:
    """Say once that the work takes longer, if the chat still waits for it."""
    session = _moved(flow, session) or session
    state, work = flow.states.get(session.state), session.pending(delay.work_id)
    if state is None or work is None or work.delayed or work.elsewhere or session.state != work.state:
        return Turn(session)
    others = (other for other in session.work if other.id != work.id)
    session = replace(session, work=(*others, replace(work, delayed=True)))
    return Turn(session, (say(flow, session, _still(session, state)),), personal=True)


def _settle(flow: Flow, session: Session, outcome: Outcome, now: float) -> Turn:
    """Work came back. An older question's outcome, or one that the chat has had already, says nothing."""
    session = _moved(flow, session) or session
    work = session.pending(outcome.work_id)
    if work is None:
        return Turn(session)
    others = tuple(other for other in session.work if other.id != work.id)
    stays = (replace(work, elsewhere=True),) if outcome.elsewhere else ()
    session = replace(session, work=(*others, *stays))
    if work.elsewhere or session.state != work.state:
        return Turn(session)
    known = outcome.name in flow.states[work.state].next if work.state in flow.states else False
    following = step(flow.machine, work.state, outcome.name) if known else flow.fault
    got = ACTIONS[work.action].last.get(outcome.name, session.last)
    session = session.sent(Delay(work.id).id)  # if that is still to be sent, it is no longer true
    ours = now - work.asked_at  # the time that we took is not hers
    session = replace(session, touched=now, started=session.started + ours, last=got)
    turn = _enter(flow, session, following, f"{work.id}:{outcome.name}", now, outcome.values)
    return replace(turn, media_url=outcome.media_url)


def _obey(flow: Flow, session: Session, keyword: Keyword, text: Text, now: float) -> Turn:
    if text_name := keyword.say or (_last(session) if keyword.tell else ""):
        return _reply(session, _ask_again(flow, session, text_name))
    if keyword.go == "back":
        return _back(flow, session)
    if not keyword.go:
        return Turn(_blank(session, now) if keyword.forget else session)
    if keyword.forget:
        session = replace(_fresh(flow, session, now), language=session.language)
    return _enter(flow, session, keyword.go, text.sid, now)


def _is_answer(flow: Flow, session: Session, keyword: Keyword, text: Text) -> bool:
    """A word that only tells something (LINK) gives way to an option of the same name."""
    state = flow.states[session.state]
    return bool(keyword.tell and state.kind == "choose" and menus.choose(flow, state, session.menu, text.body))


def _last(session: Session) -> str:
    return f"last.{session.last or 'none'}"


def _back(flow: Flow, session: Session) -> Turn:
    """Restore the question before and forget its answer. Work that was started is never taken back.

    A question about an answer that is forgotten with it is passed over: "Is it {birth_date}?" once there is none.
    """
    if not session.path:
        return _reply(session, _ask_again(flow, session))
    before = flow.states[session.path[-1]]
    session = _without(session, (before.subject, flow.states[session.state].subject))
    session = replace(session, state=before.name, menu=before.options, path=session.path[:-1])
    asked = question(flow, session, before)
    return _back(flow, session) if session.path and blanks(asked) else _reply(session, asked)


def _switch(flow: Flow, session: Session, language: str, text: Text, now: float) -> Turn:
    """Change the language and ask the same question again, unless the language was the question."""
    state = flow.states[session.state]
    session = replace(session, language=language)
    if state.subject == "language" and language in state.options:
        session = _keep(flow, session, state, language, now)
        return _enter(flow, session, step(flow.machine, state.name, language), text.sid, now)
    return _reply(session, _ask_again(flow, session))


def _ask_again(flow: Flow, session: Session, first: str = "") -> str:
    """A text (such as `help`), then the question that is open, or the word that we still look."""
    state = flow.states[session.state]
    name = _still(session, state) if state.kind == "do" else ""
    asked = question(flow, session, state, name)
    return fitting(flow, say(flow, session, first), asked) if first else asked


def _still(session: Session, state: State) -> str:
    """The text that says that we still look."""
    return f"{state.say}.delayed" if session.awaited and session.awaited.delayed else f"{state.say}.waiting"


def _asked(flow: Flow, session: Session, state: State, now: float) -> Asked:
    options: dict[str, tuple[str, ...]] = {}
    for words in flow.words.values():
        for option, said in words.options.get(state.subject, {}).items():
            options[option] = (*options.get(option, ()), *said)
    return Asked(
        words=flow.words_in(session.language),
        languages=flow.languages,
        options=options,
        today=datetime.fromtimestamp(now, UTC).date(),
        phone=session.phone,
        answers=session.answers,
        settings=state.settings,
        longest=flow.slots[state.subject].max,
    )


def _moved(flow: Flow, session: Session) -> Session | None:
    """The session on this structure, if its place exists here."""
    if session.flow == flow.structure:
        return session
    name = flow.renamed.get(session.state, session.state)
    if name not in flow.states or flow.states[name].kind == "end":
        return None
    path = tuple(p for p in (flow.renamed.get(p, p) for p in session.path) if p in flow.states)
    work = tuple(replace(work, state=flow.renamed.get(work.state, work.state)) for work in session.work)
    menu = session.menu if set(session.menu) == set(flow.states[name].options) else flow.states[name].options
    return replace(session, flow=flow.structure, state=name, path=path, menu=menu, work=work)


def _expired(flow: Flow, session: Session, now: float) -> bool:
    if session.awaited:  # it is our turn, however long she is silent
        return now - session.awaited.asked_at > longest_wait(flow)
    idle, total = now - session.touched, now - session.started
    return idle > flow.limits.idle or total > flow.limits.total


def _without(session: Session, slots: tuple[str, ...]) -> Session:
    """The session with these answers forgotten, and what was shown with them."""
    gone = {*slots, *(f"{slot}.witness" for slot in slots)}
    return replace(session, answers={slot: v for slot, v in session.answers.items() if slot not in gone})


def _fresh(flow: Flow, session: Session, now: float) -> Session:
    """A conversation at its first text."""
    blank = replace(session.forgotten(), language="")
    return replace(blank, flow=flow.structure, started=now, touched=now, turns=1)


def _blank(session: Session, now: float) -> Session:
    """Everything forgotten but the MessageSids."""
    return Session(phone=session.phone, touched=now, seen=session.seen_impersonally())


def _reply(session: Session, text: str) -> Turn:
    return Turn(session, (text,))
