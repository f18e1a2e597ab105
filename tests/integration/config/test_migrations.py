"""Migrations lead to the tables of the models, on the database under test, with the ledger's guards and the table of the cache."""

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

ROOT = Path(__file__).resolve().parents[3]
POSTGRES = os.environ.get("MEHVAR_TEST_POSTGRES", "")
PRINT_TABLES = """
import json, django
django.setup()
from django.db import connection
from tests.integration.config.schema import tables
print(json.dumps(tables(connection)))
"""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    """Give the address of an empty database of the kind under test."""
    if not POSTGRES:
        yield f"sqlite:///{tmp_path / 'migrated.sqlite3'}"
        return
    import psycopg

    with psycopg.connect(POSTGRES, autocommit=True) as server:
        server.execute("CREATE DATABASE mehvar_migrated")
        yield urlunsplit(urlsplit(POSTGRES)._replace(path="/mehvar_migrated"))
        server.execute("DROP DATABASE mehvar_migrated WITH (FORCE)")


def run(database: str, home: Path, *arguments: str) -> str:
    """Run Python with the settings of production on a database."""
    environment = {
        **os.environ,
        "MEHVAR_HOME": str(home),
        "MEHVAR_DATABASE": database,
        "DJANGO_SETTINGS_MODULE": "mehvar.config.settings",
    }
    done = subprocess.run(  # noqa: S603 - arguments of our own
        [sys.executable, *arguments], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.django_db
def test_migrations_lead_to_the_tables_of_the_models(database: str, tmp_path: Path) -> None:
    run(database, tmp_path, "-m", "django", "migrate", "-v", "0")
    migrated = json.loads(run(database, tmp_path, "-c", PRINT_TABLES))
    from_models = json.loads(json.dumps(tables(connection)))
    assert migrated.keys() == from_models.keys()
    assert {name: found for name, found in migrated.items() if found != from_models[name]} == {}


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
