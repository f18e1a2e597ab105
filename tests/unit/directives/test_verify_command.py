"""``mehvar directives verify`` says what is wrong with a document, and exits so that scripts notice."""

import json
from pathlib import Path

import pytest

from mehvar.config.cli import main
from mehvar.directives.publication import signing
from mehvar.kernel import identifiers
from tests.unit.directives.test_signing import PLAIN


@pytest.fixture
def signed(tmp_path: Path) -> tuple[Path, str]:
    key = signing.signing_key(home=tmp_path)
    path = tmp_path / "directive.pdf"
    path.write_bytes(signing.sign_pdf(PLAIN, key, reason="1"))
    return path, key.certificate_sha256


def test_a_good_document_passes(signed: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> None:
    path, certificate = signed
    assert main(["directives", "verify", str(path), "--certificate", certificate.upper(), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["intact"]
    assert facts["covers_whole_file"]


@pytest.mark.parametrize(
    ("addition", "options", "complaint"),
    [
        (b"more", [], "added after"),
        (b"", ["--certificate", "00" * 32], "another certificate"),
        (b"", ["--fingerprint", "00" * 32], "not the expected one"),
    ],
)
def test_a_bad_document_does_not(
    signed: tuple[Path, str],
    capsys: pytest.CaptureFixture[str],
    addition: bytes,
    options: list[str],
    complaint: str,
) -> None:
    path, _certificate = signed
    path.write_bytes(path.read_bytes() + addition)
    assert main(["directives", "verify", str(path), *options]) == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.json", identifiers.canonical_json({"b": 1, "a": "پ"}), 0),
        ("a.json", b'{"b": 1}', 2),
        ("a.pdf", PLAIN, 2),
        ("a.xml", b"<?xml version='1.0'?><akomaNtoso/>", 2),
        ("a.xml", b"<?xml version='1.0'?><broken", 2),
        ("a.txt", b"nothing", 2),
    ],
)
def test_other_files_are_judged_by_their_kind(tmp_path: Path, name: str, content: bytes, code: int) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert main(["directives", "verify", str(path)]) == code


def test_a_missing_file_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["directives", "verify", str(tmp_path / "nowhere.pdf")]) == 2
    assert "cannot be read" in capsys.readouterr().err
