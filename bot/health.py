"""Whether this process can do its work now, and what else is to be known: the same words for web and worker."""

from typing import Any

from bot.ports import Services, StoreUnavailable

WORST = ("open", "half-open", "closed")  # states of the registry


def readiness(services: Services) -> tuple[bool, dict[str, Any]]:
    """Ready: Redis takes, seals and gives back. The registry does not decide: without it residents are answered."""
    flow = {
        "name": services.flow.name,
        "structure": services.flow.structure,
        "errors_on_disk": services.flows.problems(),  # not 0: we go on with the last good files
    }
    try:
        services.vitals.check()
        seen = _seen(services)
    except StoreUnavailable as error:
        return False, {"ready": False, "redis": False, "reason": str(error), "flow": flow}
    return True, {"ready": True, "redis": True, "flow": flow, **seen}


def _seen(services: Services) -> dict[str, Any]:
    now = services.now()
    workers, waiting = services.vitals.workers(now), services.vitals.waiting(now)
    states = {beat.registry for beat in workers}
    return {
        "workers": len(workers),
        "last_worked": max((beat.worked_at for beat in workers), default=0) or None,
        "registry": next((state for state in WORST if state in states), "unknown"),
        "oldest_delivery": round(waiting.oldest_delivery),
        "oldest_job": round(waiting.oldest_job),
    }
