"""What people and others may text: right answers, near misses, words of ours in every language, and garbage."""

from pathlib import Path

from hypothesis import strategies as st

from bot.conversation import carrier
from bot.flow_folder import open_flow
from bot.iis.demo_people import demo_people

FLOW = open_flow(Path(__file__).parent.parent / "flows" / "vaccine_record")
CONTACTS = sorted({contact for person in demo_people() for contact in person.record.contacts})
NAMES = sorted({name for one in demo_people() for name in (one.record.family, *one.record.given)})
PINS = ("4821", "7391", "9046")
KEYWORDS = sorted({word for words in FLOW.words.values() for each in words.keywords.values() for word in each})
OPTIONS = sorted(
    {
        word
        for words in FLOW.words.values()
        for slot in words.options.values()
        for each in slot.values()
        for word in each
    }
)
LANGUAGES = sorted({name for words in FLOW.words.values() for name in (words.name, *words.called)})
DATES = [
    "03/27/1985",
    "27 marzo 1985",
    "3/4/85",
    "1985年3月27日",
    "٢٧/٣/١٩٨٥",
    "2/30/1990",
    "12/31/1977",
    "17 abril 1994",
    "1900",
]
MISSES = [
    "Anna",
    "Reyess",
    "o",
    "l",
    "４８２１",
    "48 21",
    "1234",
    "1985",
    "0327",
    "360-555-0190",
    "+1 360 555 0112 x5",
    "a@b",
    "1)",
]
GARBAGE = [
    "",
    " ",
    "\x00",
    "a\x00b\x1b[31m",
    "😀",
    "👩‍👩‍👧‍👦" * 20,
    "\u202eseyeR",
    "\u2066x",
    "\ufeff",
    "\ud800",
    "x\udfffy",
    "ﷺ" * 400,
]
GARBAGE += [
    "Z̷̢͎" * 300,
    "a" * 1600,
    "word " * 400,
    "9" * 1600,
    "\u0301" * 50,
    "\u200b\u200d",
    "<b>&amp;]]>",
    "{first_name}",
]
GARBAGE += ["{{7*7}}", "${7*7}", "' OR 1=1 --", "\r\nSubject: x", "=1+1", "../../etc/passwd", "<Response><Message>x"]

# What counts most comes as often as all the rest: these end or begin a conversation.
ENDS = [
    "STOP",
    "stop.",
    "UNSUBSCRIBE",
    "START",
    "HELP",
    "RESTART",
    "reiniciar",
    "leave me alone",
    "AGENT",
    "LINK",
    "BACK",
]

_anything = st.text(st.characters(exclude_categories=()), max_size=40)
_name = st.from_regex(r"[A-Z][a-z]{6,12}", fullmatch=True)  # one that stands in no text of ours
_words = st.sampled_from([*KEYWORDS, *OPTIONS, *LANGUAGES, *sorted(carrier.ALL)])
_menu = st.sampled_from([*"123456789", "0", "１", "٢", "1.", "2)", "1️⃣", "10"])
_right = st.sampled_from([*NAMES, *CONTACTS, *PINS, *DATES])
_cased = st.builds(lambda word, change: change(word), _words, st.sampled_from([str.upper, str.title, " ¡{}! ".format]))

ends = st.sampled_from(ENDS)
bodies = (
    ends | _menu | _words | _cased | _right | st.sampled_from(MISSES) | _name | st.sampled_from(GARBAGE) | _anything
)


def private(body: str) -> bool:
    """Whether it must never be read again: a birth date is, to be sure of it, and short words come by chance."""
    known = body in PINS or body in CONTACTS or (body in NAMES and len(body) > 3)
    return known or (len(body.strip()) >= 7 and body not in DATES)
