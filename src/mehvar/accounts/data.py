"""Name the roles that a position can carry."""

from enum import StrEnum


class Role(StrEnum):
    """What a person may do; always held for one organisation and its subtree."""

    MINISTER = "minister"
    DEPUTY = "deputy"
    PLANNING_OFFICER = "planning_officer"
    PROVINCIAL_DIRECTOR = "provincial_director"
    BODY_OFFICER = "body_officer"
    PUBLIC_RELATIONS = "public_relations"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    EXCHANGE_OPERATOR = "exchange_operator"
    SYSTEM_ENGINEER = "system_engineer"
    INQUIRY_OFFICER = "inquiry_officer"


class NotificationChoice(StrEnum):
    """How a person wants to be told by e-mail that something waits."""

    EACH = "each"
    DAILY = "daily"
    NONE = "none"
