"""Show rows of the database in the API's shapes, with a bounded number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mehvar.directives.api import shapes
from mehvar.directives.data import DirectiveState, Priority
from mehvar.directives.models import Assignment, Measure
from mehvar.directives.queries.content import group_labels
from mehvar.directives.queries.measures import ROLES
from mehvar.organisations import queries as organisations
from mehvar.ui.api import Names

if TYPE_CHECKING:
    from mehvar.directives.models import Directive
    from mehvar.organisations.models import Organisation

ACTING = (
    "measure_id",
    "measure__directive__language",
    "measure__directive__pack",
    "role",
    "group_code",
    "raw_name",
    "principal",
    "inherited",
    *(f"organisation__{name}" for name in organisations.NAME_FIELDS),
)


def names_of(body: Organisation) -> Names:
    """Give a body's names."""
    return Names(fa=body.name_fa, vi=body.name_vi, en=body.name_en)


def names_in(row: Mapping[str, Any], prefix: str) -> Names:
    """Give a body's names from a row of ``values()``."""
    return Names(**{language: row[f"{prefix}name_{language}"] or "" for language in ("fa", "vi", "en")})


def brief(body: Organisation) -> shapes.BodyBrief:
    """Name a body."""
    return shapes.BodyBrief(code=body.code, names=names_of(body))


def head(directive: Directive, *, may_edit: bool) -> shapes.DirectiveHead:
    """Show a directive without its text."""
    same = {name: getattr(directive, name) for name in _SAME_IN_HEAD}
    return shapes.DirectiveHead(
        id=directive.public_id,
        issuer=brief(directive.issuer),
        theme=directive.theme_id,
        may_edit=may_edit,
        **same,
    )


_SAME_IN_HEAD = tuple(
    name for name in shapes.DirectiveHead.model_fields if name not in {"id", "issuer", "theme", "may_edit"}
)


def standing(directive: Directive) -> shapes.Standing:
    """Show where a directive stands now; one query."""
    directive.refresh_from_db(fields=["state", "version"])
    return shapes.Standing(
        id=directive.public_id, state=DirectiveState(directive.state), version=directive.version
    )


def measures(rows: Sequence[Measure]) -> list[shapes.MeasureRow]:
    """Show measures with who acts in them; ``directive`` and ``field`` must be there. One query, one for each pack."""
    acts = _acts([row.pk for row in rows])
    return [_measure(row, acts.get(row.pk, {})) for row in rows]


def _measure(row: Measure, acts: Mapping[str, list[shapes.Body]]) -> shapes.MeasureRow:
    return shapes.MeasureRow(
        id=row.public_id,
        directive=row.directive.public_id,
        section=row.section,
        number=row.number,
        field=row.field.name if row.field else None,
        text=row.text,
        deliverable=row.deliverable,
        outcome_indicator=row.outcome_indicator,
        priority=Priority(row.priority),
        special_project=row.special_project,
        due=shapes.Due(**{name: getattr(row, f"due_{name}") for name in shapes.Due.model_fields}),
        assignments=shapes.Acts(**{role: acts.get(role, []) for role in ROLES}),
        open_flags=row.open_flags,
        review_state=row.review_state,
        version=row.version,
    )


def _acts(keys: Iterable[int]) -> dict[int, dict[str, list[shapes.Body]]]:
    rows = Assignment.objects.filter(measure_id__in=list(keys)).order_by("measure_id", "position", "pk")
    labels: dict[tuple[str, str], Mapping[str, str]] = {}
    found: dict[int, dict[str, list[shapes.Body]]] = {}
    for row in rows.values(*ACTING):
        found.setdefault(row["measure_id"], {}).setdefault(row["role"], []).append(_body(row, labels))
    return found


def _body(row: Mapping[str, Any], labels: dict[tuple[str, str], Mapping[str, str]]) -> shapes.Body:
    language, pack = row["measure__directive__language"], row["measure__directive__pack"]
    marks = {"principal": row["principal"], "inherited": row["inherited"]}
    if row["organisation__code"]:
        name = organisations.name_in(row, language, prefix="organisation__")
        return shapes.Body(kind="body", code=row["organisation__code"], name=name, **marks)
    if not row["group_code"]:
        return shapes.Body(kind="name", code="", name=row["raw_name"], **marks)
    if (pack, language) not in labels:
        labels[pack, language] = group_labels(pack, language)
    name = labels[pack, language].get(row["group_code"], row["group_code"])
    return shapes.Body(kind="group", code=row["group_code"], name=name, **marks)
