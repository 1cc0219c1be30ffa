"""Ourselves as an issuer, for those who check cards: the page and the terminal."""

from bot.cards.trust import Issuer, our_issuer
from bot.ports import Cards


def ourselves(cards: Cards, iss: str, name: str = "") -> Issuer:
    """With our keys as we publish them now. Without a name, the page says who we are in its own language."""
    return our_issuer(iss, name, cards.jwks()["keys"])
