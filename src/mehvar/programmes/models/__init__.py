"""Keep programmes, plans, progress, obstacles, stocktakes, flagships and reports."""

from mehvar.programmes.models.obstacles import Holiday, Obstacle, ObstacleEvent
from mehvar.programmes.models.plans import (
    BudgetLine,
    Dependency,
    Milestone,
    Plan,
    PlanCall,
    PlanEvent,
    PlanItem,
    PlanRemark,
)
from mehvar.programmes.models.programme import Objective, Programme, ProgrammeMeasure, ProgrammeTemplate
from mehvar.programmes.models.progress import (
    CellTally,
    CompletionClaim,
    ConfidenceJudgement,
    Delivery,
    Evidence,
    ExtensionRequest,
    MilestoneReport,
    ProgressReport,
    ReportingRound,
    RoundRequest,
    StatusRecord,
    TallyDay,
)
from mehvar.programmes.models.provinces import (
    Commitment,
    CommitteeProposal,
    RecognitionEdition,
    RecognitionResult,
    StakeholderMeeting,
)
from mehvar.programmes.models.stocktake import Flagship, PerformanceReport, Stocktake

__all__ = [
    "BudgetLine",
    "CellTally",
    "Commitment",
    "CommitteeProposal",
    "CompletionClaim",
    "ConfidenceJudgement",
    "Delivery",
    "Dependency",
    "Evidence",
    "ExtensionRequest",
    "Flagship",
    "Holiday",
    "Milestone",
    "MilestoneReport",
    "Objective",
    "Obstacle",
    "ObstacleEvent",
    "PerformanceReport",
    "Plan",
    "PlanCall",
    "PlanEvent",
    "PlanItem",
    "PlanRemark",
    "Programme",
    "ProgrammeMeasure",
    "ProgrammeTemplate",
    "ProgressReport",
    "RecognitionEdition",
    "RecognitionResult",
    "ReportingRound",
    "RoundRequest",
    "StakeholderMeeting",
    "StatusRecord",
    "Stocktake",
    "TallyDay",
]
