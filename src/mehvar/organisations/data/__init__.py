"""Open the plain data of the room to other rooms."""

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
    "AttributeValue",
    "Body",
    "BodyType",
    "Group",
    "GroupPhrase",
    "MemberRule",
    "Name",
    "NameKind",
    "Pack",
    "Succession",
    "SuccessionKind",
]
