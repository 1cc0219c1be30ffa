"""What the fake Twilio knows of an account: its numbers, messaging services and registrations, told and changed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qs

PARAMETERS = {  # as the API's form names them: in the answer
    "SmsUrl": "sms_url",
    "SmsMethod": "sms_method",
    "SmsFallbackUrl": "sms_fallback_url",
    "SmsFallbackMethod": "sms_fallback_method",
    "SmsApplicationSid": "sms_application_sid",
    "InboundRequestUrl": "inbound_request_url",
    "InboundMethod": "inbound_method",
    "FallbackUrl": "fallback_url",
    "FallbackMethod": "fallback_method",
}
Thing = dict[str, object]


@dataclass
class FakeAccount:
    sid: str
    status: str = "active"
    kind: str = "Full"
    numbers: list[Thing] = field(default_factory=list)
    short_codes: list[Thing] = field(default_factory=list)
    services: list[Thing] = field(default_factory=list)
    members: dict[str, list[str]] = field(default_factory=dict)  # sids of numbers by service
    campaigns: dict[str, str] = field(default_factory=dict)  # status by service
    toll_free: dict[str, str] = field(default_factory=dict)  # status by number
    changed: list[dict[str, str]] = field(default_factory=list)
    tells_services: bool = True  # Twilio's regions, and others who speak its API, have no such addresses

    def add_number(self, phone: str, **others: object) -> str:
        sid = f"PN{len(self.numbers):032x}"
        able = {"sms": True, "mms": True, "voice": True, "fax": False}
        plain = {"sms_url": "", "sms_method": "POST", "sms_fallback_url": "", "sms_fallback_method": "POST"}
        self.numbers.append({"sid": sid, "phone_number": phone, "capabilities": able, **plain, **others})
        return sid

    def add_short_code(self, code: str, **others: object) -> str:
        sid = f"SC{len(self.short_codes):032x}"
        plain = {"sms_url": "", "sms_method": "POST", "sms_fallback_url": "", "sms_fallback_method": "POST"}
        self.short_codes.append({"sid": sid, "short_code": code, **plain, **others})
        return sid

    def add_service(self, *number_sids: str, campaign: str = "", **others: object) -> str:
        sid = f"MG{len(self.services):032x}"
        plain = {"use_inbound_webhook_on_number": True, "mms_converter": False, "friendly_name": "records"}
        hooks = {"inbound_request_url": None, "inbound_method": "POST", "fallback_url": None, "fallback_method": "POST"}
        self.services.append({"sid": sid, **plain, **hooks, **others})
        self.members[sid] = list(number_sids)
        if campaign:
            self.campaigns[sid] = campaign
        return sid

    def tell(self, path: str, query: str) -> object | None:
        """The answer to a question about the account; None: it is about something else."""
        asked = {name: values[-1] for name, values in parse_qs(query).items()}
        at = f"/2010-04-01/Accounts/{self.sid}"
        if path == f"{at}.json":
            return {"sid": self.sid, "status": self.status, "type": self.kind}
        if path == f"{at}/IncomingPhoneNumbers.json":
            found = [number for number in self.numbers if number["phone_number"] == asked.get("PhoneNumber")]
            return {"incoming_phone_numbers": found, "uri": path, "next_page_uri": None}
        if path == f"{at}/SMS/ShortCodes.json":
            found = [code for code in self.short_codes if code["short_code"] == asked.get("ShortCode")]
            return {"short_codes": found, "uri": path, "next_page_uri": None}
        if not self.tells_services:
            return None
        if path == "/v1/Tollfree/Verifications":
            status = self.toll_free.get(asked.get("TollfreePhoneNumberSid", ""))
            return _page("verifications", [{"sid": "HH", "status": status}] if status else [])
        return self._tell_of_services(path)

    def _tell_of_services(self, path: str) -> object | None:
        match path.split("/"):
            case ["", "v1", "Services"]:
                return _page("services", self.services)
            case ["", "v1", "Services", sid, "PhoneNumbers"]:
                return _page("phone_numbers", [n for n in self.numbers if n["sid"] in self.members.get(sid, [])])
            case ["", "v1", "Services", sid, "ShortCodes"]:
                return _page("short_codes", [c for c in self.short_codes if c["sid"] in self.members.get(sid, [])])
            case ["", "v1", "Services", sid, "Compliance", "Usa2p"]:
                status = self.campaigns.get(sid)
                return _page("compliance", [{"sid": "QE", "campaign_status": status}] if status else [])
        return None

    def hear(self, path: str, form: dict[str, str]) -> Callable[[], Thing] | None:
        """How a thing of the account is changed by this; None: it is no change of one."""
        sid = path.rpartition("/")[2].removesuffix(".json")
        for thing in (*self.numbers, *self.short_codes, *self.services):
            if thing["sid"] == sid:
                return lambda thing=thing: self._change(thing, form)
        return None

    def _change(self, thing: Thing, form: dict[str, str]) -> Thing:
        self.changed.append(form)
        thing.update({PARAMETERS[name]: value for name, value in form.items()})
        return thing


def _page(key: str, things: list[Thing]) -> Thing:
    return {key: things, "meta": {"key": key, "next_page_url": None}}
