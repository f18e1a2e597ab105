"""Name the kinds of committees and in which capacity one sits on them."""

from enum import StrEnum


class CommitteeKind(StrEnum):
    """What a committee is.

    Source: S0.4 (drafting committee), S0.9 (council of deputies), S1.9 (provincial committees), S3.1 (working groups).
    """

    COUNCIL = "council"
    DRAFTING = "drafting"
    PROVINCIAL = "provincial"
    WORKING_GROUP = "working_group"
    OTHER = "other"


class Capacity(StrEnum):
    """In which capacity somebody sits on a committee; observers do not count for the quorum."""

    CHAIR = "chair"
    SECRETARY = "secretary"
    MEMBER = "member"
    OBSERVER = "observer"
