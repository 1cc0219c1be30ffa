"""Twilio's words for what became of a message, in ours."""

from bot.outbox.delivery import Report

# https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
STATES = {
    "accepted": "accepted",
    "scheduled": "accepted",
    "queued": "accepted",
    "sending": "accepted",
    "sent": "accepted",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}


def report_of(status: str, sid: str, code: object = "") -> Report | None:
    """None for a word that says nothing of a message that we sent."""
    state = STATES.get(status)
    return Report(state, sid, str(code or "")) if state else None
