"""axe-core in a page, with every rule it has. `make test` installs it in tests/browser_checks."""

import os
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Page

FILE = Path(__file__).parent / "browser_checks" / "node_modules" / "axe-core" / "axe.min.js"
DARK_TOO = ("en", "ar")  # colours know no language, but where things stand does
RUN = """async () => {
  const rules = Object.fromEntries(axe.getRules().map(({ ruleId }) => [ruleId, { enabled: true }]));
  const { violations } = await axe.run(document, { rules, resultTypes: ["violations"] });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
}"""


@cache
def source() -> str:
    """Without axe-core the test is skipped, or fails where VAXTEXT_REQUIRE_BROWSER=1 says that it must be there."""
    if not FILE.is_file():
        missing = "there is no axe-core: npm ci --prefix tests/browser_checks"
        (pytest.fail if os.environ.get("VAXTEXT_REQUIRE_BROWSER") == "1" else pytest.skip)(missing)
    return FILE.read_text(encoding="utf-8")


def violations_by_day_and_night(page: Page, language: str) -> list[str]:
    """By day, and in some languages by night too."""
    found = violations(page)
    if language in DARK_TOO:
        page.emulate_media(color_scheme="dark")
        found += violations(page)
        page.emulate_media(color_scheme="light")
    return found


def violations(page: Page) -> list[str]:
    """What keeps people out of this page, by all rules: WCAG's A, AA and AAA, good practice, experiments."""
    page.evaluate(source())
    found: list[str] = page.evaluate(RUN)
    return found
