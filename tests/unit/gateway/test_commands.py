"""The verbs work without Django: anyone verifies a receipt with a file and a key."""

import argparse
import json
from pathlib import Path

import pytest

from mehvar.gateway import commands
from mehvar.gateway.data import read_settings
from mehvar.gateway.evidence import files
from mehvar.gateway.evidence.receipts import receipt_of
from mehvar.kernel.errors import InputError, MehvarError
from tests.unit.exchange.test_evidence import PUBLIC, RECEIPT, SEGMENT


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    commands.add_verify_arguments(parser)
    return parser.parse_args(arguments)


def test_a_receipt_is_verified_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "r.json").write_bytes(RECEIPT)
    (tmp_path / "key.pem").write_bytes(PUBLIC)
    arguments = [str(tmp_path / "r.json"), "--key", str(tmp_path / "key.pem")]
    assert commands.verify(parsed(*arguments)) == 0
    assert "QF/GOV/1/c asked QF/GOV/2/p/s" in capsys.readouterr().out
    changed = json.loads(RECEIPT)
    changed["index"] += 1
    (tmp_path / "r.json").write_text(json.dumps(changed))
    assert commands.verify(parsed(*arguments, "--json")) == commands.BROKEN
    assert json.loads(capsys.readouterr().out)["holds"] is False


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.json cannot be read"):
        commands.verify(parsed(str(tmp_path / "none.json"), "--key", str(tmp_path / "none.pem")))


def test_keys_are_made_once_and_evidence_is_checked_and_receipted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    commands.register(parser.add_subparsers())

    def run(*words: str) -> int:
        args = parser.parse_args(["gateway", *words])
        assert args.needs_django is False
        return int(args.run(args))

    assert run("key", str(tmp_path / "k.pem")) == 0
    assert (tmp_path / "k.pem").stat().st_mode & 0o077 == 0
    with pytest.raises(MehvarError, match="never overwritten"):
        run("key", str(tmp_path / "k.pem"))
    (tmp_path / "c-00000001.mev").write_bytes(SEGMENT)
    from tests.unit.exchange.test_evidence import KEY

    files.keep_public_key(tmp_path, KEY.public_key())
    capsys.readouterr()
    assert run("check", str(tmp_path)) == 0
    assert "2 batches with 3 entries hold" in capsys.readouterr().out
    assert run("receipt", str(tmp_path), "r-1") == 0
    assert json.loads(capsys.readouterr().out) == json.loads(receipt_of(tmp_path, "r-1"))
    (tmp_path / "c-00000001.mev").write_bytes(SEGMENT[:600] + b"\xff" + SEGMENT[601:])
    assert run("check", str(tmp_path)) == commands.BROKEN


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"snapshot": "s"}',
        '{"snapshot": "s", "evidence": "e", "signing_key": "k", "typo": 1}',
        '{"snapshot": "s", "evidence": "e", "signing_key": "k", "workers": 0}',
    ],
)
def test_settings_that_cannot_be_used_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "g.json").write_text(text)
    with pytest.raises(InputError, match="cannot be used"):
        read_settings(tmp_path / "g.json")
