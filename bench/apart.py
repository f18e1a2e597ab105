"""Measure in a process apart, with a data folder of its own and nothing of the machine's settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def told(module: str, *arguments: object, on_postgresql: bool = False) -> Any:
    """Run ``python -m MODULE ARGUMENT …`` and give what its last line tells in JSON.

    PostgreSQL is one that is started for it and thrown away; else the process has a fresh SQLite file.

    Raises:
        CalledProcessError: It failed, or there is no PostgreSQL on this machine.
    """
    starter = [str(ROOT / "scripts" / "with-postgres")] if on_postgresql else []
    with tempfile.TemporaryDirectory(prefix="mehvar-bench-") as home:
        done = subprocess.run(
            [*starter, sys.executable, "-m", module, *map(str, arguments)],
            cwd=ROOT,
            env={
                **os.environ,
                "MEHVAR_HOME": home,
                "MEHVAR_DATABASE": "",
                "MEHVAR_TEST_POSTGRES": "",
                "MEHVAR_SECRET_KEY_FILE": "",
                "DJANGO_SETTINGS_MODULE": "mehvar.config.settings",
                "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "src"))),
            },
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    return json.loads(done.stdout.splitlines()[-1])
