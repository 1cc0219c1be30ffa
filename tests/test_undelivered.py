"""A message cannot reach its contact: who gets it instead, and who hears of it."""

from dataclasses import dataclass, replace
from datetime import date

import pytest
from fakes.carrier import Carrier
from fakes.post_office import PostOffice
from fakes.twilio import Failure
from limited import with_limits

from bot.conversation.events import Delay
from bot.limiting import admit_letter, admit_link
from bot.limits.table import DAY, Rule
from bot.outbox.course import LEASE, LOOK
from bot.ports import DeliveryRefused, Services
from bot.records import Demographics, Immunization, VaccineRecord
from bot.telling import tell

SOFIA, SOFIAS_MAIL = "+13605550122", "sofia.marin@example.org"
TOM, TOMS_OTHER, TOMS_MAIL = "+13605550111", "+13605550112", "tom@example.org"
ASKED = ("Hi", "1", "Sofia", "Marin", "9/9/1979", "1", "1", "4821", "link")
ELSEWHERE = ("Hi", "1", "Tom", "Kowalski", "12/31/1977", "360-555-0112", "1", "4821")
LANDLINE = DeliveryRefused("30006")
SAID = "Our last message could not be delivered to this phone, so the link went to the email on the record."
SAID_PLAINLY = "Our last message, with your record, could not be delivered to this phone. Text LINK to get it again."


@dataclass
class Registry:
    """Knows one person, by these contacts."""

    phones: frozenset[str]
    emails: frozenset[str]

    def find(self, who: Demographics) -> VaccineRecord | None:
        if who.contact not in self.phones | self.emails:
            return None
        dose = Immunization("208", date(2021, 4, 8))
        given, born = (who.first_name,), who.birth_date
        return VaccineRecord("p1", who.last_name, given, born, None, (dose,), self.phones, self.emails)

    def ping(self) -> None: ...


@pytest.fixture
def carrier(post: PostOffice) -> Carrier:
    carrier = Carrier()
    post.use(carrier)
    post.phone.number = SOFIA
    return carrier


def knows(post: PostOffice, *contacts: str) -> None:
    mails = frozenset(contact for contact in contacts if "@" in contact)
    post.jobs.services = replace(post.services, iis=Registry(frozenset(contacts) - mails, mails))


def link_in(body: str) -> str:
    return body.partition("/r/")[2].split()[0]


def test_the_link_goes_to_the_one_email_on_the_record_and_the_next_text_hears_so_once(
    post: PostOffice, carrier: Carrier
) -> None:
    carrier.refuses[SOFIA] = LANDLINE
    post.ask(*ASKED)

    post.send()
    post.send()
    post.send()

    (mail,) = carrier.sent
    assert (mail.to, mail.subject) == (SOFIAS_MAIL, "Your COVID-19 vaccine record")
    assert len(link_in(mail.body)) == 26
    assert str(post.phone.text("so?")).startswith(SAID)
    assert not str(post.phone.text("so?")).startswith("Our last message")


def test_the_email_brings_the_very_same_link(post: PostOffice) -> None:
    post.phone.number = SOFIA
    post.ask(*ASKED)
    post.send()
    post.call_back("undelivered", 30005)

    mails = Carrier()
    post.use(mails)
    post.send()
    post.send()

    assert link_in(mails.to(SOFIAS_MAIL)[0]) == link_in(post.bodies()[0])


def test_an_email_goes_once_however_often_the_phone_fails(post: PostOffice, carrier: Carrier) -> None:
    carrier.refuses[SOFIA] = LANDLINE
    post.ask(*ASKED)

    for _ in range(3):
        post.send()
        post.send(after=LEASE)
        post.phone.text("link")

    assert len(carrier.to(SOFIAS_MAIL)) == 1
    assert carrier.to(SOFIA) == []


def test_in_her_language(post: PostOffice, carrier: Carrier) -> None:
    carrier.refuses[SOFIA] = LANDLINE
    post.ask("Hola", "2", "Sofia", "Marin", "9 septiembre 1979", "1", "1", "4821", "enlace")

    for _ in range(3):
        post.send()

    assert carrier.sent[0].subject == "Su registro de vacuna COVID-19"
    assert str(post.phone.text("¿y?")).startswith("No se pudo entregar el mensaje en este teléfono")


@pytest.mark.parametrize(
    "contacts",
    [(SOFIA,), (SOFIA, SOFIAS_MAIL, "old@example.org"), (SOFIA, "+13605550177")],
    ids=["no email", "two emails: nobody knows which is hers", "another phone only"],
)
def test_without_one_email_nobody_gets_it_and_the_next_text_hears_how_to(
    contacts: tuple[str, ...], post: PostOffice, carrier: Carrier
) -> None:
    knows(post, *contacts)
    carrier.refuses[SOFIA] = LANDLINE
    post.ask(*ASKED)

    post.send()
    post.send()

    assert carrier.sent == []
    assert str(post.phone.text("so?")).startswith(SAID_PLAINLY)


def test_a_picture_never_goes_by_email(post: PostOffice, carrier: Carrier) -> None:
    carrier.refuses[SOFIA] = LANDLINE
    post.ask(*ASKED[:-1], "picture")

    post.send()
    post.send()

    assert carrier.sent == []
    assert str(post.phone.text("so?")).startswith(SAID_PLAINLY)


def test_an_answer_without_a_link_is_told_with_what_it_asked(post: PostOffice, carrier: Carrier) -> None:
    carrier.refuses[SOFIA] = LANDLINE
    post.ask(*ASKED[:3], "Nobody", *ASKED[4:])

    post.send()
    post.send()

    reply = str(post.phone.text("so?"))
    assert reply.startswith("Our last message could not be delivered to this phone.\nWe found no")
    assert "1 Change the name" in reply
    assert "first name" in str(post.phone.text("1"))


def test_who_begins_anew_hears_it_too(post: PostOffice, carrier: Carrier) -> None:
    carrier.refuses[SOFIA] = LANDLINE
    post.ask(*ASKED)
    post.send()
    post.send()
    post.clock.wait(3 * 3600)

    reply = str(post.phone.text("Hello"))

    assert reply.startswith(SAID)
    assert "1 English" in reply


def test_a_session_that_is_gone_hears_it_all_the_same(post: PostOffice, carrier: Carrier, services: Services) -> None:
    carrier.refuses[SOFIA] = LANDLINE
    post.ask(*ASKED)
    services.sessions.client.delete(services.sessions.key(SOFIA))
    post.send()
    post.send()
    carrier.refuses.clear()

    assert str(post.phone.text("Hello")).startswith(SAID)
    post.phone.text("link")
    post.send()

    assert len(link_in(carrier.to(SOFIA)[0])) == 26


def test_a_notice_that_is_not_delivered_is_nobodys_loss(post: PostOffice, carrier: Carrier) -> None:
    carrier.refuses[SOFIA] = LANDLINE
    post.phone.text(*ASKED)
    key = post.services.sessions.key(SOFIA)
    session = post.services.sessions.load(key).session
    assert session
    assert tell(post.services, key, Delay(session.work[0].id))

    post.send()
    post.send()

    assert post.phone.text("so?") == post.services.flow.words_in("en").say["looking.delayed"]


def elsewhere(post: PostOffice, *, on_record: bool, refused: bool) -> list[str | None]:
    """All that Tom's own phone reads when he asks for a link to his other one."""
    carrier = Carrier(refuses={TOMS_OTHER: LANDLINE} if refused else {})
    post.phone.number = TOM
    post.use(carrier)
    knows(post, *(TOMS_OTHER, TOMS_MAIL) if on_record else (SOFIA,))
    before = len(post.phone.replies)
    post.ask(*ELSEWHERE)
    for _ in range(3):
        post.send()
    post.phone.text("so?", "link", "picture", "2", "link", "RESTART", "1", "STOP")
    return [*post.phone.replies[before:], *carrier.to(TOM)]


def test_a_failure_elsewhere_tells_the_chat_nothing(post: PostOffice) -> None:
    heard = {
        tuple(elsewhere(post, on_record=on_record, refused=refused))
        for on_record, refused in ((True, False), (True, True), (False, False))
    }

    assert len(heard) == 1


def test_for_another_phone_on_the_record_the_one_email_on_it_may_serve(post: PostOffice) -> None:
    carrier = Carrier(refuses={TOMS_OTHER: LANDLINE})
    post.phone.number = TOM
    post.use(carrier)
    knows(post, TOMS_OTHER, TOMS_MAIL)
    post.ask(*ELSEWHERE)

    for _ in range(3):
        post.send()

    assert [message.to for message in carrier.sent] == [TOMS_MAIL]
    assert "/r/" in carrier.sent[0].body


def full(post: PostOffice, email: str, *, but: int = 0) -> None:
    """Others have had as many links sent to this email as go there in a day, but for so many."""
    post.jobs.services = with_limits(post.services, links_to_a_contact_from_all=Rule(3, DAY))
    for number in range(3 - but):
        admit_link(post.services, email, f"+1360556{number:04}", f"{number:024x}")


def test_a_letter_in_place_of_another_phone_is_one_of_the_links_that_its_email_may_get(post: PostOffice) -> None:
    carrier = Carrier(refuses={TOMS_OTHER: LANDLINE})
    post.use(carrier)
    knows(post, TOMS_OTHER, TOMS_MAIL)
    full(post, TOMS_MAIL, but=2)

    for number in range(3):
        post.phone.number = f"+1360557{number:04}"
        post.ask(*ELSEWHERE)
        for _ in range(3):
            post.send(after=LEASE)

    assert [message.to for message in carrier.sent] == [TOMS_MAIL] * 2
    assert post.services.limits.reached(post.services.now()) == {"links_to_a_contact_from_all": 1}


def test_over_what_an_email_may_get_no_letter_goes_there_and_the_chat_reads_the_same(post: PostOffice) -> None:
    before = elsewhere(post, on_record=True, refused=True)
    full(post, TOMS_MAIL, but=1)

    assert elsewhere(post, on_record=True, refused=True) == before
    assert post.services.limits.reached(post.services.now()) == {"links_to_a_contact_from_all": 1}


def test_a_letter_is_counted_once_though_its_worker_was_killed_before_it_was_posted(post: PostOffice) -> None:
    carrier = Carrier(refuses={TOMS_OTHER: LANDLINE})
    post.phone.number = TOM
    post.use(carrier)
    knows(post, TOMS_OTHER, TOMS_MAIL)
    full(post, TOMS_MAIL, but=1)
    post.phone.text(*ELSEWHERE)
    ((_, work_id, _),) = post.jobs.queued
    post.work()

    assert admit_letter(post.services, TOMS_MAIL, work_id)  # and there it ended
    for _ in range(3):
        post.send(after=LEASE)

    assert [message.to for message in carrier.sent] == [TOMS_MAIL]


def test_what_others_had_sent_to_her_email_takes_nothing_from_what_her_own_phone_asked_for(
    post: PostOffice, carrier: Carrier
) -> None:
    carrier.refuses[SOFIA] = LANDLINE
    full(post, SOFIAS_MAIL)
    post.ask(*ASKED)

    for _ in range(3):
        post.send()

    assert [message.to for message in carrier.sent] == [SOFIAS_MAIL]


def test_an_email_that_is_refused_leads_nowhere_else(post: PostOffice) -> None:
    carrier = Carrier(refuses={TOMS_MAIL: DeliveryRefused("550")})
    post.phone.number = TOM
    post.use(carrier)
    knows(post, TOMS_OTHER, TOMS_MAIL)
    post.ask(*ELSEWHERE[:5], TOMS_MAIL, *ELSEWHERE[6:])

    for _ in range(3):
        post.send(after=LOOK)

    assert carrier.sent == []


def test_a_link_that_arrived_before_the_email_left_does_not_go_twice(post: PostOffice) -> None:
    post.phone.number = SOFIA
    post.ask(*ASKED)
    post.send()
    post.call_back("undelivered", 30003)
    post.call_back("delivered")
    mails = Carrier()
    post.use(mails)

    post.send()
    post.send()

    assert mails.sent == []


def test_who_opted_out_gets_no_text_and_asks_again_when_she_is_back(post: PostOffice) -> None:
    post.twilio.fail(Failure(400, 21610))
    post.ask()
    post.send()
    post.send()

    assert str(post.phone.text("hello?")).startswith(SAID_PLAINLY)
    assert str(post.phone.text("link")).startswith("We are sending it to you again now.")
    post.send()

    assert len(post.bodies()) == 1


def test_who_has_gone_on_hears_it_and_loses_no_answer(post: PostOffice) -> None:
    post.ask()
    post.send()
    post.phone.text("1")  # another person, though the link has not arrived
    post.call_back("undelivered", 30003)
    post.send()

    reply = str(post.phone.text("Mia"))

    assert reply == f"{SAID_PLAINLY}\nAnd the last name? If there are two, send both."


def test_asking_for_it_at_once_says_only_that_it_comes(post: PostOffice) -> None:
    post.ask()
    post.send()
    post.call_back("undelivered", 30003)
    post.send()

    assert str(post.phone.text("link")).startswith("We are sending it to you again now.")
    assert not str(post.phone.text("hm")).startswith("Our last message")
