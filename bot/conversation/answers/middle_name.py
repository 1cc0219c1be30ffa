"""A middle name or its initial, or that there is none."""

from bot.conversation.answers import person_name
from bot.conversation.answers.check import Asked, Check, Clean, Wrong
from bot.conversation.folding import fold

NONE = "none"


def check(text: str, asked: Asked) -> Clean | Wrong:
    """An empty answer stands for "there is none", also where it is looked at again."""
    if not text or fold(text) in {fold(word) for word in asked.options.get(NONE, ())}:
        return Clean("")
    return person_name.check(text, asked)


CHECK = Check(run=check, private=True, errors=person_name.CHECK.errors, words=(NONE,))
