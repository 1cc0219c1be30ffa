"""A revocation goes to the audit trail at once: whoever types the command sees whether it came there."""

import time
from collections.abc import Collection

import click

from bot.audit.noting import revoked
from bot.cli.audit import open_trail
from bot.cli.started import settings_of_trail
from bot.ports import TrailUnavailable

NOT_WRITTEN = "The cards are revoked, but the audit trail does not say so: {why} Mend that and type the same again."


def write_down(references: Collection[str], *, for_good: bool) -> None:
    """The cards are revoked in any case: nobody is to wait with that for a database."""
    try:
        trail = open_trail(settings_of_trail())
        trail.write([revoked(trail.keys[0], reference, time.time(), for_good=for_good) for reference in references])
    except TrailUnavailable as error:
        raise click.ClickException(NOT_WRITTEN.format(why=f"{error}.")) from None
    except click.ClickException as error:
        raise click.ClickException(NOT_WRITTEN.format(why=error.message)) from None
