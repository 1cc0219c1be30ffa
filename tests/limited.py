"""Services with other numbers in limits.yaml."""

from dataclasses import replace

from bot.limits.table import Rule
from bot.ports import Services
from bot.transcripts.app import FixedFlow


def with_limits(services: Services, **rules: Rule) -> Services:
    flow = services.flow
    changed = {name: (rule,) for name, rule in rules.items()}
    return replace(services, flows=FixedFlow(replace(flow, allowed={**flow.allowed, **changed})))
