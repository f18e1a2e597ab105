"""Name the states, roles and kinds that other rooms and the outside speak of."""

from enum import StrEnum


class DirectiveState(StrEnum):
    """Where a directive stands in its life."""

    DRAFT = "draft"
    CONSULTATION = "consultation"
    COUNCIL = "council"
    REVISION = "revision"
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    PROMULGATED = "promulgated"
    AMENDED = "amended"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class AssignmentRole(StrEnum):
    """What a body is asked to do for a measure."""

    LEAD = "lead"
    COORDINATING = "coordinating"
    OVERSEEING = "overseeing"
    MONITORING = "monitoring"


class Priority(StrEnum):
    """How a measure is ordered among others (S0.2)."""

    NORMAL = "normal"
    HIGH = "high"


class ReviewState(StrEnum):
    """Whether a person has looked at an imported measure."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    CORRECTED = "corrected"
    MANUAL = "manual"


class ImportState(StrEnum):
    """How far the reading of a document has come."""

    QUEUED = "queued"
    READING = "reading"
    REVIEW = "review"
    SETTLED = "settled"
    FAILED = "failed"
    CANCELLED = "cancelled"


class OpinionKind(StrEnum):
    """What an invited office said in a consultation (S0.9)."""

    OPINION = "opinion"
    PROPOSAL = "proposal"
    NO_COMMENT = "no_comment"


class OpinionTarget(StrEnum):
    """What an opinion speaks of."""

    WHOLE = "whole"
    PROVISION = "provision"
    MEASURE = "measure"


class Answer(StrEnum):
    """How the drafters answered a proposal."""

    ACCEPTED = "accepted"
    PARTLY = "partly"
    REFUSED = "refused"
    NOTED = "noted"


class ResolutionState(StrEnum):
    """Where a council's resolution stands (S3.1)."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    CLAIMED = "claimed"
    DONE = "done"
    DROPPED = "dropped"


class SessionState(StrEnum):
    """Where a council session stands."""

    PLANNED = "planned"
    IN_SESSION = "in_session"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class CouncilDecision(StrEnum):
    """What a council decided about a directive or another matter on its agenda (S0.9)."""

    PASSED = "passed"
    RETURNED = "returned"
    POSTPONED = "postponed"
    NOTED = "noted"


class ModificationKind(StrEnum):
    """What became of a promulgated directive."""

    AMENDED = "amended"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
