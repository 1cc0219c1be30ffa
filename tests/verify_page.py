"""The page /verify in a real browser, with issuers on its list and cards of our own."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from browser import Window, running_app
from playwright.sync_api import Page, expect
from vectors.issuers import Issuers

from bot.config import read_settings
from bot.conversation.answers.date_of_birth import show as show_date
from bot.ports import Cards
from bot.vaccines import Vaccines, packaged
from bot.wiring import build_system

OURS = "https://records.example.gov"
PRODUCTS = Vaccines(packaged())


@dataclass(frozen=True)
class Door:
    """An app whose page verifies, and whoever issues cards for it."""

    address: str
    issuers: Issuers
    cards: Cards

    def open(self, window: Window, language: str = "en") -> Page:
        page = window.open(f"{self.address}/verify?language={language}")
        expect(page.locator("#ways")).to_be_visible()
        return page


@contextmanager
def door(folder: Path, issuers: Issuers) -> Iterator[Door]:
    settings = {"card_issuer": OURS, "trusted_issuers": issuers.write(folder / "trust.json")}
    with running_app(folder / "var", **settings) as address:
        system = build_system(read_settings({"data_dir": folder / "var", "public_url": address, **settings}))
        try:
            yield Door(address, issuers, system.services.cards)
        finally:
            system.close()


def paste(page: Page, text: str) -> None:
    """Show the page a text and wait for what it says."""
    if page.locator("#next").is_visible():
        page.locator("#next").click()
    page.evaluate("document.getElementById('results').replaceChildren()")
    page.locator("#text").evaluate("(field, text) => { field.value = text; }", text)
    page.locator("#paste button").click()
    page.wait_for_selector(".result")


def says(page: Page) -> list[str]:
    """The verdict on each card, from above."""
    verdicts: list[str] = page.locator(".result").evaluate_all("all => all.map(one => one.dataset.verdict)")
    return verdicts


def facts_shown(page: Page) -> list[dict[str, Any]]:
    """What stands on the page of each verified card."""
    shown: list[dict[str, Any]] = page.locator(".result.good").evaluate_all(
        """all => all.map(card => {
            const text = (within, name) => within.querySelector(`[data-fill=${name}]`)?.textContent ?? "";
            const doses = [...card.querySelectorAll(".dose")].map(dose => Object.fromEntries(
                ["date", "product", "lot", "place"].map(name => [name, text(dose, name)])));
            return {name: text(card, "name"), birth_date: text(card, "birth_date"), doses};
        })"""
    )
    return shown


def as_shown(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts of a vector as an English page words them."""
    doses = [
        {"date": day(d["date"]), "product": product(d["code"]), "lot": d["lot"], "place": d["place"]}
        for d in facts["doses"]
    ]
    return {"name": facts["name"], "birth_date": day(facts["birth_date"]), "doses": doses}


@functools.cache
def day(iso: str) -> str:
    return show_date(iso, "en") if len(iso) == len("2021-03-18") else iso


def product(code: str) -> str:
    return PRODUCTS.product(code) or f"Vaccine code {code or '?'}"
