import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest

from mehvar.directives.commands import extract as command


def run(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args(arguments))


@pytest.fixture
def annex(tmp_path: Path) -> Path:
    path = tmp_path / "annex.md"
    path.write_text(
        "| TT | Nhiệm vụ | Cơ quan chủ trì | Phối hợp | Sản phẩm | Thời hạn |\n|---|---|---|---|---|---|\n"
        "| I | Hạ tầng | | | | |\n| 1 | Mở rộng mạng băng rộng | Bộ TT&TT | các bộ, ngành | Báo cáo | Quý II/2024 |\n",
        encoding="utf-8",
    )
    return path


def test_json_has_the_shape_of_the_issue(annex: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(annex), "--register", "vn", "--json", "--on", "2024-03-01") == 0
    printed = json.loads(capsys.readouterr().out)
    (measure,) = printed["measures"]
    assert printed["provisions"] == 2
    assert {
        key: measure[key]
        for key in (
            "section",
            "number",
            "text",
            "lead",
            "coordinating",
            "overseeing",
            "monitoring",
            "deliverable",
            "flags",
        )
    } == {
        "section": "I",
        "number": "1",
        "text": "Mở rộng mạng băng rộng",
        "lead": ["Bộ Thông tin và Truyền thông"],
        "coordinating": ["@ministries", "@sectors"],
        "overseeing": [],
        "monitoring": [],
        "deliverable": "Báo cáo",
        "flags": [],
    }
    assert {key: measure["due"][key] for key in ("raw", "kind", "start", "end")} == {
        "raw": "Quý II/2024",
        "kind": "quarter",
        "start": "2024-04-01",
        "end": "2024-06-30",
    }
    assert 0 < measure["confidence"] <= 1


def test_the_table_is_readable(annex: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(annex)) == 0
    assert "1 measures, 0 to look at, 2 provisions." in capsys.readouterr().out


@pytest.mark.parametrize("name", ["absent.md", "empty.md", "none.txt"])
def test_bad_input_is_one_line_and_exit_code_2(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.md").write_bytes(b"")
    (tmp_path / "none.txt").write_text("Không có nhiệm vụ nào ở đây cả.", encoding="utf-8")
    assert run(str(tmp_path / name), "--json") == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("mehvar: ")
    assert captured.err.count("\n") == 1


def test_django_is_not_imported(annex: Path) -> None:
    code = (
        "import sys, argparse; from mehvar.directives.commands import extract as c; p = argparse.ArgumentParser(); c.add_arguments(p);"
        f"c.run(p.parse_args([{str(annex)!r}, '--json'])); sys.exit('django' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
