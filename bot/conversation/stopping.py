"""Words after which we say nothing: the carrier's, and our own for the same."""

from bot.conversation import carrier
from bot.conversation.events import Text
from bot.conversation.flow import Flow
from bot.conversation.folding import fold


def wants_silence(flow: Flow, text: Text) -> bool:
    """The carrier has answered those of its words that need an answer."""
    keyword = flow.keyword_of.get(fold(text.body))
    return bool(carrier.meaning(text.body, text.opt_out)) or bool(
        keyword and not (keyword.go or keyword.say or keyword.tell)
    )
