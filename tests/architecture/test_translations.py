"""Every visible string exists in Persian and Vietnamese, and the collected strings are those of the code."""

import ast
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
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
    wrong = []
    for entry in polib.pofile(str(path)):
        if entry.obsolete or entry.msgid_plural:
            continue
        pattern = r"%\(\w+\)[sd]|\{\w+\}"
        if sorted(set(re.findall(pattern, entry.msgid))) != sorted(set(re.findall(pattern, entry.msgstr))):
            wrong.append(entry.msgid)
    assert wrong == []


@pytest.mark.parametrize("language", ["fa", "vi"])
def test_the_rooms_agree_how_a_string_is_said(language: str) -> None:
    said: dict[tuple[str | None, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for path in CATALOGUES:
        if path.parts[-3] != language:
            continue
        for entry in polib.pofile(str(path)):
            if not entry.obsolete:
                words = entry.msgstr or str(entry.msgstr_plural)
                said[entry.msgctxt, entry.msgid][words].append(path.parents[3].name)
    # Django joins the catalogues: one of two translations would be shown in both rooms.
    assert {key: dict(words) for key, words in said.items() if len(words) > 1} == {}


def _aliases(source: str) -> Iterator[str]:
    """Give the names under which a module takes in functions that translate, where the collector knows them not."""
    known = {("gettext", "_"), ("gettext_lazy", "_")}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            taken = {(name.name, name.asname or name.name) for name in node.names if "gettext" in name.name}
            yield from sorted(alias for name, alias in taken - known if alias != name)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and "gettext" in node.value.id:
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def test_no_string_escapes_the_collector_under_an_alias() -> None:
    said = "from django.utils.translation import gettext as _, gettext as _now, pgettext as _\nword = gettext"
    assert list(_aliases(said)) == ["_", "_now", "word"]
    found = {
        str(path.relative_to(ROOT)): names
        for path in sorted((ROOT / "src/mehvar").rglob("*.py"))
        if (names := list(_aliases(path.read_text(encoding="utf-8"))))
    }
    assert found == {}


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
