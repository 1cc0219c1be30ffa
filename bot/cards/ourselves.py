"""Ourselves as an issuer, for those who check cards: the page and the terminal."""

from bot.cards.trust import Crl, Issuer, our_issuer
from bot.ports import Cards


def ourselves(cards: Cards, iss: str, name: str = "") -> Issuer:
    """With our keys and lists as we publish them now. Without a name, the page says who we are in its own language."""
    keys = cards.jwks()["keys"]
    crls = [Crl.model_validate(crl) for key in keys if (crl := cards.crl(str(key["kid"])))]
    return our_issuer(iss, name, keys, crls)
