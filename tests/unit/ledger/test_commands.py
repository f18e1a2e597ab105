"""The verbs: what they print and with which code they end."""

import argparse
import json

import pytest

from mehvar.ledger import commands
from mehvar.ledger.data import ChainReport, Fault, FaultCode, HeadRecord, LogReport


def parse(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    commands.register(parser.add_subparsers())
    return parser.parse_args(arguments)


def verify(report: ChainReport, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    from mehvar.ledger import queries

    monkeypatch.setattr(queries, "chain_report", lambda **_given: report)
    monkeypatch.setattr(queries, "log_report", lambda: LogReport("example.org/log", 3, "cd" * 32))
    args = parse("ledger", "verify", *arguments)
    return int(args.run(args))


def test_a_whole_chain_is_good_news(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(ChainReport(3, "ab" * 32), monkeypatch) == 0
    assert f"Head: 3:{'ab' * 32}" in capsys.readouterr().out


def test_a_broken_chain_ends_with_two_and_names_the_entries(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    faults = tuple(Fault(number, FaultCode.CONTENT) for number in range(1, 26))
    assert verify(ChainReport(30, "ab" * 32, faults), monkeypatch) == 2
    told = capsys.readouterr().err
    assert "entry 1: its content was changed" in told
    assert "entry 21" not in told
    assert "5 more" in told


def test_a_machine_gets_all_faults(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    report = ChainReport(2, "ab" * 32, (Fault(2, FaultCode.GAP),))
    assert verify(report, monkeypatch, "--json") == 2
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "entries": 2,
        "head": "ab" * 32,
        "holds": False,
        "faults": [{"sequence": 2, "code": "sequence-gap"}],
        "log": {
            "origin": "example.org/log",
            "entries": 3,
            "root": "cd" * 32,
            "witnesses": [],
            "holds": True,
            "faults": [],
        },
    }


def test_every_fault_has_its_words() -> None:
    assert set(commands._MEANINGS) == {code.value for code in FaultCode}


def test_a_known_head_is_read() -> None:
    assert parse("ledger", "verify", "--known", f"12:{'AB' * 32}").known == HeadRecord(12, "ab" * 32)


@pytest.mark.parametrize("written", ["12", "x:00", "12:00", f"12:{'zz' * 32}", ""])
def test_a_miswritten_head_is_refused(written: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse("ledger", "verify", "--known", written)
    assert caught.value.code == 2
    assert "NUMBER:HASH" in capsys.readouterr().err
