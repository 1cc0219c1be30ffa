"""Nobody hears that something went wrong because of what a registry holds: she gets her link, and it shows it all."""

from dataclasses import dataclass, replace
from html import escape

import pytest
from conftest import Phone, RecordedJobs
from generated_records import PILES, generated_records
from test_record_page import link_of

from bot.record_content import shows_any
from bot.records import Demographics, VaccineRecord
from bot.vaccines import Vaccines, packaged

COVID = Vaccines(packaged())
UGLY = [record for record in generated_records(PILES + 35)[PILES - 2 :] if shows_any(record, COVID)]  # every name once


@dataclass
class Knows:
    """A registry with one record, whoever is asked for."""

    record: VaccineRecord

    def find(self, who: Demographics) -> VaccineRecord:
        return replace(self.record, phones=frozenset({who.contact}))

    def ping(self) -> None:
        """It is there."""


def serve(jobs: RecordedJobs, record: VaccineRecord) -> None:
    assert jobs.services
    jobs.services = replace(jobs.services, iis=Knows(record))


def ask(phone: Phone, jobs: RecordedJobs, form: str) -> dict[str, object]:
    """The last message: texts come from one and the same person, whoever is in the registry."""
    phone.text("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "AGREE", "4821", form)
    jobs.work()
    return phone.received()[-1]


@pytest.mark.parametrize("record", UGLY, ids=lambda record: record.patient_id)
def test_the_link_shows_every_dose_with_its_lot_and_place(
    record: VaccineRecord, phone: Phone, jobs: RecordedJobs
) -> None:
    serve(jobs, record)

    ask(phone, jobs, "link")
    page = phone.client.post(link_of(phone), data={"pin": "4821"})

    shown = [dose for dose in record.immunizations if COVID.shown_in(dose.cvx)]
    assert page.status_code == 200
    assert page.text.count('<li class="dose">') == len(shown)
    for text in (text for dose in shown for text in (dose.lot, dose.place) if text):
        assert f"<bdi>{escape(text.encode('utf-16', 'surrogatepass').decode('utf-16', 'replace'))}</bdi>" in page.text


@pytest.mark.parametrize("record", UGLY[::6], ids=lambda record: record.patient_id)
def test_the_picture_comes_or_a_link_instead(record: VaccineRecord, phone: Phone, jobs: RecordedJobs) -> None:
    serve(jobs, record)

    message = ask(phone, jobs, "picture")

    assert message["media_url"] or "/r/" in str(message["body"])
