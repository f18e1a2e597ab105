"""Open the plain data of the room to other rooms."""

from mehvar.organisations.data.authority import NOBODY, WHOLE_TREE, Authority, Held
from mehvar.organisations.data.committees import Capacity, CommitteeKind
from mehvar.organisations.data.register import (
    ISSUER,
    AttributeValue,
    Body,
    BodyType,
    Group,
    GroupPhrase,
    MemberRule,
    Name,
    NameKind,
    Pack,
    Succession,
    SuccessionKind,
)

__all__ = [
    "ISSUER",
    "NOBODY",
    "WHOLE_TREE",
    "AttributeValue",
    "Authority",
    "Body",
    "BodyType",
    "Capacity",
    "CommitteeKind",
    "Group",
    "GroupPhrase",
    "Held",
    "MemberRule",
    "Name",
    "NameKind",
    "Pack",
    "Succession",
    "SuccessionKind",
]
