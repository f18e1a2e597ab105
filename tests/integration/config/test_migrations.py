"""Migrations lead to the tables of the models, with the ledger's guards and the table of the cache; what serves them ends at once."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from tests.integration.config.schema import tables
from tests.integration.processes import answers, free_port, wait_for

ROOT = Path(__file__).resolve().parents[3]
POSTGRES = os.environ.get("MEHVAR_TEST_POSTGRES", "")
PRINT_TABLES = """
import json, django
django.setup()
from django.db import connection
from tests.integration.config.schema import tables
print(json.dumps(tables(connection)))
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def database(home: Path) -> Iterator[str]:
    """Give the address of an empty database of the kind under test."""
    if not POSTGRES:
        yield f"sqlite:///{home / 'migrated.sqlite3'}"
        return
    import psycopg

    with psycopg.connect(POSTGRES, autocommit=True) as server:
        server.execute("CREATE DATABASE mehvar_migrated")
        yield urlunsplit(urlsplit(POSTGRES)._replace(path="/mehvar_migrated"))
        server.execute("DROP DATABASE mehvar_migrated WITH (FORCE)")


@pytest.fixture(scope="module")
def migrated(database: str, home: Path) -> str:
    """Give the address of the database once its tables are made."""
    run(database, home, "-m", "django", "migrate", "-v", "0")
    return database


def settings(database: str, home: Path) -> dict[str, str]:
    """Give the settings of production on a database."""
    return {
        **os.environ,
        "MEHVAR_HOME": str(home),
        "MEHVAR_DATABASE": database,
        "DJANGO_SETTINGS_MODULE": "mehvar.config.settings",
    }


def run(database: str, home: Path, *arguments: str) -> str:
    """Run Python with the settings of production on a database."""
    done = subprocess.run(  # noqa: S603 - arguments of our own
        [sys.executable, *arguments],
        env=settings(database, home),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.django_db
def test_migrations_lead_to_the_tables_of_the_models(migrated: str, home: Path) -> None:
    found = json.loads(run(migrated, home, "-c", PRINT_TABLES))
    from_models = json.loads(json.dumps(tables(connection)))
    assert found.keys() == from_models.keys()
    assert {name: one for name, one in found.items() if one != from_models[name]} == {}


def test_nothing_outlives_a_killed_server(migrated: str, home: Path) -> None:
    port, log = free_port(), home / "log.txt"
    command = [sys.executable, "-m", "mehvar.config.cli", "serve", "--port", str(port), "--workers", "2"]
    with log.open("w") as errors:
        server = subprocess.Popen(  # noqa: S603 - our own program
            command, env=settings(migrated, home), stdout=subprocess.PIPE, stderr=errors
        )
    assert server.stdout is not None
    first = server.stdout.readline()
    try:
        assert b"Mehvar is at" in first, log.read_text()
        wait_for(lambda: answers(port))
    finally:
        server.kill()
        server.wait()
    server.stdout.read()  # each process that it started holds it: this ends with the last of them
    server.stdout.close()
    assert not answers(port)
    assert "Traceback" not in log.read_text()


def test_no_change_of_a_model_is_without_its_migration(tmp_path: Path) -> None:
    run(
        f"sqlite:///{tmp_path / 'empty.sqlite3'}",
        tmp_path,
        "-m",
        "django",
        "makemigrations",
        "--check",
        "--dry-run",
    )
