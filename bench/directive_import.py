"""Measure how long a document takes from bytes to measures, the isolated reader's process included.

The peer is the reader that python-docx offers (``row.cells`` of every row), without understanding anything.
"""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable

from bench import documents
from bench.figures import Figure
from mehvar.directives.extraction import extract, extract_isolated
from mehvar.organisations.rules.matching import BodyRegister
from mehvar.organisations.rules.packs import load_pack

ROWS = 140
GOAL_S = 1.0


def _seconds(work: Callable[[], object], runs: int) -> tuple[float, float]:
    """Give the median and the spread (largest less smallest) of a work's duration."""
    taken = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken), max(taken) - min(taken)


def _peer(data: bytes) -> int:
    """Read all cells by python-docx."""
    import docx

    return sum(
        len(cell.text)
        for table in docx.Document(io.BytesIO(data)).tables
        for row in table.rows
        for cell in row.cells
    )


def run(*, quick: bool) -> list[Figure]:
    """Return seconds from bytes to measures for 140 rows in each format, and to a fresh register."""
    runs = 3 if quick else 9
    document = documents.written(7, "national", tasks=ROWS)
    register = BodyRegister.from_pack(load_pack(document.pack))
    word = documents.rendered(document, "docx")
    peer, _ = _seconds(lambda: _peer(word), runs)
    found = []
    for form in documents.FORMATS:
        data = documents.rendered(document, form)
        value, spread = _seconds(
            lambda data=data, form=form: extract_isolated(data, f"annex.{form}", register=register), runs
        )  # type: ignore[misc]
        goal = GOAL_S if form == "docx" else None
        found.append(
            Figure(
                name=f"directive_import.140_rows_isolated.{form}",
                value=round(value, 3),
                unit="s",
                peer="python-docx row.cells" if form == "docx" else None,
                peer_value=round(peer, 3) if form == "docx" else None,
                ratio=round(peer / value, 2) if form == "docx" else None,
                goal=goal,
                reached=None if goal is None else value < goal,
                runs=runs,
                spread=round(spread, 3),
            )
        )
    inside, spread = _seconds(lambda: extract(word, "annex.docx", register=register), runs)
    found.append(
        Figure(
            name="directive_import.140_rows_in_process.docx",
            value=round(inside, 3),
            unit="s",
            runs=runs,
            spread=round(spread, 3),
        )
    )
    built, spread = _seconds(lambda: BodyRegister.from_pack(load_pack("vn")), runs)
    found.append(
        Figure(
            name="directive_import.register_of_vn",
            value=round(built, 3),
            unit="s",
            runs=runs,
            spread=round(spread, 3),
        )
    )
    return found
