"""Logs: one JSON line for each event, by name; nothing personal is ever passed in."""

import logging
import sys

import structlog

QUIET = (
    "twilio.http_client",
    "urllib3",
    "dramatiq",
    "werkzeug",
    "transitions",
)  # their lines can hold phones and links


def set_up_logging() -> None:
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.EventRenamer("event"),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
