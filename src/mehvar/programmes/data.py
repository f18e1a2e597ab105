"""Name the states, marks and kinds of programmes that cross the room's door."""

from enum import StrEnum


class ProgrammeState(StrEnum):
    """Where a programme stands."""

    DRAFT = "draft"
    ACTIVE = "active"
    FINISHED = "finished"
    CLOSED = "closed"


class ProductClass(StrEnum):
    """Whether a measure concerns current products or those of emerging technologies (S0.6)."""

    NONE = "none"
    CURRENT = "current"
    EMERGING = "emerging"


class PlanState(StrEnum):
    """Where a body's operational plan stands (S1.1)."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"


class DeliveryState(StrEnum):
    """Where one body's delivery of one measure stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    DONE = "done"
    DISCONTINUED = "discontinued"


class ReportState(StrEnum):
    """Where a progress report stands: claimed by the body, accepted by its reviewer, approved by the ministry."""

    DRAFT = "draft"
    CLAIMED = "claimed"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    APPROVED = "approved"


class Rating(StrEnum):
    """A judgement in three colours; ``UNKNOWN`` is shown grey, never green."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    UNKNOWN = "unknown"


class ObstacleKind(StrEnum):
    """What is in the way (S0.5)."""

    OBSTACLE = "obstacle"
    PRODUCT_GAP = "product_gap"


class Cause(StrEnum):
    """Why something is in the way, so that obstacles can be counted by cause."""

    LEGAL = "legal"
    BUDGET = "budget"
    LAND = "land"
    PROCUREMENT = "procurement"
    TECHNICAL = "technical"
    STAFF = "staff"
    COORDINATION = "coordination"
    SUPPLY = "supply"
    DATA = "data"
    OTHER = "other"


class Level(StrEnum):
    """Who has the clock of an obstacle: it climbs after three working days."""

    BODY = "body"
    COMMITTEE = "committee"
    DEPUTY = "deputy"
    COUNCIL = "council"


class ObstacleState(StrEnum):
    """Where an obstacle stands; only who raised it may say that it is gone."""

    OPEN = "open"
    IN_REMEDY = "in_remedy"
    REMEDIED = "remedied"
    CLOSED = "closed"
    REJECTED = "rejected"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


class ObstacleStep(StrEnum):
    """What happens to an obstacle; each is a dated event."""

    RAISE = "raise"
    ASSIGN = "assign"
    CLIMB = "climb"
    HAND_UP = "hand_up"
    DECIDE = "decide"
    PROPOSE_REMEDY = "propose_remedy"
    REPORT_REMEDIED = "report_remedied"
    CONFIRM = "confirm"
    SEND_BACK = "send_back"
    REJECT = "reject"
    OBJECT = "object"
    MERGE = "merge"
    WITHDRAW = "withdraw"
    PUBLISH = "publish"
    UNPUBLISH = "unpublish"
    REVISE = "revise"


class ProposalAnswer(StrEnum):
    """How the ministry answers a committee's proposal (S1.9)."""

    ACCEPTED = "accepted"
    PARTLY = "partly"
    REFUSED = "refused"


class ProposalLevel(StrEnum):
    """Who owes the answer to a committee's proposal; it climbs when it is late."""

    OFFICERS = "officers"
    DEPUTIES = "deputies"
    MINISTER = "minister"


class MeetingKind(StrEnum):
    """With whom a provincial director meets (S1.2); always offices."""

    GOVERNOR = "governor"
    PARLIAMENT = "parliament"
    COUNCIL = "council"
    BODIES = "bodies"
    FIRMS = "firms"
    OTHER = "other"


class Criterion(StrEnum):
    """By what recognition is computed, all of it from verified data (S1.10)."""

    COMPLETENESS = "completeness"
    TIMELINESS = "timeliness"
    PROGRESS = "progress"
    OBSTACLES = "obstacles"
    PLANS = "plans"


class FlagshipMark(StrEnum):
    """Why a project is presented (S1.4): it drives others, or it gives hope."""

    DRIVER = "driver"
    HOPE_GIVING = "hope_giving"


class CommitmentState(StrEnum):
    """Where a stakeholder's commitment, or a proposal to the ministry, stands."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"


class SheetKind(StrEnum):
    """Name the lists that go out and come in as spreadsheets."""

    MEASURES = "measures"
    PLAN_ITEMS = "plan-items"
    REPORTS = "reports"
    OBSTACLES = "obstacles"
    MEETINGS = "meetings"
    COMMITMENTS = "commitments"
    PROPOSALS = "proposals"
    PROGRAMMES = "programmes"
    CALLS = "calls"
    ROUNDS = "rounds"
    FLAGSHIPS = "flagships"
    RECOGNITION = "recognition"


class SheetState(StrEnum):
    """Where the import of a spreadsheet stands: checked first, taken over when a person has seen what it would do."""

    QUEUED = "queued"
    CHECKING = "checking"
    CHECKED = "checked"
    ACCEPTED = "accepted"
    APPLYING = "applying"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RowResult(StrEnum):
    """What became of one row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
