"""A real browser on the real app: Debian's chromium, driven by playwright, and all of vaxtext in this process."""

import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, ConsoleMessage, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from bot.config import read_settings
from bot.wiring import build_app, build_system
from bot.worker import start_worker

PHONE_SIZE = {"width": 390, "height": 844}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@contextmanager
def chromium(*more: str) -> Iterator[Browser]:
    """With `more` arguments. Where there is none, tests are skipped, or fail where VAXTEXT_REQUIRE_BROWSER=1."""
    path = shutil.which("chromium")
    if path is None and os.environ.get("VAXTEXT_REQUIRE_BROWSER") == "1":
        pytest.fail("VAXTEXT_REQUIRE_BROWSER=1, but there is no chromium: apt-get install chromium")
    if path is None:
        pytest.skip("there is no chromium: apt-get install chromium")
    with sync_playwright() as playwright, _launched(playwright.chromium, more) as browser:
        yield browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def window(browser: Browser) -> Iterator["Window"]:
    """Whatever a page does, the browser must have nothing to complain of in the end."""
    with browser.new_context(viewport=PHONE_SIZE) as context:
        window = Window(context)
        yield window
        assert window.complaints == []


@contextmanager
def another(browser: Browser, *more: str) -> Iterator[Browser]:
    """One beside it, with other arguments."""
    with _launched(browser.browser_type, more) as launched:
        yield launched


@contextmanager
def _launched(kind: BrowserType, more: Sequence[str]) -> Iterator[Browser]:
    browser = kind.launch(executable_path=shutil.which("chromium"), args=[*ARGUMENTS, *more])
    try:
        yield browser
    finally:
        browser.close()


@contextmanager
def running_app(folder: Path, **settings: object) -> Iterator[str]:
    """Web, worker, Redis and registry as `vaxtext demo` has them, but for these settings; the address."""
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True, request_handler=_Quiet)
    address = f"http://127.0.0.1:{server.port}"
    system = build_system(read_settings({"data_dir": folder, "public_url": address, **settings}))
    server.app = build_app(system)  # only now: links name the port, and the port is known once it is bound
    worker = start_worker(system.services, system.broker)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield address
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        worker.stop()
        system.close()


@dataclass
class Window:
    """One private window, and all that the browser complained of: errors, warnings, breaches of the CSP."""

    context: BrowserContext
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.on("console", self._note)
        self.context.on("weberror", lambda web_error: self.complaints.append(str(web_error.error)))

    def open(self, address: str) -> Page:
        page = self.context.new_page()
        page.goto(address)
        return page

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        pass
