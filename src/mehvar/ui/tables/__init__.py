"""List rows of a queryset: filtered, sorted, paged on the server, exported as CSV and XLSX (docs/rooms/ui.md).

A table works without JavaScript; with htmx only the list is exchanged. A page costs two queries: count and rows.
"""

from mehvar.ui.data import EmptyState
from mehvar.ui.tables.columns import Column, Row
from mehvar.ui.tables.table import Table

__all__ = ["Column", "EmptyState", "Row", "Table"]
