"""Write statistics as files for spreadsheets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from mehvar.ui.tables import Column
from mehvar.ui.tables.export import as_csv, as_xlsx

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from mehvar.exchange.queries.statistics import Figures
    from mehvar.ui.reader import Reader

COLUMNS = (
    Column("hour", _("Hour"), kind="moment"),
    Column("service", _("Service")),
    Column("client", _("Who asked")),
    Column("purpose", _("Purpose")),
    Column("calls", _("Calls"), kind="number"),
    Column("answered", _("Answered"), kind="number"),
    Column("client_errors", _("Mistake of the client"), kind="number"),
    Column("provider_errors", _("Failed at the provider"), kind="number"),
    Column("bus_errors", _("Failed on the way"), kind="number"),
    Column("refused", _("Refused"), kind="number"),
    Column("availability", _("Availability"), kind="number"),
    Column("p50_ms", _("Half within, ms"), kind="number"),
    Column("p95_ms", _("95 of 100 within, ms"), kind="number"),
    Column("request_bytes", _("Bytes asked"), kind="number"),
    Column("answer_bytes", _("Bytes answered"), kind="number"),
)
_FIGURES = tuple(column.key for column in COLUMNS[4:])


def statistics_file(
    rows: list[tuple[dict[str, Any], Figures]], extension: str, reader: Reader
) -> HttpResponseBase:
    """Give the rows as CSV or XLSX."""
    lines = [{**keys, **{name: getattr(figures, name) for name in _FIGURES}} for keys, figures in rows]
    lines.sort(key=lambda line: (line["hour"], line["service"], line["client"], line["purpose"]))
    write = as_xlsx if extension == "xlsx" else as_csv
    return write(list(COLUMNS), lines, reader, name="exchange-statistics")
