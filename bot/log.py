"""Logs: one JSON line for each event, by name; nothing personal is ever passed in."""

import logging
import sys

import structlog

# Their lines can hold phones and links.
QUIET = ("twilio.http_client", "urllib3", "dramatiq", "werkzeug", "transitions")


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
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),  # a line and its end in one write
        cache_logger_on_first_use=True,
    )
