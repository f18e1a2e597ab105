"""Make the database itself refuse UPDATE and DELETE (and TRUNCATE) on entries, on SQLite and PostgreSQL.

Guards stop mistakes and careless tools, not an administrator of the database; against that one stands the chain.
Whoever rebuilds the table in a later migration installs them again (SQLite drops a table's triggers with it).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

_REFUSAL = "ledger entries are append-only"

INSTALL: dict[str, tuple[str, ...]] = {
    "sqlite": (
        f"""CREATE TRIGGER IF NOT EXISTS ledger_entry_no_update BEFORE UPDATE ON ledger_entry
        BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END""",
        f"""CREATE TRIGGER IF NOT EXISTS ledger_entry_no_delete BEFORE DELETE ON ledger_entry
        BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END""",
        f"""CREATE TRIGGER IF NOT EXISTS ledger_entry_no_replace BEFORE INSERT ON ledger_entry
        WHEN EXISTS (SELECT 1 FROM ledger_entry WHERE sequence = NEW.sequence)
        BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END""",  # noqa: S608 - constants only
    ),
    "postgresql": (
        f"""CREATE OR REPLACE FUNCTION ledger_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
        """CREATE OR REPLACE TRIGGER ledger_entry_no_change BEFORE UPDATE OR DELETE ON ledger_entry
        FOR EACH ROW EXECUTE FUNCTION ledger_entry_refuse()""",
        """CREATE OR REPLACE TRIGGER ledger_entry_no_truncate BEFORE TRUNCATE ON ledger_entry
        FOR EACH STATEMENT EXECUTE FUNCTION ledger_entry_refuse()""",
    ),
}

REMOVE: dict[str, tuple[str, ...]] = {
    "sqlite": (
        "DROP TRIGGER IF EXISTS ledger_entry_no_update",
        "DROP TRIGGER IF EXISTS ledger_entry_no_delete",
        "DROP TRIGGER IF EXISTS ledger_entry_no_replace",
    ),
    "postgresql": (
        "DROP TRIGGER IF EXISTS ledger_entry_no_change ON ledger_entry",
        "DROP TRIGGER IF EXISTS ledger_entry_no_truncate ON ledger_entry",
        "DROP FUNCTION IF EXISTS ledger_entry_refuse()",
    ),
}


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the guards up; doing it twice changes nothing."""
    _run(connection, INSTALL)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take the guards down (the migration's way back)."""
    _run(connection, REMOVE)


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Take the guards down within the block: for emptying a test database, nothing else."""
    remove(connection)
    try:
        yield
    finally:
        install(connection)


def _run(connection: BaseDatabaseWrapper, statements: dict[str, tuple[str, ...]]) -> None:
    with connection.cursor() as cursor:
        for statement in statements[connection.vendor]:
            cursor.execute(statement)
