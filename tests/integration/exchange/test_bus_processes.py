"""Several processes at one table-backed bus: nothing twice, nothing lost, no key out of order, even after kill -9."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[3]
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Start processes on the test's PostgreSQL, or on a file of their own where SQLite lives in memory."""
    address = f"sqlite:///{tmp_path}/bus.sqlite3"
    if connection.vendor == "postgresql":
        known = connection.settings_dict
        address = (
            f"postgres://{known['USER']}:{known['PASSWORD']}@{known['HOST']}:{known['PORT']}/{known['NAME']}"
        )
    environment = {
        **os.environ,
        "MEHVAR_DATABASE": address,
        "MEHVAR_HOME": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "mehvar.config.settings",
    }

    def begin(*arguments: object) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "tests.integration.exchange.bus_process", *map(str, arguments)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT)  # noqa: S603

    if connection.vendor == "postgresql":
        from mehvar.exchange.actions.events.table_bus import TableBus

        TableBus().attach("sb-test", "tp-test")
    else:
        assert said(begin("prepare")) == []
    return begin


def said(process: "subprocess.Popen[str]") -> list[Any]:
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return [json.loads(line) for line in out.splitlines()]


def test_two_publishers_two_receivers_and_one_that_is_killed(start: Start) -> None:
    publishers = [start("publish", 40, name) for name in ("a", "b")]
    numbers = [said(process) for process in publishers]
    assert sorted(numbers[0] + numbers[1]) == list(range(1, 81))
    assert numbers[0] == sorted(numbers[0])

    victim = start("hang")
    assert victim.stdout
    held = json.loads(victim.stdout.readline())
    assert held == list(range(1, 51))
    victim.kill()
    victim.communicate()

    receivers = [start("collect"), start("collect")]
    got = [line for process in receivers for line in said(process)]
    assert sorted(sequence for _, sequence, _, _ in got) == list(range(1, 81))
    assert {attempt for _, sequence, _, attempt in got if sequence in held} == {2}
    by_key = defaultdict(list)
    for _, sequence, key, _ in sorted(got):
        by_key[key].append(sequence)
    assert all(order == sorted(order) for order in by_key.values())
    assert len(by_key) == 5
