"""Give a handed-in table back with what became of its rows, so that it can be mended and handed in again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mehvar.programmes.actions.imports import jobs
from mehvar.programmes.actions.imports.work import portions_of
from mehvar.programmes.data import RowResult, SheetKind
from mehvar.programmes.queries import imports as queries
from mehvar.programmes.rules import imports as rules
from mehvar.programmes.rules.imports.choices import in_language

if TYPE_CHECKING:
    from mehvar.programmes.models import SheetImport

_PORTION = 500
Said = Callable[[Mapping[str, Any]], str]


def mended(
    sheet: SheetImport, language: str, said: Said, *, only_refused: bool = False
) -> tuple[list[str], Iterator[list[Any]]]:
    """Give the head and the rows of the same table, with one more column that says what is wrong with a row.

    The key of each row that was entered or changed is filled in, so that the table can be handed in again. ``said`` puts a note into
    the reader's words.
    """
    kind = SheetKind(sheet.kind)
    source = rules.open_table(sheet.file.open("rb"), rules.most_rows(kind))
    found = rules.find_table(source, kind, jobs.writing_of(sheet).language)
    known = [at for at, cell in enumerate(found.heads) if cell and not rules.is_errors_head(cell)]
    named = [found.heads[at] for at in known]
    key_at = found.columns.get("key")
    if key_at is None:
        named.append(in_language(rules.COLUMNS[kind]["key"].words, language))
    named.append(in_language(rules.ERRORS_HEAD, language))
    return named, _rows(sheet, found, known, key_at, said=said, only_refused=only_refused)


def _rows(
    sheet: SheetImport,
    found: rules.FoundTable,
    known: list[int],
    key_at: int | None,
    *,
    said: Said,
    only_refused: bool,
) -> Iterator[list[Any]]:
    with sheet.file:
        for portion in portions_of(found.lines(), _PORTION):
            told = queries.rows_by_number(sheet, [at + 1 for at, _line in portion])
            for at, line in portion:
                row = told.get(at + 1, {"result": RowResult.UNCHANGED, "key": "", "notes": []})
                if not only_refused or row["result"] == RowResult.REFUSED:
                    yield _row(line, known, key_at, row, said)


def _row(cells: Any, known: list[int], key_at: int | None, told: Mapping[str, Any], said: Said) -> list[Any]:
    new_key = told["key"] if told["result"] != RowResult.REFUSED else ""
    written = [
        new_key if at == key_at and new_key else (cells[at] if at < len(cells) else "") for at in known
    ]
    if key_at is None:
        written.append(new_key)
    wrong = [said(note) for note in told["notes"] if not note["mild"]]
    return [*written, "\n".join(wrong)]
