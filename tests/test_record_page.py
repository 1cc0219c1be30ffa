"""The record page: GET shows a form and changes nothing, POST opens, five wrong PINs end it."""

import json
import re
from io import BytesIO

import pytest
import redis
import zxingcpp
from conftest import Phone, RecordedJobs
from flask.testing import FlaskClient
from PIL import Image

from bot.cards.jws import verify
from bot.cards.qr import decode_numeric
from bot.wiring import System

LINK = re.compile(r"https://bot\.example\.org(/r/\S+)")
LARS = ("+13605550118", "1", "Lars", "Eriksen", "5/17/1983", "1", "AGREE", "4821", "1")
NINA = ("+13605550120", "1", "Nina", "Petrova", "2/20/1996", "1", "AGREE", "4821")
HENRY = ("+13605550121", "1", "Henry", "Walsh", "August 12 1990", "1", "AGREE", "4821", "1")


@pytest.fixture
def link(phone: Phone, jobs: RecordedJobs) -> str:
    phone.text("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "AGREE", "4821", "link")
    jobs.work()
    return link_of(phone)


def link_of(phone: Phone) -> str:
    found = LINK.search(str(phone.received()[-1]["body"]))
    assert found
    return found[1]


def test_a_preview_robot_changes_nothing(link: str, client: FlaskClient, system: System) -> None:
    before = _dump(system.client)

    answers = [client.open(link, method=method) for method in ("GET", "HEAD", "GET", "OPTIONS")]

    assert {answer.status_code for answer in answers} == {200}
    assert "Reyes" not in answers[0].text
    assert _dump(system.client) == before


def test_the_right_pin_shows_the_facts_of_the_paper_card(link: str, client: FlaskClient) -> None:
    page = client.post(link, data={"pin": "4821"})

    assert page.status_code == 200
    for fact in ("Ana Reyes", "March 27, 1985", "Pfizer-BioNTech", "EW0162", "EW0175", "April 8, 2021", "<svg"):
        assert fact in page.text
    assert 'lang="en"' in page.text
    assert "redirect.health.apple.com" not in page.text


def test_a_spanish_conversation_opens_a_spanish_page(phone: Phone, jobs: RecordedJobs, client: FlaskClient) -> None:
    phone.text("hola", "español", "Ana", "Reyes", "27 de marzo de 1985", "1", "acepto", "4821", "enlace")
    jobs.work()

    page = client.post(link_of(phone), data={"pin": "4821"})

    assert 'lang="es"' in page.text
    assert "27 de marzo de 1985" in page.text


def test_apple_health_is_offered_on_an_iphone_only(link: str, client: FlaskClient) -> None:
    page = client.post(link, data={"pin": "4821"}, headers={"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0)"})

    assert "https://redirect.health.apple.com/SMARTHealthCard/#" in page.text


def test_a_wrong_pin_says_how_many_tries_are_left_and_five_end_the_link(link: str, client: FlaskClient) -> None:
    answers = [client.post(link, data={"pin": "1111"}) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 403, 404]
    assert '<bdi class="value">4</bdi> tries left' in answers[0].text
    assert "one try left" in answers[3].text
    gone = client.get(link)
    assert gone.status_code == 404
    assert gone.data == client.get("/r/aaaaaaaaaaaaaaaaaaaaaaaaaa").data == client.get("/r/x").data
    assert client.post(link, data={"pin": "4821"}).data == gone.data


@pytest.mark.parametrize("pin", ["", "482", "48211", "abcd", "4 8 2 1", "４８２", "٤٨٢", "٤٨٢١٠", "፬፰፪፩"])
def test_what_is_no_pin_costs_no_try(pin: str, link: str, client: FlaskClient, system: System) -> None:
    before = _dump(system.client)

    answer = client.post(link, data={"pin": pin})

    assert answer.status_code == 422
    assert "4 digits" in answer.text
    assert _dump(system.client) == before


@pytest.mark.parametrize("pin", ["４８２１", "٤٨٢١", "۴۸۲۱", "४८२१", " ٤٨٢١ "])
def test_a_pin_opens_in_the_digits_of_every_script(pin: str, link: str, client: FlaskClient) -> None:
    assert client.post(link, data={"pin": pin}).status_code == 200


@pytest.mark.parametrize("chosen", ["٤٨٢١", "۴۸۲۱", "４８２１"])
def test_a_pin_that_was_chosen_in_other_digits_opens_in_latin_ones(
    chosen: str, phone: Phone, jobs: RecordedJobs, client: FlaskClient
) -> None:
    phone.text("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "AGREE", chosen, "link")
    jobs.work()

    link = link_of(phone)

    assert client.post(link, data={"pin": "4821"}).status_code == 200
    assert client.post(link, data={"pin": chosen}).status_code == 200


SPELLINGS = {
    "in capitals": ("/r/{upper}", "/R/{upper}", "/r/{title}"),
    "with a sign behind": tuple(
        f"/r/{{token}}{sign}" for sign in ("/", ".", ")", ",", "。", ").", "/.", ">", "…", "请")
    ),
    "with a sign before": ("/r/({token}", "/r/<{token}>"),
    "with a slash too many": ("/r//{token}",),
}


@pytest.mark.parametrize("ways", SPELLINGS.values(), ids=SPELLINGS)
def test_a_link_that_was_retyped_or_cut_out_badly_leads_to_the_link(
    ways: tuple[str, ...], link: str, client: FlaskClient
) -> None:
    token = link.removeprefix("/r/")
    for way in ways:
        spelled = way.format(token=token, upper=token.upper(), title=token.title())

        answer = client.get(spelled, follow_redirects=True)

        assert answer.request.path == link, spelled
        assert (answer.status_code, len(answer.history)) == (200, 1), spelled
        assert client.head(spelled).status_code in (302, 308), spelled


def test_other_spellings_lead_on_but_open_nothing_and_cost_no_try(
    link: str, client: FlaskClient, system: System
) -> None:
    before = _dump(system.client)

    answers = [client.post(f"{link}{more}", data={"pin": "9999"}) for more in (".", "/", ")")]
    answers.append(client.post(link.upper().replace("/R/", "/r/"), data={"pin": "9999"}))

    assert all(answer.status_code in (404, 405) for answer in answers)
    assert _dump(system.client) == before


@pytest.mark.parametrize("path", ["/r/x.", "/r/A", "/r/aaaa/bbbb", "/R/x", "/r/aaaaaaaaaaaaaaaaaaaaaaaaaab", "/r/.."])
def test_what_is_no_token_leads_nowhere(path: str, client: FlaskClient) -> None:
    answer = client.get(path)

    assert (answer.status_code, "Location" in answer.headers) == (404, False)


def test_picture_pdf_and_card_file_hold_the_signed_card(link: str, client: FlaskClient) -> None:
    page = client.post(link, data={"pin": "4821"}).text
    file = client.get(_path(page, r"\w+\.smart-health-card"))
    picture, pdf = client.get(_path(page, r"\w+/1\.png")), client.get(_path(page, r"\w+/record\.pdf"))

    (code,) = zxingcpp.read_barcodes(_image(picture.data), formats=zxingcpp.BarcodeFormat.QRCode)
    jws = decode_numeric(code.text)
    assert json.loads(file.data) == {"verifiableCredential": [jws]}
    assert file.mimetype == "application/smart-health-card"
    assert "attachment" in file.headers["Content-Disposition"]
    assert (picture.mimetype, pdf.mimetype) == ("image/png", "application/pdf")
    assert pdf.data.startswith(b"%PDF")
    claims = verify(jws, client.get("/.well-known/jwks.json").json)
    assert claims["iss"] == "https://bot.example.org"
    assert "Reyes" in json.dumps(claims)


def test_the_picture_of_a_message_is_fetched_by_get_and_head(
    phone: Phone, jobs: RecordedJobs, client: FlaskClient
) -> None:
    phone.text("Hi", "1", "Ana", "Reyes", "3/27/1985", "1", "AGREE", "4821", "picture")
    jobs.work()
    path = str(phone.received()[0]["media_url"]).removeprefix("https://bot.example.org")

    head, get = client.head(path), client.get(path)

    assert (head.status_code, get.status_code) == (200, 200)
    assert head.headers["Content-Length"] == str(len(get.data))
    assert get.mimetype == "image/png"
    assert client.get(path.replace(".png", ".smart-health-card")).status_code == 404
    assert client.get("/m/aaaaaaaaaaaaaaaaaaaaaaaaaa.png").status_code == 404


def opened(phone: Phone, jobs: RecordedJobs, number: str, *answers: str) -> str:
    phone.number = number
    phone.text("Hi", *answers)
    jobs.work()
    page = phone.client.post(link_of(phone), data={"pin": "4821"})
    assert page.status_code == 200
    return page.text


def test_an_unknown_vaccine_code_is_still_a_dose_and_says_why_it_is_not_in_the_qr_code(
    phone: Phone, jobs: RecordedJobs
) -> None:
    page = opened(phone, jobs, *LARS)

    assert 'Vaccine code <bdi class="value">999</bdi>' in page
    assert page.index(">COVID-19</h2>") < page.index("March 30, 2021") < page.index(">Other vaccines</h2>")
    assert page.index(">Other vaccines</h2>") < page.index("because we did not know this vaccine code")
    assert dates_on_card(phone.client, page) == ["2021-03-30"]


@pytest.mark.parametrize("asked", ["link", "picture"])
def test_who_has_only_unknown_codes_gets_a_page_without_a_qr_code(asked: str, phone: Phone, jobs: RecordedJobs) -> None:
    page = opened(phone, jobs, *NINA, asked)

    assert 'Vaccine code <bdi class="value">9999</bdi>' in page
    assert "Take a screenshot now." in page
    assert 'class="qr"' not in page
    assert "/m/" not in page
    assert phone.received()[-1]["media_url"] is None


def test_the_reason_is_in_the_language_of_the_conversation(phone: Phone, jobs: RecordedJobs) -> None:
    number, _, *answers = LARS

    page = opened(phone, jobs, number, "2", *answers)

    assert "No está en un código QR, porque no conocíamos este código de vacuna" in page


def test_dates_that_cannot_be_right_are_shown_with_the_reason_and_not_in_the_qr_code(
    phone: Phone, jobs: RecordedJobs
) -> None:
    page = opened(phone, jobs, *HENRY)

    right, early, late = (page.index(day) for day in ("April 27, 2021", "April 6, 1921", "January 18, 2202"))
    assert right < early < page.index("because its date is before the birth date") < late
    assert late < page.index("because its date is still to come")
    assert dates_on_card(phone.client, page) == ["2021-04-27"]


def dates_on_card(client: FlaskClient, page: str) -> list[str]:
    """The dates of the doses in the card file, which holds one card."""
    (jws,) = json.loads(client.get(_path(page, r"\w+\.smart-health-card")).data)["verifiableCredential"]
    claims = verify(jws, client.get("/.well-known/jwks.json").json)
    return re.findall(r'"occurrenceDateTime": "([^"]+)"', json.dumps(claims))


def _path(page: str, name: str) -> str:
    found = re.search(f"/m/{name}", page)
    assert found
    return found[0]


def _image(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data)).convert("L")


def _dump(client: redis.Redis) -> dict[bytes, object]:
    return {key: client.hgetall(key) for key in client.scan_iter("vt:l:*")}
