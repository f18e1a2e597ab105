"""Say which deliveries a person may see and review; every page, export, notice and program asks here.

Who has a permission over the body that asks (the directive's issuer, the programme's lead) reaches every body's deliveries of it; who has it over
the body that delivers reaches that body's subtree, and what passed to it from bodies that it succeeded. Nothing else.
Source: the house's scope rule; S2.4.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from django.db.models import BigIntegerField, Exists, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from django.db.models.lookups import In

from mehvar.directives.queries.days import today
from mehvar.kernel.errors import NotFound
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.models import CellTally, CompletionClaim, Delivery

if TYPE_CHECKING:
    from mehvar.organisations.data import Authority

_M = TypeVar("_M", bound=Model)


@dataclass(frozen=True, slots=True)
class Scope:
    """Hold which bodies a person reaches: ``everything``, the bodies themselves, and those they succeeded.

    ``issuing_ids`` are those among the bodies that ask others for something.
    """

    everything: bool
    body_ids: frozenset[int]
    inherited_ids: frozenset[int]
    issuing_ids: frozenset[int] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is reached at all."""
        return not (self.everything or self.body_ids or self.inherited_ids)

    @property
    def delivering_ids(self) -> frozenset[int]:
        """Return the bodies whose deliveries are reached whoever asks for them."""
        return self.body_ids | self.inherited_ids

    def condition(self, prefix: str = "") -> Q:
        """Build the condition for rows that have ``issuer_id`` and ``organisation_id`` (after ``prefix``).

        Who watches over a body that asks sees most rows, so that lists are best read in their own order: the casts keep SQLite from
        collecting all rows by these columns first (PostgreSQL, which knows how many there are, ignores them).
        """
        if self.everything:
            return Q()
        if self.is_empty:
            return Q(pk__in=())
        if not self.issuing_ids:
            return Q(**{f"{prefix}organisation_id__in": self.delivering_ids})
        return among(f"{prefix}issuer_id", self.issuing_ids) | among(
            f"{prefix}organisation_id", self.delivering_ids
        )

    def holds(self, delivery: Delivery) -> bool:
        """Tell whether a delivery is reached."""
        return (
            self.everything
            or delivery.issuer_id in self.body_ids
            or delivery.organisation_id in self.delivering_ids
        )

    def holds_issuer(self, issuer_id: int) -> bool:
        """Tell whether the body that asks is reached, and so all that it asked for."""
        return self.everything or issuer_id in self.body_ids

    def holds_body(self, organisation_id: int) -> bool:
        """Tell whether the body that delivers is reached."""
        return self.everything or organisation_id in self.delivering_ids


def among(path: str, ids: Iterable[int]) -> Q:
    """Build the condition that a key is among some, so that SQLite does not begin with its index but keeps the list's order."""
    return Q(In(Cast(path, BigIntegerField()), sorted(ids)))


def scope_of(authority: Authority, permission: Permission = Permission.VIEW_PROGRESS) -> Scope:
    """Work out the bodies over which a person holds a permission; at most two queries, once to a request."""
    paths = permissions.paths_with(authority, permission)
    if not paths:
        return Scope(everything=False, body_ids=frozenset(), inherited_ids=frozenset())
    if not paths[0]:
        return Scope(everything=True, body_ids=frozenset(), inherited_ids=frozenset())
    return authority.once(("programmes.scope", paths), lambda: _reached(authority, permission))


def _reached(authority: Authority, permission: Permission) -> Scope:
    bodies = organisations.scoped(organisations.search(""), authority, permission).order_by()
    asking = Exists(CellTally.objects.filter(issuer_id=OuterRef("pk")))
    found = dict(bodies.annotate(asks=asking).values_list("pk", "asks"))
    inherited = organisations.predecessors_within(authority, permission, on=today())
    return Scope(
        everything=False,
        body_ids=frozenset(found),
        inherited_ids=frozenset(inherited),
        issuing_ids=frozenset(body for body, asks in found.items() if asks),
    )


def within_scope(rows: QuerySet[_M], scope: Scope, prefix: str = "") -> QuerySet[_M]:
    """Keep the rows (with issuer and organisation) that a scope reaches."""
    return rows.none() if scope.is_empty else rows.filter(scope.condition(prefix))


def visible_deliveries(
    authority: Authority, permission: Permission = Permission.VIEW_PROGRESS
) -> QuerySet[Delivery]:
    """Give the deliveries that a person may see, or over which the person holds another permission."""
    return within_scope(Delivery.objects.all(), scope_of(authority, permission))


def reportable(authority: Authority) -> QuerySet[Delivery]:
    """Give the deliveries on which a person may report: those of the bodies that the person speaks for."""
    scope = scope_of(authority, Permission.REPORT_PROGRESS)
    if scope.everything:
        return Delivery.objects.all()
    return Delivery.objects.filter(organisation_id__in=scope.delivering_ids)


def reviewable(authority: Authority, permission: Permission = Permission.ACCEPT_REPORT) -> QuerySet[Delivery]:
    """Give the deliveries whose reports a person may accept (or approve, verify …).

    Over the body that asks, or, for accepting, from above the body that reports: its own superior. Approval belongs to the body that
    asks alone.
    """
    scope = scope_of(authority, permission)
    if scope.everything:
        return Delivery.objects.all()
    condition = Q(issuer_id__in=scope.body_ids)
    if permission is not Permission.APPROVE_REPORT:
        condition |= Q(organisation_id__in=scope.delivering_ids)
    return Delivery.objects.filter(condition)


def appointed(authority: Authority) -> Exists:
    """Build the condition that the person's body was appointed to verify a claim on the delivery: it needs the page and its files."""
    claims = CompletionClaim.objects.filter(verifier_id__in=authority.organisation_ids)
    return Exists(claims.filter(delivery=OuterRef("pk")))


def visible_delivery(authority: Authority, public_id: str) -> Delivery:
    """Give one delivery with all that its page names; one query beside the scope's. Who was appointed to verify it sees it too.

    Raises:
        NotFound: There is none, or not for this person.
    """
    scope = scope_of(authority)
    seen = Q() if scope.everything else scope.condition() | Q(appointed(authority))
    found = (
        Delivery.objects.filter(seen)
        .select_related(
            "organisation", "issuer", "measure__provision", "directive", "programme", "plan_item__plan"
        )
        .filter(public_id=public_id)
        .first()
    )
    if found is None:
        raise NotFound("There is no such delivery.", code="unknown-delivery")
    return found
