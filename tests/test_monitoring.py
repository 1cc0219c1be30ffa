"""Alerts and dashboard: they name metrics that exist, promtool takes them, and each says what to do."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.certificate import Authority
from ruamel.yaml import YAML

from bot.ports import Services
from bot.readings import Readings, exposition

DOCS = Path(__file__).parent.parent / "docs"
MONITORING = DOCS / "monitoring"
OTHERS = {"probe_ssl_earliest_cert_expiry"}  # of blackbox_exporter
CERTIFICATE_ENDS = "vaxtext_registry_certificate_ends_timestamp_seconds"  # only where there is one
NAME = re.compile(r"\b(?:vaxtext|probe)_[a-z_]+\b")


def rules() -> list[dict[str, object]]:
    return [rule for group in YAML(typ="safe").load(MONITORING / "alerts.yml")["groups"] for rule in group["rules"]]


@pytest.fixture
def known(services: Services) -> set[str]:
    """What the processes really expose, and what they would with all settings."""
    told = exposition(services).decode()
    names = {family.partition(" ")[0] for family in re.findall(r"^# TYPE (vaxtext_.*)$", told, re.M)}
    return names | {CERTIFICATE_ENDS}


def used() -> dict[str, set[str]]:
    dashboard = json.loads((MONITORING / "grafana.json").read_text())
    shown = " ".join(target["expr"] for panel in dashboard["panels"] for target in panel["targets"])
    return {
        "alerts": set(NAME.findall(" ".join(str(rule["expr"]) for rule in rules()))),
        "dashboard": set(NAME.findall(shown)),
        "operators.md": set(re.findall(r"^\| `(vaxtext_\w+)` \|", (DOCS / "operators.md").read_text(), re.M)),
    }


@pytest.mark.parametrize("where", ["alerts", "dashboard", "operators.md"])
def test_only_metrics_that_exist_are_used(where: str, known: set[str]) -> None:
    assert used()[where] <= known | OTHERS


def test_every_metric_is_explained(known: set[str]) -> None:
    assert used()["operators.md"] == known


def test_every_alert_has_a_section_that_says_what_to_do() -> None:
    sections = re.findall(r"^### (\w+)$", (DOCS / "operators.md").read_text().partition("## Alerts")[2], re.M)

    alerts = [str(rule["alert"]) for rule in rules()]
    assert sections[: len(alerts)] == alerts
    for rule in rules():
        assert isinstance(rule["annotations"], dict)
        assert rule["annotations"]["runbook"] == f"docs/operators.md#{str(rule['alert']).lower()}"


def promtool() -> str:
    """Without it the test is skipped, or fails where VAXTEXT_REQUIRE_PROMTOOL=1 says that it must be there."""
    ours = Path(sys.executable).parent / "promtool"  # where `make test` unpacks it
    if found := shutil.which("promtool") or shutil.which(ours):
        return found
    missing = "there is no promtool: apt-get install prometheus"
    if os.environ.get("VAXTEXT_REQUIRE_PROMTOOL") == "1":
        pytest.fail(f"VAXTEXT_REQUIRE_PROMTOOL=1, but {missing}")
    pytest.skip(missing)


@pytest.mark.parametrize("arguments", ["check rules alerts.yml", "test rules alerts_test.yml"])
def test_promtool_takes_the_rules_and_they_fire_when_they_should(arguments: str) -> None:
    ran = subprocess.run(
        [promtool(), *arguments.split()], cwd=MONITORING, capture_output=True, text=True, check=False, timeout=60
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_end_of_the_registrys_certificate_is_told(services: Services, tmp_path: Path) -> None:
    certificate, _ = Authority(tmp_path).issue(ends=timedelta(days=30))

    (told,) = (metric for metric in Readings(services, certificate).collect() if metric.name == CERTIFICATE_ENDS)

    assert told.samples[0].value == pytest.approx(time.time() + 30 * 86_400, abs=3600)
    assert CERTIFICATE_ENDS not in {metric.name for metric in Readings(services).collect()}
