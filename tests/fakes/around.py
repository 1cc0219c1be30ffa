"""A part of ours for a test that changes one thing that it does."""

from dataclasses import dataclass
from typing import Any


@dataclass
class Around:
    """A subclass has what is changed; all else is asked of the `real` part."""

    real: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)
