"""Words after which we say nothing: the carrier's, and our own for the same."""

from bot.conversation import carrier
from bot.conversation.events import Text
from bot.conversation.flow import Flow, Keyword
from bot.conversation.folding import fold


def wants_silence(flow: Flow, text: Text) -> bool:
    """The carrier has answered those of its words that need an answer."""
    return bool(carrier.meaning(text.body, text.opt_out)) or _silent(flow, text) is not None


def stops(flow: Flow, text: Text) -> bool:
    """STOP, or a word of ours for the same: the conversation has ended by it."""
    keyword = _silent(flow, text)
    return carrier.meaning(text.body, text.opt_out) == "stop" or bool(keyword and keyword.forget)


def starts(text: Text) -> bool:
    """START: the carrier lets our messages through again."""
    return carrier.meaning(text.body, text.opt_out) == "start"


def _silent(flow: Flow, text: Text) -> Keyword | None:
    """The word of ours that it is, if that is answered by silence."""
    keyword = flow.keyword_of.get(fold(text.body))
    return keyword if keyword and not (keyword.go or keyword.say or keyword.tell) else None
