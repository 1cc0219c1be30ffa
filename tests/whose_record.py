"""Cards, links and pictures as they are, which besides remember whom each of them shows."""

from dataclasses import dataclass, field, replace

import orjson
from fakes.around import Around

from bot.ports import Card, NoCard, Services
from bot.records import VaccineRecord

Shown = tuple[str, str]  # name, birth date


@dataclass
class Known:
    """By the JWS of a card, and by the token of a link or a picture."""

    by_card: dict[str, Shown] = field(default_factory=dict)
    by_token: dict[str, Shown] = field(default_factory=dict)

    def remembered(self, services: Services) -> Services:
        """The same services; what they make is remembered here."""
        return replace(
            services,
            cards=RememberedCards(services.cards, self),
            links=RememberedLinks(services.links, self),
            media=RememberedMedia(services.media, self),
        )


@dataclass
class RememberedCards(Around):
    known: Known

    def issue(self, record: VaccineRecord, group: str) -> Card | NoCard:
        card = self.real.issue(record, group)
        if isinstance(card, Card):
            self.known.by_card[card.jws] = (record.name, record.birth_date.isoformat())
        return card


@dataclass
class RememberedLinks(Around):
    known: Known

    def seal(self, content: bytes, pin: str, **about: str) -> str:
        token, held = self.real.seal(content, pin, **about), orjson.loads(content)
        self.known.by_token[token] = (held["name"], held["birth_date"])
        return token


@dataclass
class RememberedMedia(Around):
    known: Known

    def prepare(self, content: bytes, suffix: str) -> str:
        token = self.real.prepare(content, suffix)
        self.known.by_token[token] = self.known.by_card[content.decode()]
        return token
