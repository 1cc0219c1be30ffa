"""The words of pages and drawings in one language, their blanks filled."""

from markupsafe import Markup, escape

from bot.conversation.flow import Flow
from bot.conversation.pages import COUNTED
from bot.conversation.scripts import plural
from bot.conversation.wording import fill
from bot.web.here import site


class PlainSay:
    """For drawings: `say("dose", number=2)`. What fills a blank keeps its own direction between invisible signs."""

    def __init__(self, language: str) -> None:
        flow = _flow()
        self.language = language
        self.words = flow.words_in(language)
        self.values = flow.values

    def __call__(self, name: str, **values: object) -> str:
        known = {**self.values, **{key: str(value) for key, value in values.items()}}
        return self.filled(self.words.page[self._form(name, values)], known)

    def filled(self, text: str, values: dict[str, str]) -> str:
        return fill(text, {key: f"\u2068{value}\u2069" for key, value in values.items()})

    def _form(self, name: str, values: dict[str, object]) -> str:
        """The form of a counted text that this language has for the number, or else the text itself."""
        if name not in COUNTED:
            return name
        (number,) = values.values()
        form = f"{name}.{plural(self.language, int(str(number)))}"
        return form if form in self.words.page else name


class Say(PlainSay):
    """For pages: `say.open`, `say("pin_wrong", tries=4)`. What fills a blank keeps its own direction in <bdi>."""

    def filled(self, text: str, values: dict[str, str]) -> str:
        isolated = {key: f'<bdi class="value">{escape(value)}</bdi>' for key, value in values.items()}
        return Markup(fill(str(escape(text)), isolated))  # noqa: S704 - escaped, part by part

    def __getattr__(self, name: str) -> str:
        if name not in self.words.page:
            raise AttributeError(name)
        return self(name)


def _flow() -> Flow:
    return site().services.flow
