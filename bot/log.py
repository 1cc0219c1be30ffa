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


def place_of(error: BaseException) -> str:
    """The file and line of an error, without its values: they may be personal."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else ""
