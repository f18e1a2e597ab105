"""Read the tables of a database: columns with their constraints and indexes, whatever these are called."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

KINDS = ("primary_key", "unique", "foreign_key", "check", "index")


def tables(connection: BaseDatabaseWrapper) -> dict[str, Any]:
    """Give for each table its columns and what constrains them, in order."""
    found = {}
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            columns = connection.introspection.get_table_description(cursor, name)
            constraints = connection.introspection.get_constraints(cursor, name).values()
            found[name] = {
                "columns": sorted((column.name, bool(column.null_ok)) for column in columns),
                "constraints": sorted(
                    json_of([one["columns"] or [], *(one[kind] for kind in KINDS)]) for one in constraints
                ),
            }
    return found


def json_of(constraint: list[Any]) -> str:
    """Give a constraint as text that can be sorted."""
    import json

    return json.dumps(constraint)
