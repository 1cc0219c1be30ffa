"""Every page that residents see, from the real app, in any language: for tests in a browser and for pictures."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from bot.config import read_settings
from bot.iis.demo_people import demo_people
from bot.ports import LinkBusy, Links, Opened, Services, WrongPin
from bot.record_content import shown_groups, to_json
from bot.records import VaccineRecord
from bot.vaccines import Vaccines
from bot.wiring import build_app, build_system

PIN, WRONG = "4821", "9173"
PEOPLE = {person.key: person.record for person in demo_people()}
EVERYTHING = ("all",)


@dataclass(frozen=True)
class Office:
    """A running app, and links without a conversation before them."""

    address: str
    services: Services

    def link(self, record: VaccineRecord, language: str = "en", *, show: tuple[str, ...] = ()) -> str:
        """The address of a link to this record. `show`: other vaccine groups than the flow says."""
        return f"{self.address}/r/{seal(self.services, record, language, show=show)}"


def seal(services: Services, record: VaccineRecord, language: str = "en", *, show: tuple[str, ...] = ()) -> str:
    """The token of a link, as the worker mints it."""
    vaccines = services.flow.vaccines
    vaccines = Vaccines(vaccines.table, show) if show else vaccines
    groups = shown_groups(record, vaccines, services.cards, today=date(2026, 11, 25))
    content = to_json(record, groups, language=language, declaration="")
    return services.links.seal(content, PIN, language=language)


@dataclass(frozen=True)
class Crowded:
    """Links on a day when everybody opens one."""

    links: Links

    def seal(self, content: bytes, pin: str, *, language: str, request: str = "") -> str:
        return self.links.seal(content, pin, language=language, request=request)

    def language(self, token: str) -> str:
        return self.links.language(token)

    def open(self, token: str, pin: str) -> Opened | WrongPin:
        raise LinkBusy


@contextmanager
def open_office(folder: Path, *, crowded: bool = False, **settings: object) -> Iterator[Office]:
    """The demo with these settings, on a port of its own; `crowded`: nobody's PIN can be looked at."""
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True, request_handler=_Quiet)
    address = f"http://127.0.0.1:{server.port}"
    system = build_system(read_settings({"data_dir": folder, "public_url": address, **settings}))
    if crowded:
        system = replace(system, services=replace(system.services, links=Crowded(system.services.links)))
    server.app = build_app(system)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Office(address, system.services)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        system.close()


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        pass
