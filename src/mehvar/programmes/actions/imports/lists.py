"""Name who settles the rows of each list."""

from collections.abc import Mapping

from mehvar.programmes.actions.imports.measures import MeasureWork
from mehvar.programmes.actions.imports.obstacles import ObstacleWork
from mehvar.programmes.actions.imports.plan_items import PlanItemWork
from mehvar.programmes.actions.imports.planning import CallWork, ProgrammeWork, RoundWork
from mehvar.programmes.actions.imports.presenting import EditionWork, FlagshipWork
from mehvar.programmes.actions.imports.reports import ReportWork
from mehvar.programmes.actions.imports.stakeholders import CommitmentWork, MeetingWork, ProposalWork
from mehvar.programmes.actions.imports.work import SheetWork
from mehvar.programmes.data import SheetKind

WORK: Mapping[SheetKind, SheetWork] = {
    SheetKind.MEASURES: MeasureWork(),
    SheetKind.PLAN_ITEMS: PlanItemWork(),
    SheetKind.REPORTS: ReportWork(),
    SheetKind.OBSTACLES: ObstacleWork(),
    SheetKind.MEETINGS: MeetingWork(),
    SheetKind.COMMITMENTS: CommitmentWork(),
    SheetKind.PROPOSALS: ProposalWork(),
    SheetKind.PROGRAMMES: ProgrammeWork(),
    SheetKind.CALLS: CallWork(),
    SheetKind.ROUNDS: RoundWork(),
    SheetKind.FLAGSHIPS: FlagshipWork(),
    SheetKind.RECOGNITION: EditionWork(),
}
