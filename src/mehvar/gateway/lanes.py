"""Remember what all calls of one service by one client have in common, as long as their snapshot is in force.

Nothing that can change from call to call is remembered: the proof of who calls, the right to method and path, the
agreement's validity at that instant and the quota are decided anew for every call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mehvar.exchange.rules.leaves import LeafShape

if TYPE_CHECKING:
    from mehvar.exchange.data.snapshot import Endpoint
    from mehvar.exchange.rules.rights import Grant, Route
    from mehvar.gateway.live import Part
    from mehvar.gateway.plans import Plan


class CallShape:
    """Hold what calls have in common that one right and one described operation cover."""

    __slots__ = ("leaf", "subject")

    def __init__(self, leaf: LeafShape, subject: str) -> None:
        """Keep the leaf's shape, and where a call names the person asked about."""
        self.leaf, self.subject = leaf, subject


class Lane:
    """Hold client, service and their lines ready for heads. Only its cache of shapes changes."""

    __slots__ = ("_shapes", "_version", "answer_lines", "client", "plan", "quotas", "route")

    def __init__(
        self, client: str, route: Route, plan: Plan, *, quotas: tuple[Part, ...], version: int
    ) -> None:
        """Write the constant lines once. ``version``: of the snapshot."""
        self.client, self.route, self.plan, self.quotas = client, route, plan, quotas
        self.answer_lines = f"X-Road-Client:{client}\r\nX-Road-Service:{plan.text}\r\nX-Road-Id:"
        self._version = version
        self._shapes: dict[tuple[int, int], CallShape] = {}

    def shape(self, grant: Grant, endpoint: Endpoint | None) -> CallShape:
        """Return the shape for a right and an operation of this lane's route, which outlive the lane."""
        key = id(grant), id(endpoint)
        found = self._shapes.get(key)
        if found is None:
            found = self._shapes[key] = self._made(grant, endpoint)
        return found

    def _made(self, grant: Grant, endpoint: Endpoint | None) -> CallShape:
        leaf = LeafShape(
            client=self.client,
            service=self.plan.text,
            endpoint=f"{endpoint.method} {endpoint.path}" if endpoint else "",
            agreement=grant.agreement.id,
            purpose=grant.agreement.purpose,
            mode="durable" if self.plan.is_durable else "async",
            snapshot=self._version,
        )
        return CallShape(leaf, endpoint.subject if endpoint else "")
