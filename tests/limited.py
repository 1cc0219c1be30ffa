"""Services with other numbers in limits.yaml, and what was counted."""

from dataclasses import replace

from bot.limits.table import Rule
from bot.ports import Services
from bot.transcripts.app import FixedFlow
from bot.wiring import System


def with_limits(services: Services, **rules: Rule) -> Services:
    flow = services.flow
    changed = {name: (rule,) for name, rule in rules.items()}
    return replace(services, flows=FixedFlow(replace(flow, allowed={**flow.allowed, **changed})))


def keys(system: System, limit: str) -> list[bytes]:
    """The names of all sets of a limit, or of a limit and its seconds."""
    return list(system.client.scan_iter(f"vt:{{limits}}:{limit}:*"))
