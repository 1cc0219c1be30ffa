"""The words that the record page needs in every language, with the placeholders each may hold."""

from collections.abc import Mapping

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
    "busy": (),
    "name": (),
    "birth_date": (),
    "dose": ("number",),
    "unknown_vaccine": ("code",),
    "lot": (),
    "place": (),
    "scan": (),
    "left_out_unknown_code": (),  # one for each reason in `ports.LeftOut`
    "left_out_future": (),
    "left_out_before_birth": (),
    "left_out_no_room": (),
    "left_out_no_name": (),
    "left_out_long_name": (),
    "detail_left_out_form": (),  # of a lot or place, below it: one for each reason in `ports.DetailLeftOut`
    "detail_left_out_no_room": (),
    "save_picture": (),
    "save_file": (),
    "apple_health": (),
    "keep_title": (),
    "keep": (),
    "keep_without_code": (),
    "about_title": (),
    "about": (),
    "mistake_title": (),
    "mistake": ("help_line",),
    "ends": ("hours",),
}
