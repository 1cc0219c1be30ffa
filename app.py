"""gunicorn's door: settings, services, Flask app. `python app.py` runs the whole demo."""

import sys
from typing import Any

from flask import Flask

from bot.cli import main
from bot.config import SettingsWrong, read_settings
from bot.conversation.problems import FlowBroken
from bot.log import set_up_logging
from bot.ports import IISUnavailable
from bot.store.embedded import RedisDidNotStart
from bot.web.blurring import blur
from bot.wiring import build_app, build_system


def __getattr__(name: str) -> Any:
    """Build the app when gunicorn asks for `app:app`, not when somebody imports this module."""
    if name != "app":
        raise AttributeError(name)
    globals()["app"] = _build()
    return globals()["app"]


def _build() -> Flask:
    set_up_logging("web")
    try:
        return build_app(build_system(read_settings()), blur)
    except (SettingsWrong, FlowBroken, RedisDidNotStart, IISUnavailable) as error:
        sys.exit(f"vaxtext cannot start:\n{error}")


if __name__ == "__main__":
    main(["demo"])
