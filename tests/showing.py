"""Every page that residents see, from the real app, in any language: for tests in a browser and for pictures."""

import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from bot.cards.crl import Crls
from bot.cards.jws import read_unproven
from bot.config import read_settings
from bot.iis.demo_people import demo_people
from bot.ports import LinkBusy, Links, Opened, Services, WrongPin
from bot.record_content import ShownGroup, shown_groups, to_json
from bot.records import VaccineRecord
from bot.vaccines import Vaccines
from bot.wiring import build_app, build_system

PIN, WRONG = "4821", "9173"
PEOPLE = {person.key: person.record for person in demo_people()}
EVERYTHING = ("all",)
FLOW = Path(__file__).parent.parent / "flows" / "vaccine_record"


@dataclass(frozen=True)
class Office:
    """A running app, and links without a conversation before them."""

    address: str
    services: Services
    crls: Crls

    def link(
        self, record: VaccineRecord, language: str = "en", *, show: tuple[str, ...] = (), taken_back: int = 0
    ) -> str:
        """The address of a link to this record. `show`: other vaccine groups than the flow says.

        `taken_back`: the cards of so many groups are revoked.
        """
        groups = signed_groups(self.services, record, show=show, apart=taken_back)
        take_back(self.crls, groups[:taken_back])
        return f"{self.address}/r/{seal_groups(self.services, record, groups, language)}"


def seal(services: Services, record: VaccineRecord, language: str = "en", *, show: tuple[str, ...] = ()) -> str:
    """The token of a link, as the worker mints it."""
    return seal_groups(services, record, signed_groups(services, record, show=show), language)


def seal_groups(services: Services, record: VaccineRecord, groups: Sequence[ShownGroup], language: str = "en") -> str:
    content = to_json(record, groups, language=language, declaration="")
    return services.links.seal(content, PIN, language=language, record=record.patient_id)


def signed_groups(
    services: Services, record: VaccineRecord, *, show: tuple[str, ...] = (), apart: int = 0
) -> list[ShownGroup]:
    """The groups of a record with their cards. The first, `apart`, can be revoked without the others."""
    vaccines = services.flow.vaccines
    vaccines = Vaccines(vaccines.table, show) if show else vaccines
    now, other = date(2026, 11, 25), replace(record, patient_id=f"{record.patient_id} apart")
    of_her, of_another = (
        list(shown_groups(one, vaccines, services.cards, today=now)) if wanted else []
        for one, wanted in ((record, True), (other, apart))
    )
    return [*of_another[:apart], *of_her[apart:]]


def take_back(crls: Crls, groups: Sequence[ShownGroup]) -> None:
    """Revoke their cards, as an operator does."""
    for card in (read_unproven(group.jws) for group in groups if group.jws):
        crls.revoke({card.kid: card.claims["vc"]["rid"]}, None)


@dataclass(frozen=True)
class Crowded:
    """Links on a day when everybody opens one."""

    links: Links

    def seal(self, content: bytes, pin: str, *, language: str, record: str = "", request: str = "") -> str:
        return self.links.seal(content, pin, language=language, record=record, request=request)

    def rests(self, record: str) -> bool:
        return self.links.rests(record)

    def spelled(self, text: str) -> str:
        return self.links.spelled(text)

    def language(self, token: str) -> str:
        return self.links.language(token)

    def open(self, token: str, pin: str) -> Opened | WrongPin:
        raise LinkBusy


@contextmanager
def open_office(folder: Path, *, crowded: bool = False, posts: int = 100_000, **settings: object) -> Iterator[Office]:
    """The demo with these settings, on a port of its own; `crowded`: nobody's PIN can be looked at.

    `posts`: so many PINs may be sent from one address in ten minutes; all tests are at one.
    """
    flow = Path(shutil.copytree(FLOW, folder / "flow"))
    (flow / "limits.yaml").write_text(f"page_posts: {posts} in 10m\n")
    settings = {"flow": flow, **settings}
    server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True, request_handler=_Quiet)
    address = f"http://127.0.0.1:{server.port}"
    system = build_system(read_settings({"data_dir": folder, "public_url": address, **settings}))
    if crowded:
        system = replace(system, services=replace(system.services, links=Crowded(system.services.links)))
    server.app = build_app(system)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Office(address, system.services, Crls(system.settings.crl_folder))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        system.close()


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: object) -> None:
        pass
