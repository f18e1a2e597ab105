"""Every visible string exists in Persian and Vietnamese, and the collected strings are those of the code."""

import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parents[2]
CATALOGUES = sorted((ROOT / "src/mehvar").glob("*/locale/*/LC_MESSAGES/django.po"))


def test_each_room_with_pages_has_both_languages() -> None:
    rooms = {path.parents[3].name for path in CATALOGUES}
    assert rooms >= {"accounts", "directives", "home", "ledger", "organisations", "ui"}
    assert len(CATALOGUES) == 2 * len(rooms)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: "-".join(path.parts[-5:-2:2]))
def test_every_string_is_translated(path: Path) -> None:
    catalogue = polib.pofile(str(path))
    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: "-".join(path.parts[-5:-2:2]))
def test_translations_keep_the_places_of_the_original(path: Path) -> None:
    import re

    wrong = []
    for entry in polib.pofile(str(path)):
        if entry.obsolete or entry.msgid_plural:
            continue
        pattern = r"%\(\w+\)[sd]|\{\w+\}"
        if sorted(set(re.findall(pattern, entry.msgid))) != sorted(set(re.findall(pattern, entry.msgstr))):
            wrong.append(entry.msgid)
    assert wrong == []


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="gettext is not on this machine")
def test_the_catalogues_hold_every_string_of_the_code(tmp_path: Path) -> None:
    copy = tmp_path / "project"
    shutil.copytree(
        ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__", "*.woff2", "*.ttf", "*.docx")
    )
    subprocess.run(  # noqa: S603 - arguments of our own
        [sys.executable, str(ROOT / "scripts/collect_messages.py"), str(copy / "src/mehvar")],
        check=True,
        capture_output=True,
    )
    missing = []
    for path in copy.glob("src/mehvar/*/locale/*/LC_MESSAGES/django.po"):
        catalogue = polib.pofile(str(path))
        missing += [f"{path.parents[3].name}: {entry.msgid}" for entry in catalogue.untranslated_entries()]
        missing += [f"{path.parents[3].name}: {entry.msgid}" for entry in catalogue.fuzzy_entries()]
    assert missing == []
