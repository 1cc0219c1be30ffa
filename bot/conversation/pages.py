"""The words that the pages need in every language, with the placeholders each may hold."""

from collections.abc import Mapping

from bot.conversation.scripts import plural

# What the page /verify may find: how it looks, and the blanks of its text. Each has a title too.
VERIFY_RESULTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "verified": ("good", ("issuer",)),
    "no_dose": ("unsure", ("issuer",)),
    "unknown_issuer": ("unsure", ("issuer",)),
    "unchecked": ("unsure", ("issuer",)),
    "unknown_key": ("bad", ("issuer",)),
    "wrong_signature": ("bad", ()),
    "not_yet_valid": ("bad", ("issuer", "date")),
    "expired": ("bad", ("issuer", "date")),
    "revoked": ("bad", ("issuer",)),
    "damaged": ("unsure", ()),
    "other": ("unsure", ()),
    "empty": ("unsure", ()),
    "pdf": ("unsure", ()),
    "chunk": ("unsure", ()),
    "link": ("unsure", ()),
    "eu_certificate": ("unsure", ()),
    "too_large": ("unsure", ()),
    "unreadable": ("unsure", ()),
    "no_camera": ("unsure", ()),
    "camera_refused": ("unsure", ()),
    "not_connected": ("unsure", ()),
    "too_old": ("unsure", ()),
}

PAGE_TEXTS: Mapping[str, tuple[str, ...]] = {
    "issuer": (),
    "title": (),
    "pin_title": (),
    "pin_label": (),
    "pin_hint": (),
    "open": (),
    "pin_not_four": (),
    "pin_wrong": ("tries",),
    "pin_last_try": (),
    "gone_title": (),
    "gone": ("help_line",),
    "over_title": (),
    "over": ("minutes", "help_line"),
    "lost_title": (),
    "lost": ("help_line",),
    "revoked_title": (),
    "revoked": ("help_line",),
    "busy": (),
    "many_posts_title": (),
    "many_posts": (),
    "name": (),
    "name_left_out": (),  # below it, where a part of it is on no card
    "birth_date": (),
    "dose": ("number",),
    "unknown_vaccine": ("code",),
    "lot": (),
    "place": (),
    "scan": (),
    "reference": (),
    "issued": (),
    "not_drawn": (),
    "left_out_unknown_code": (),  # one for each reason in `ports.LeftOut`
    "left_out_future": (),
    "left_out_before_birth": (),
    "left_out_wrong_date": (),
    "left_out_wrong_birth_date": (),
    "left_out_no_room": (),
    "left_out_no_name": (),
    "left_out_long_name": (),
    "detail_left_out_form": (),  # of a lot or place, below it: one for each reason in `ports.DetailLeftOut`
    "detail_left_out_no_room": (),
    "unreadable_doses": ("count", "help_line"),  # below the doses, where the registry has more that we could not read
    "save_picture": (),
    "save_pdf": (),
    "save_file": (),
    "apple_health": (),
    "save_ends": ("minutes",),
    "keep_title": (),
    "keep": (),
    "keep_without_code": (),
    "about_title": (),
    "about": (),
    "mistake_title": (),
    "mistake": ("help_line",),
    "ends": ("hours",),
    "verify_title": (),
    "verify_intro": (),
    "verify_camera": (),
    "verify_aim": (),
    "verify_stop": (),
    "verify_file": (),
    "verify_paste": (),
    "verify_paste_hint": ("prefix",),
    "verify_check": (),
    "verify_next": (),
    "verify_photo_id": (),
    "verify_no_script": (),
    "verify_languages": (),
    **{f"verify_{name}_title": () for name in VERIFY_RESULTS},
    **{f"verify_{name}": blanks for name, (_, blanks) in VERIFY_RESULTS.items()},
}

COUNTED: Mapping[str, range] = {"pin_wrong": range(2, 5)}  # texts with a number, and the numbers that it can be


def plain_text(name: str) -> str:
    """The text that `pin_wrong.two` is the form of for some numbers."""
    return name.partition(".")[0]


def forms(name: str, language: str) -> frozenset[str]:
    """The names of a text's forms for the numbers that its language has words of its own for; it need not have them."""
    return frozenset(f"{name}.{plural(language, number)}" for number in COUNTED.get(name, ()))
