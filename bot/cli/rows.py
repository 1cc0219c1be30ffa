"""What a doctor found, in sections: each says of what it speaks, and each row what to change."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import click


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was compared. `change` says what to do; without it all is well, or nothing can be known."""

    what: str
    found: str
    need: str = ""
    change: str = ""
    look: bool = False  # nobody tells us: a person must look
    fix: Mapping[str, str] = field(default_factory=dict)  # what `vaxtext twilio configure` sets

    @property
    def word(self) -> str:
        return "CHANGE" if self.change else "look" if self.look else "ok"


@dataclass(frozen=True, slots=True)
class Section:
    """All rows about one account, number or server."""

    name: str
    rows: Sequence[Row]

    @property
    def changes(self) -> int:
        return sum(bool(row.change) for row in self.rows)


def show(sections: Sequence[Section]) -> bool:
    """Print all, and in the end where something is to be changed; whether nothing is."""
    for section in sections:
        click.echo(f"{section.name}:")
        for row in section.rows:
            _print(row)
        click.echo()
    wrong = [section for section in sections if section.changes]
    for section in wrong:
        click.echo(f"{section.changes} to change: {section.name}")
    if not wrong:
        click.echo("All that can be seen from here is well.")
    return not wrong


def show_and_exit(sections: Sequence[Section]) -> None:
    """With status 1 if something is to be changed."""
    sys.exit(0 if show(sections) else 1)


def _print(row: Row) -> None:
    click.echo(f"{row.word:<8}{row.what:<24}{row.found}")
    if row.word != "ok":
        for name, text in (("need", row.need), ("change", row.change)):
            if text:
                click.echo(f"{'':<8}{name:>22}: {text}")
