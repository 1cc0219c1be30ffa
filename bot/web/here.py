"""The site that the current request belongs to."""

from typing import TYPE_CHECKING, cast

from flask import current_app

if TYPE_CHECKING:
    from bot.web.site import Site


def site() -> "Site":
    return cast("Site", current_app.extensions["vaxtext"])
