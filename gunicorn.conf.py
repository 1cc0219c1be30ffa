"""How gunicorn serves app.py. The command line overrides it: `vaxtext demo` binds to 127.0.0.1."""

import os
from typing import Any

from gunicorn import glogging


class Logger(glogging.Logger):
    """gunicorn's own, but it never writes a request line: addresses hold link tokens."""

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        super().exception(msg.partition(" %s")[0], **kwargs)

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        if msg.startswith("Invalid request from"):
            msg = msg.partition(": ")[0]
        super().warning(msg, *args, **kwargs)


bind = f"{os.environ.get('HOST') or '0.0.0.0'}:{os.environ.get('PORT') or '8000'}"  # noqa: S104
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
worker_class = "gthread"
threads = 8
preload_app = True  # settings are checked once, and the workers share the memory

accesslog = None  # addresses hold link tokens; the app logs what matters itself
logger_class = Logger
control_socket_disable = True  # a management door that nobody here uses

timeout = 30
graceful_timeout = 8  # seconds; whoever stops us, our supervisor or a container's, kills after 10
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 (a disk may block the heartbeat)

limit_request_line = 2048
limit_request_fields = 64
limit_request_field_size = 8190
