"""Keep directives, their consultation, councils, promulgation and cascade."""

from mehvar.directives.models.cascade import Acknowledgement, AssignedBody, Reminder
from mehvar.directives.models.consultation import ConsultationRound, Invitation, Opinion
from mehvar.directives.models.council import (
    AgendaItem,
    Attendance,
    CouncilSession,
    Resolution,
    ResolutionEvent,
)
from mehvar.directives.models.directive import (
    Assignment,
    Citation,
    Directive,
    DirectiveVersion,
    Field,
    Measure,
    Provision,
    StatusEvent,
)
from mehvar.directives.models.duties import (
    AlignmentGoal,
    AlignmentPlan,
    AnnualTheme,
    LegalDuty,
    MeasureAlignment,
    RoleStatement,
)
from mehvar.directives.models.imports import EditStep, ImportDocument, ReviewPresence
from mehvar.directives.models.promulgation import Modification, Promulgation

__all__ = [
    "Acknowledgement",
    "AgendaItem",
    "AlignmentGoal",
    "AlignmentPlan",
    "AnnualTheme",
    "AssignedBody",
    "Assignment",
    "Attendance",
    "Citation",
    "ConsultationRound",
    "CouncilSession",
    "Directive",
    "DirectiveVersion",
    "EditStep",
    "Field",
    "ImportDocument",
    "Invitation",
    "LegalDuty",
    "Measure",
    "MeasureAlignment",
    "Modification",
    "Opinion",
    "Promulgation",
    "Provision",
    "Reminder",
    "Resolution",
    "ResolutionEvent",
    "ReviewPresence",
    "RoleStatement",
    "StatusEvent",
]
