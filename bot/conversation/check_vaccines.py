"""Checks which vaccines are shown, staff's own rows of the vaccine table, and the words for vaccine groups."""

from collections.abc import Collection, Iterator

from bot.conversation import check_vaccine_names
from bot.conversation.check_facts import WORST, Facts
from bot.conversation.problems import Problem, Source, did_you_mean
from bot.conversation.shape import WordsShape
from bot.conversation.vaccine_rows import VaccineRow
from bot.conversation.wording import blanks
from bot.vaccines import ALL, OTHER, Vaccines, packaged, packaged_groups

LONGEST = len(WORST["vaccine"])


def check(facts: Facts, rows: Collection[VaccineRow]) -> Iterator[Problem]:
    packed, named = {*packaged_groups()}, _named(facts)
    known = packed | {group for row in rows for group in row.vaccine.groups}
    shown = Vaccines({}, tuple(facts.shape.vaccines))
    broken = list(_setting(facts, known))
    yield from broken
    yield from _new_groups(facts, rows, packed | named)
    yield from _moved(rows)
    for source, words in facts.words.values():
        yield from _unknown_words(source, words, known | {OTHER})
        if not broken and shown.several:
            yield from _headings(source, words, shown, known | {OTHER})
            yield from _pictures(facts, source, words)
    if not broken:
        yield from check_vaccine_names.check(facts, known & (packed | named) - {OTHER})


def _setting(facts: Facts, known: Collection[str]) -> Iterator[Problem]:
    show = facts.shape.vaccines
    for index, group in enumerate(show):
        place = ("vaccines", str(index)) if facts.source.holds(("vaccines", "0")) else ("vaccines",)
        if group == ALL and len(show) > 1:
            yield facts.source.problem(place, f"'{ALL}' means every group; write it alone, or take it out")
        elif group != ALL and group not in known:
            yield facts.source.problem(place, f"no vaccine group is named '{group}' {_hint(facts, group, known)}")
        elif group in show[:index]:
            yield facts.source.problem(place, f"the group '{group}' is there twice; remove one")


def _hint(facts: Facts, group: str, known: Collection[str]) -> str:
    """Also for what a text calls a group: "Flu" is Influenza."""
    called = {name.casefold(): meant for _, words in facts.words.values() for meant, name in words.vaccines.items()}
    meant = called.get(group.casefold())
    return f"(did you mean '{meant}'?)" if meant in known else did_you_mean(group, known)


def _named(facts: Facts) -> set[str]:
    """A group of staff's own needs words in the source language: so no slip of the pen makes a group."""
    return {*facts.source_words[1].vaccines} if facts.source_words else set()


def _new_groups(facts: Facts, rows: Collection[VaccineRow], named: Collection[str]) -> Iterator[Problem]:
    origin = facts.shape.languages[0]
    for row in rows:
        for group in row.vaccine.groups:
            if group == OTHER:
                yield row.problem(
                    f"'{OTHER}' is for codes without a row, and has no card; write the group it belongs to"
                )
            elif group not in named:
                told = f"no vaccine group is named '{group}' {_hint(facts, group, named)}"
                yield row.problem(f"{told}; for a new one, write its words under 'vaccines' in text/{origin}.yaml")


def _moved(rows: Collection[VaccineRow]) -> Iterator[Problem]:
    """Another name for a code of ours is what the table is for; other groups take doses from one page to another."""
    for row in rows:
        ours = packaged().get(row.cvx)
        if ours and {*ours.groups} != {*row.vaccine.groups}:
            before, after = (", ".join(groups) or "no group" for groups in (ours.groups, row.vaccine.groups))
            told = f"doses of this code count as {after} now, no longer as {before}; is this the right code?"
            yield row.problem(told, level="warning")


def _unknown_words(source: Source, words: WordsShape, known: Collection[str]) -> Iterator[Problem]:
    for group, called in words.vaccines.items():
        if group not in known:
            text = f"no vaccine has this group {did_you_mean(group, known)}"
            yield source.problem(("vaccines", group), text, at_key=True)
        elif not called.strip() or blanks(called) or len(called) > LONGEST:
            yield source.problem(("vaccines", group), f"write what people call it, in at most {LONGEST} characters")


def _headings(source: Source, words: WordsShape, shown: Vaccines, known: Collection[str]) -> Iterator[Problem]:
    """Without words of its own a group is headed by its name in the table."""
    everything = ALL in shown.show
    bare = [group for group in (sorted(known) if everything else shown.show) if group not in words.vaccines]
    if bare:
        text = f"the page would call vaccines by names of the table: {', '.join(bare)}; add words for them"
        yield source.problem(("vaccines",), text, at_key=True, level="note" if everything else "warning")


def _pictures(facts: Facts, source: Source, words: WordsShape) -> Iterator[Problem]:
    """The picture of a message is the card of one group."""
    targets = {state.next["sent_picture"] for state in facts.states.values() if "sent_picture" in state.next}
    for name in sorted(facts.states[target].say for target in targets if target in facts.states):
        if name in words.say and "vaccine" not in blanks(words.say[name]):
            text = "the picture shows one vaccine group, and others are shown too; say which with {vaccine}"
            yield source.problem(("say", name), text, level="warning")
