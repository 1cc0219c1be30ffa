"""`vaxtext worker`: the process that does the work behind the replies."""

import click

from bot.cli.started import in_words, ping, settings_or_exit
from bot.log import set_up_logging
from bot.wiring import build_system
from bot.worker import work_until_stopped


@click.command()
def worker() -> None:
    """Find records, issue cards and send messages, until stopped."""
    set_up_logging("worker")
    settings = settings_or_exit()
    if settings.redis_url:
        ping(settings)
    with in_words():
        system = build_system(settings)
    try:
        door = (settings.metrics_host, settings.worker_port, settings.iis_client_cert)
        work_until_stopped(system.services, system.broker, door if settings.worker_port else None)
    finally:
        system.close()
