"""Turn a group's membership rule into what is stored, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mehvar.organisations import data


def rule_from(stored: Mapping[str, Any]) -> data.MemberRule:
    """Read a membership rule from how it is stored."""
    return data.MemberRule(
        types=tuple(data.BodyType(word) for word in stored.get("types", ())),
        under=stored.get("under"),
        attributes=stored.get("attributes", {}),
        codes=tuple(stored.get("codes", ())),
    )


def rule_to(rule: data.MemberRule) -> dict[str, Any]:
    """Store a membership rule."""
    return {
        "types": [kind.value for kind in rule.types],
        "under": rule.under,
        "attributes": dict(rule.attributes),
        "codes": list(rule.codes),
    }
