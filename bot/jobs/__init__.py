"""The work behind the reply: find the record, issue the card, seal the link, and hand the message to the outbox."""

from bot.jobs.finding import PATIENCE
from bot.jobs.job import Again
from bot.jobs.running import give_up, run

__all__ = ["PATIENCE", "Again", "give_up", "run"]
