"""A list over rows that every installation has: sessions (a text, a moment)."""

from mehvar.ui.tables import Column, EmptyState, Table


class SessionTable(Table):
    name = "sessions"
    caption = "Sessions"
    columns = (
        Column(
            "session_key",
            "Key",
            kind="link",
            link=lambda row: f"/s/{row['session_key']}/",
            sortable=True,
            filter="search",
        ),
        Column("payload", "Data", source="session_data", filter="search"),
        Column("expire_date", "Expires", kind="moment", sortable=True, filter="date"),
        Column(
            "state",
            "State",
            kind="badge",
            value=lambda row: "long" if len(row["payload"]) > 5 else "short",
            choices=(("short", "Short one"), ("long", "Long one")),
            states={"short": "done", "long": "overdue"},
            filter="choice",
            filter_by=lambda rows, state: rows.filter(
                session_data__regex=r"^.{6,}$" if state == "long" else r"^.{0,5}$"
            ),
        ),
        Column("weight", "Weight", kind="number", value=lambda row: len(row["payload"])),
    )
    default_sort = "session_key"
    page_size = 25
    empty = EmptyState("No sessions yet", "They will be listed here.", "/start/", "Begin")
