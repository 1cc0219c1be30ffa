"""How gunicorn serves app.py."""

import atexit
import os
import shutil
import sys
import tempfile
from typing import Any

from gunicorn import glogging

from bot.config import SettingsWrong, read_settings


class Logger(glogging.Logger):
    """gunicorn's own, as JSON lines, but it never writes a request line: addresses hold link tokens."""

    def setup(self, cfg: Any) -> None:
        from bot.log import formatter  # noqa: PLC0415 - it counts, and where the counts are is only known below

        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(formatter("web"))

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        super().exception(msg.partition(" %s")[0], **kwargs)

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        if msg.startswith("Invalid request from"):
            msg = msg.partition(": ")[0]
        super().warning(msg, *args, **kwargs)


def _remove(folder: str, owner: int) -> None:
    if os.getpid() == owner:  # not the workers, which are forked from us
        shutil.rmtree(folder, ignore_errors=True)


try:
    settings = read_settings()
except SettingsWrong as wrong:
    sys.exit(f"vaxtext cannot start:\n{wrong}")

# The demo has doors for testers that nobody else may come through: it stays on this machine.
bind = f"{'127.0.0.1' if settings.demo else '0.0.0.0'}:{settings.port}"  # noqa: S104
if settings.metrics_port:
    bind = [bind, f"{settings.metrics_host}:{settings.metrics_port}"]
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:  # a reload reads this file again
        folder = tempfile.mkdtemp(prefix="vaxtext-metrics-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)  # noqa: S108
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        atexit.register(_remove, folder, os.getpid())
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)  # gunicorn's own variable; two where it is not set
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
