"""Settle rows of the flagship register and of recognition: drafts are made, and changed as long as they may change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from mehvar.kernel.errors import NotFound
from mehvar.programmes.actions import flagships as actions
from mehvar.programmes.actions import recognition
from mehvar.programmes.actions.imports.work import (
    KeyedWork,
    Outcome,
    Run,
    changes_in,
    created,
    fixed,
    named_by_key,
    require_version,
    unchanged,
    updated,
)
from mehvar.programmes.data import Criterion
from mehvar.programmes.models import Flagship, Programme, RecognitionEdition
from mehvar.programmes.queries import flagships
from mehvar.programmes.queries import recognition as editions
from mehvar.programmes.rules.flagships import LANGUAGES, FlagshipCriterion, SheetField
from mehvar.programmes.rules.imports import ReadRow, sheet_column

if TYPE_CHECKING:
    from mehvar.programmes.rules.flagships import Sheet

_FIELDS = [(language, name.value) for language in LANGUAGES for name in SheetField]
_EDITION = ("title", "period", "places", "threshold", "note")


class FlagshipWork(KeyedWork[Flagship]):
    """Draft identity sheets and change them; listing, order and presentation go by the register's page."""

    unknown = (gettext_noop("There is no such project."), "unknown-flagship")

    def visible(self, run: Run) -> QuerySet[Flagship]:
        """Give the projects of the registers that the person keeps."""
        return flagships.kept_by(run.authority)

    def create(self, run: Run, row: ReadRow) -> Outcome:
        """Draft a sheet; it is not public yet."""
        return created(
            actions.draft_flagship(
                run.actor,
                title=row.get("title") or "",
                mark=row.get("mark") or "",
                programme_id=_programme(run, row),
                measure_id=_measure(run, row),
                criteria=_criteria(row, {}),
                sheet=_sheet(row, {}),
            )
        )

    def change(self, run: Run, row: ReadRow, stored: Flagship) -> Outcome:
        """Change a sheet."""
        if "measure" in row.values and (row.get("measure") or None) != stored.measure_id:
            raise fixed("measure")
        kept: dict[str, Any] = {"title": stored.title, "mark": stored.mark}
        kept |= {code.value: stored.criteria.get(code.value, "") for code in FlagshipCriterion}
        kept |= {sheet_column(*place): _written(stored.sheet, *place) for place in _FIELDS}
        programme = _programme(run, row) if "programme" in row.values else stored.programme_id
        if not changes_in(row, kept) and programme == stored.programme_id:
            return unchanged(stored)
        require_version(row, stored.version)
        changed = actions.change_flagship(
            run.actor,
            stored.public_id,
            version=row.version,
            title=row.get("title", stored.title),
            mark=row.get("mark", stored.mark),
            programme_id=programme,
            criteria=_criteria(row, stored.criteria),
            sheet=_sheet(row, stored.sheet),
        )
        return updated(changed)


def _written(sheet: Sheet, language: str, name: str) -> str:
    return sheet.get(language, {}).get(name, "")


def _criteria(row: ReadRow, kept: dict[str, str]) -> dict[str, str]:
    """Give the reasons by criterion; a column that the file has not keeps what is stored."""
    return {code.value: row.get(code.value, kept.get(code.value, "")) or "" for code in FlagshipCriterion}


def _sheet(row: ReadRow, kept: Sheet) -> dict[str, dict[str, str]]:
    """Give the identity sheet by language; a column that the file has not keeps what is stored."""
    found: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    for language, name in _FIELDS:
        found[language][name] = row.get(sheet_column(language, name), _written(kept, language, name)) or ""
    return found


def _programme(run: Run, row: ReadRow) -> int | None:
    written = row.get("programme") or ""
    if not written:
        return None
    rows = flagships.programmes_kept(run.authority)
    found: Programme = run.once(("programme", written), lambda: named_by_key(rows, written, "programme"))
    return found.pk


def _measure(run: Run, row: ReadRow) -> int | None:
    key = row.get("measure")
    if not key:
        return None
    if isinstance(key, int):
        try:
            return flagships.measure_for(run.authority, key).pk
        except NotFound as error:
            raise NotFound(error.message, code=error.code, field="measure") from error
    raise NotFound(
        gettext_noop("Name the measure by its key, as M12."), code="unknown-measure", field="measure"
    )


class EditionWork(KeyedWork[RecognitionEdition]):
    """Draft recognitions and change the drafts; publishing and awarding go by their pages."""

    unknown = (gettext_noop("There is no such recognition."), "unknown-recognition")

    def visible(self, run: Run) -> QuerySet[RecognitionEdition]:
        """Give the recognitions that the person may see."""
        return editions.visible_editions(run.authority)

    def create(self, run: Run, row: ReadRow) -> Outcome:
        """Draft a recognition."""
        return created(recognition.draft_edition(run.actor, **_edition(row, {}), weights=_weights(row, {})))

    def change(self, run: Run, row: ReadRow, stored: RecognitionEdition) -> Outcome:
        """Change a draft; one whose criteria are published does not change."""
        kept = {name: getattr(stored, name) for name in _EDITION}
        weights = {one["code"]: int(one["weight"]) for one in stored.criteria}
        wanted = changes_in(row, kept)
        if not wanted and _weights(row, weights) == {code.value: weights.get(code, 0) for code in Criterion}:
            return unchanged(stored)
        require_version(row, stored.version)
        given = {**_edition(row, kept), "weights": _weights(row, weights)}
        return updated(recognition.change_edition(run.actor, stored.public_id, version=row.version, **given))


def _edition(row: ReadRow, kept: dict[str, Any]) -> dict[str, Any]:
    """Give what an edition says; a number that is left empty, like a column that the file has not, keeps what is stored or usual."""
    usual: dict[str, Any] = {"places": 5, "threshold": 80, "note": "", **kept}
    said = {name: row.values.get(name, usual.get(name, "")) for name in _EDITION}
    for name in ("places", "threshold"):
        if said[name] is None:
            said[name] = usual[name]
    return said


def _weights(row: ReadRow, kept: dict[str, int]) -> dict[str, int]:
    return {code.value: int(row.values.get(code.value, kept.get(code.value, 0)) or 0) for code in Criterion}
