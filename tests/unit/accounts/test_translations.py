"""Nothing that people read is left in English for Persian and Vietnamese readers."""

import re
from pathlib import Path

import polib
import pytest

PACKAGE = Path(__file__).resolve().parents[3] / "src" / "mehvar"
PLACES = re.compile(r"%\(\w+\)s|\{\w+\}")


@pytest.mark.parametrize("language", ["fa", "vi"])
@pytest.mark.parametrize("room", ["accounts", "organisations"])
def test_every_string_is_translated_and_keeps_its_places(room: str, language: str) -> None:
    catalogue = polib.pofile(str(PACKAGE / room / "locale" / language / "LC_MESSAGES" / "django.po"))
    for entry in catalogue:
        said = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
        assert all(said), entry.msgid
        assert "fuzzy" not in entry.flags, entry.msgid
        for text in said:
            assert set(PLACES.findall(text)) == set(PLACES.findall(entry.msgid)), entry.msgid
