"""Logs: one JSON line for each event, by name; nothing personal is ever passed in, and what others log is cut."""

import logging
import re
import sys
import threading
from collections.abc import MutableMapping
from importlib.metadata import version
from types import TracebackType
from typing import Any

import structlog

from bot.metrics.counting import count

Line = MutableMapping[str, Any]
log = structlog.get_logger()

# Their lines can hold phones and links.
QUIET = ("twilio.http_client", "urllib3", "dramatiq", "werkzeug", "transitions", "sqlalchemy", "httpx")
# In what others print: addresses, whatever is quoted, long words of digits and letters, and numbers.
VALUES = re.compile(
    r"""https?://\S+|\S+@\S+|'[^']*'|"[^"]*"|\(.*\)|/r/\S+|\+?\d[\d\s().-]{2,}\d|[a-z2-7]{26,}|\b\d{4,}\b"""
)


def set_up_logging(process: str) -> None:
    """`process`: "web" or "worker". What ends this process or one of its threads is logged, too."""
    structlog.configure(
        processors=[count, *_every_line(process), structlog.processors.JSONRenderer()],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),  # a line and its end in one write
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter(process))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    sys.excepthook = _crashed
    threading.excepthook = lambda ended: _crashed(ended.exc_type, ended.exc_value, ended.exc_traceback)


def formatter(process: str) -> logging.Formatter:
    """For what libraries log: the same JSON, with what they say, but none of the values in it."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[_of_a_library, count, *_every_line(process)],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
        use_get_message=False,
    )


def place_of(error: BaseException) -> str:
    """The file and line of an error, without its values: they may be personal."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else ""


def _every_line(process: str) -> list[Any]:
    known = {"process": process, "version": version("vaxtext")}

    def say_who(_: object, __: str, line: Line) -> Line:
        line.update(known)
        return line

    return [structlog.processors.add_log_level, structlog.processors.TimeStamper(fmt="iso", utc=True), say_who]


def _of_a_library(_: object, __: str, line: Line) -> Line:
    record: logging.LogRecord = line["_record"]
    error = record.exc_info[1] if record.exc_info else None
    where = place_of(error) if error else f"{record.filename}:{record.lineno}"
    kept = {name: line[name] for name in ("_record", "_from_structlog")}
    said = VALUES.sub("…", str(record.msg).partition("\n")[0])
    line.clear()
    line.update(kept, event="library", logger=record.name, said=said, place=where)
    if error:
        line["kind"] = type(error).__name__
    return line


def _crashed(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    place = place_of(error) if error else ""
    log.critical("crashed", kind=kind.__name__, place=place, thread=threading.current_thread().name)
