"""One dose for each shot, though several providers reported it."""

from datetime import date
from itertools import permutations

from bot.iis.doses import merged
from bot.records import Immunization

DAY = date(2021, 4, 8)
FULL = Immunization("208", DAY, lot="EW0162", place="Main Street Pharmacy", mvx="PFR")
BARE = Immunization("208", DAY)


def test_two_reports_of_one_shot_are_one_dose_and_the_fuller_one_stays():
    assert all(merged(reports) == (FULL,) for reports in permutations([FULL, BARE, FULL]))


def test_a_lot_may_be_spelled_in_several_ways():
    assert len(merged([FULL, Immunization("208", DAY, lot="ew-o162")])) == 1


def test_two_lots_are_two_shots():
    assert len(merged([FULL, Immunization("208", DAY, lot="ER8737"), BARE])) == 2


def test_another_vaccine_or_another_day_is_another_shot():
    later, other = Immunization("208", date(2021, 4, 29)), Immunization("140", DAY)

    assert merged([later, other, FULL]) == (other, FULL, later)


def test_a_code_may_be_written_in_two_ways():
    assert len(merged([Immunization("8", DAY), Immunization("08", DAY)])) == 1
