"""Erases messages and their media at Twilio, by its REST API."""

from collections.abc import Sequence
from typing import Any

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException

from bot.delivery.accounts import Account
from bot.delivery.twilio_client import build_client
from bot.ports import EraseLater


class TwilioEraser:
    """At whichever of the accounts has it: a message's name does not say whose it is, and the others answer 404."""

    def __init__(self, accounts: Sequence[Account]) -> None:
        self.clients = [build_client(account.sid, account.tokens[0], account.api_url) for account in accounts]

    def erase(self, kind: str, sid: str) -> None:
        """Gone already is as good. A message that is still under way cannot be erased: HTTP 409, code 20009."""
        try:
            for client in self.clients:
                _erase(client, kind, sid)
        except TwilioRestException as error:
            raise EraseLater(str(error.code or error.status)) from None
        except (TwilioException, requests.RequestException, ValueError) as error:
            raise EraseLater(type(error).__name__) from None


def _erase(client: Any, kind: str, sid: str) -> None:
    """A message goes with its media: https://www.twilio.com/docs/messaging/api/message-resource#delete-a-message"""
    message = client.messages(sid)
    if kind != "media":
        _unless_gone(message.delete)
        return
    for medium in _unless_gone(message.media.list) or ():
        _unless_gone(medium.delete)


def _unless_gone(do: Any) -> Any:
    try:
        return do()
    except TwilioRestException as error:
        if error.status != 404:
            raise
        return None
    except TwilioException as error:  # of a page; its second argument is the answer
        if len(error.args) > 1 and getattr(error.args[1], "status_code", 0) == 404:
            return None
        raise
