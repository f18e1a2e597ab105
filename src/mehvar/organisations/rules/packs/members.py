"""Say who belongs to a group on a day, and who answers for a body that has ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from mehvar.organisations.data.register import (
    ISSUER,
    AttributeValue,
    Body,
    BodyType,
    Group,
    MemberRule,
    Pack,
)


def has_attributes(body: Body, attributes: Mapping[str, AttributeValue]) -> bool:
    """Tell whether a body carries all these attributes."""
    return all(body.attributes.get(key, False) == value for key, value in attributes.items())


def members_of(group: Group, pack: Pack, on: date, *, issuer: str | None = None) -> tuple[Body, ...]:
    """List the bodies that belong to a group on a day, in the order of the pack.

    ``issuer`` is the code of the body that issues the document: in a province's document "các địa phương" are the
    districts of that province. A rule under the issuer has only its named members until ``issuer`` is given.
    """
    rule = _rule_for(group, pack, issuer)
    return tuple(
        body
        for body in pack.bodies
        if body.exists(on) and (body.code in rule.codes or _fits(body, rule, pack))
    )


def _rule_for(group: Group, pack: Pack, issuer: str | None) -> MemberRule:
    """Choose the rule that holds in the issuer's documents and put the issuer in its place.

    Bodies "of the issuer" are those of its whole province where a province's body issues.
    """
    if issuer is None or issuer not in pack.by_code:
        return group.members
    province = province_of(pack, issuer)
    rule = group.local_members if group.local_members and province else group.members
    return replace(rule, under=province or issuer) if rule.under == ISSUER else rule


def province_of(pack: Pack, code: str) -> str | None:
    """Give the code of the province that a body is or stands below (or of the symbolic one), if any."""
    for item in (code, *pack.ancestors(code)):
        if pack.body(item).type is BodyType.PROVINCE or item == f"{pack.code}.province":
            return item
    return None


def _fits(body: Body, rule: MemberRule, pack: Pack) -> bool:
    """Tell whether a body is of the rule's types, has its attributes and stands below its root."""
    if body.type not in rule.types or not has_attributes(body, rule.attributes):
        return False
    if rule.under is None:
        return not body.is_symbolic
    return rule.under in pack.ancestors(body.code)


def answering_body(pack: Pack, code: str, on: date) -> Body:
    """Give the body that answers on a day for what was given to another (follow the successions).

    A body that ended without a successor answers for itself.
    """
    body = pack.body(code)
    seen = {code}
    while not body.exists(on):
        nexts = [item for item in pack.successions if item.predecessor == body.code and item.on <= on]
        if not nexts or nexts[-1].successor in seen:
            break
        body = pack.body(nexts[-1].successor)
        seen.add(body.code)
    return body
