"""Words after which we say nothing: the carrier's, and our own for the same."""

from bot.conversation import carrier
from bot.conversation.events import Text
from bot.conversation.flow import Flow
from bot.conversation.folding import fold


def wants_silence(flow: Flow, text: Text) -> bool:
    """The carrier has answered those of its words that need an answer."""
    return bool(carrier.meaning(text.body, text.opt_out)) or _is_our_stop(flow, text)


def stops(flow: Flow, text: Text) -> bool:
    """STOP, or a word of ours for the same."""
    return carrier.meaning(text.body, text.opt_out) == "stop" or _is_our_stop(flow, text)


def starts(text: Text) -> bool:
    """START: the carrier lets our messages through again."""
    return carrier.meaning(text.body, text.opt_out) == "start"


def _is_our_stop(flow: Flow, text: Text) -> bool:
    keyword = flow.keyword_of.get(fold(text.body))
    return bool(keyword and not (keyword.go or keyword.say or keyword.tell))
