"""Show rows of the database in the API's shapes, with a bounded number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mehvar.directives.api import shapes
from mehvar.directives.data import DirectiveState, Priority
from mehvar.directives.models import Assignment, Measure
from mehvar.directives.queries import content
from mehvar.directives.rules.content import AssignmentsContent, empty_assignments
from mehvar.ui.api import Names

if TYPE_CHECKING:
    from mehvar.directives.models import Directive
    from mehvar.organisations.models import Organisation


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


def standing(directive: Directive) -> shapes.DirectiveStanding:
    """Show where a directive stands now; one query."""
    directive.refresh_from_db(fields=["state", "version"])
    return shapes.DirectiveStanding(
        id=directive.public_id, state=DirectiveState(directive.state), version=directive.version
    )


def measures(rows: Sequence[Measure]) -> list[shapes.MeasureRow]:
    """Show measures with who acts in them; ``directive`` and ``field`` must be there. One query, one for each pack."""
    acts = content.acts_in(Assignment.objects.filter(measure__in=[row.pk for row in rows]))
    return [_measure(row, acts.get(row.pk) or empty_assignments()) for row in rows]


def _measure(row: Measure, acts: AssignmentsContent) -> shapes.MeasureRow:
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
        due=content.due_of(vars(row)),
        assignments=acts,
        open_flags=row.open_flags,
        review_state=row.review_state,
        version=row.version,
    )
