"""`vaxtext keys revoke`: the cards of one person are no longer valid."""

from datetime import UTC, datetime

import click

from bot.cards.crl import Crls
from bot.cards.jwks import KEPT
from bot.cards.keys.changes import in_words
from bot.cards.keys.folder import list_keys
from bot.cards.keys.order import have_signed
from bot.cards.reference import to_reference, to_rid
from bot.cards.rid import rid_of
from bot.cli.keys_words import said_in_words
from bot.cli.keys_written import write_down
from bot.cli.started import settings_so_far_or_exit

FOR_GOOD = (
    "Cards that she gets later will be revoked as well, until another key signs, and this cannot be taken back: "
    "readers may keep what a list once said. Go on?"
)


@click.command()
@click.argument("reference", required=False)
@click.option(
    "--patient-id",
    prompt="Patient id in the registry",
    prompt_required=False,
    help="All cards of this patient of the registry, under every key. Without a value it is asked for.",
)
@click.option("--for-good", is_flag=True, help="Also cards that are signed later with the same key.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def revoke(reference: str | None, patient_id: str | None, for_good: bool, yes: bool) -> None:
    """Revoke the cards of one person.

    Those with this REFERENCE number, or of this patient, that were signed until now. A card that she gets after that is
    valid.
    """
    if (reference is None) == (patient_id is None):
        raise click.UsageError("Name the reference number of a card, or --patient-id.")
    settings, now = settings_so_far_or_exit(), datetime.now(UTC)
    with said_in_words():
        rid = to_rid(reference) if reference else ""
        keys = have_signed(list_keys(settings.card_keys_folder), now)
        if not keys:
            raise click.ClickException(f"No key in {settings.card_keys_folder} has signed a card.")
        if for_good and not yes:
            click.confirm(FOR_GOOD, abort=True)
        # The number does not say which key signed: on the lists of the others it stands for nobody.
        rids = {key.kid: rid or rid_of(key.rid_secret, key.kid, patient_id or "") for key in keys}
        before = int(now.timestamp()) + 1  # a card says when it was signed in whole seconds
        Crls(settings.crl_folder).revoke(rids, None if for_good else before)
    since = "" if for_good else f" that were signed before {in_words(datetime.fromtimestamp(before, UTC))}"
    click.echo(
        f"The cards{since} are revoked. Readers see it within {KEPT // 60} minutes, when they fetch our keys anew."
    )
    write_down({to_reference(rid) for rid in rids.values()}, for_good=for_good)
