"""Words that belong to the carrier, not to us: it has acted on them before we hear of them."""

from bot.conversation.folding import fold

STOP = frozenset("stop stopall unsubscribe cancel end quit revoke optout".split())
START = frozenset("start unstop".split())
HELP = frozenset("help info".split())
YES = "yes"  # opts in again after a STOP; for everyone else an answer like others
ALL = STOP | START | HELP | {YES}


def meaning(body: str, opt_out: str = "") -> str:
    """ "stop", "start", "help" or "" for a text of ours. `opt_out` is Twilio's OptOutType, already answered.

    An OptOutType that we do not know says nothing of the text: STOP stays STOP.
    """
    named = {"stop": STOP, "start": START, "help": HELP}
    if opt_out.casefold() in named:
        return opt_out.casefold()
    word = fold(body)
    return next((name for name, words in named.items() if word in words), "")
