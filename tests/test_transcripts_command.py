"""`vaxtext flow test` for staff: what it prints, and its exit status."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import cli

FOLDER = Path(__file__).parent.parent / "flows" / "vaccine_record"
GOOD = "as +13605550100\n> Hi\n< welcome\n> 1\n< ask_first_name\n"
WRONG = "as +13605550100\n> Hi\n< ask_dob\n"
SKIPPED = "needs eo\n" + GOOD


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A flow with three transcripts."""
    folder = tmp_path / "flow"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("chats"))
    (folder / "chats").mkdir()
    for name, text in (("good", GOOD), ("other", SKIPPED), ("wrong", WRONG)):
        (folder / "chats" / f"{name}.chat").write_text(text, encoding="utf-8")
    return folder


def flow_test(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["flow", "test", *map(str, arguments)])


def test_all_transcripts_of_a_folder_are_run(folder: Path) -> None:
    result = flow_test(folder)

    assert result.exit_code == 1
    chats = folder / "chats"
    for line in (
        f"ok       {chats / 'good.chat'}",
        f"skipped  {chats / 'other.chat'}: the flow does not have eo yet",
        f"FAILED   {chats / 'wrong.chat'}",
        f"  {chats / 'wrong.chat'}:3: expected ask_dob (en):",
        "  but what came is (welcome in en):",
        "1 ok, 1 failed, 1 skipped. Coverage:",
    ):
        assert line in result.output.splitlines(), result.output
    assert "\n  states: 2 of " in result.output
    assert "never: ask_last_name, ask_dob, " in result.output


def test_one_transcript_is_run_by_name_or_by_file(folder: Path) -> None:
    by_name = flow_test(folder, "good")
    by_file = flow_test(folder, folder / "chats" / "good.chat")

    assert by_name.exit_code == 0, by_name.output
    assert by_file.output == by_name.output
    assert "1 ok, 0 failed, 0 skipped" in by_name.output


def test_without_a_folder_it_is_the_flow_of_the_settings(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOW", str(folder))

    assert "1 ok, 0 failed" in flow_test("good").output


def test_a_transcript_that_is_not_there_is_said_in_a_sentence(folder: Path) -> None:
    result = flow_test(folder, "gone")

    assert result.exit_code == 1
    assert f"there is no transcript gone, nor {folder / 'chats' / 'gone.chat'}" in result.output


def test_a_broken_flow_is_said_with_its_places(folder: Path) -> None:
    (folder / "flow.yaml").write_text("flow: x\n", encoding="utf-8")

    result = flow_test(folder)

    assert result.exit_code == 1
    assert "flow.yaml:1:1: " in result.output
    assert "Traceback" not in result.output
