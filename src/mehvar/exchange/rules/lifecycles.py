"""Write down the lives of members, services, agreements and requests for access.

Source: S4.4; issue "Ledger and exchange", point 2.
"""

from __future__ import annotations

from mehvar.exchange.data.control import AgreementState, MemberState, RequestState, RequestStep, ServiceState
from mehvar.kernel.lifecycle import LifeCycle, Transition

_M, _S, _A, _R, _T = MemberState, ServiceState, AgreementState, RequestState, RequestStep

MEMBER = LifeCycle(
    "member",
    _M,
    (
        Transition("approve", _M.APPLIED, _M.APPROVED),
        Transition("refuse", _M.APPLIED, _M.REFUSED),
        Transition("suspend", _M.APPROVED, _M.SUSPENDED),
        Transition("resume", _M.SUSPENDED, _M.APPROVED),
        Transition("leave", _M.APPROVED, _M.LEFT),
        Transition("leave", _M.SUSPENDED, _M.LEFT),
        Transition("apply", _M.REFUSED, _M.APPLIED),
        Transition("apply", _M.LEFT, _M.APPLIED),
    ),
)

SERVICE = LifeCycle(
    "service",
    _S,
    (
        Transition("publish", _S.DRAFT, _S.PUBLISHED),
        Transition("publish", _S.DISABLED, _S.PUBLISHED),
        Transition("disable", _S.PUBLISHED, _S.DISABLED),
        Transition("retire", _S.DRAFT, _S.RETIRED),
        Transition("retire", _S.PUBLISHED, _S.RETIRED),
        Transition("retire", _S.DISABLED, _S.RETIRED),
    ),
)

AGREEMENT = LifeCycle(
    "agreement",
    _A,
    (
        Transition("accept", _A.PROPOSED, _A.VALID),
        Transition("extend", _A.VALID, _A.VALID),
        Transition("end", _A.PROPOSED, _A.ENDED),
        Transition("end", _A.VALID, _A.ENDED),
    ),
)

REQUEST = LifeCycle(
    "request",
    _R,
    (
        Transition(_T.CHANGE, _R.DRAFT, _R.DRAFT),
        Transition(_T.CHANGE, _R.RETURNED, _R.RETURNED),
        Transition(_T.SUBMIT, _R.DRAFT, _R.SUBMITTED),
        Transition(_T.SUBMIT, _R.RETURNED, _R.SUBMITTED),
        Transition(_T.RETURN, _R.SUBMITTED, _R.RETURNED),
        Transition(_T.GRANT, _R.SUBMITTED, _R.GRANTED),
        Transition(_T.REFUSE, _R.SUBMITTED, _R.REFUSED),
        Transition(_T.WITHDRAW, _R.DRAFT, _R.WITHDRAWN),
        Transition(_T.WITHDRAW, _R.SUBMITTED, _R.WITHDRAWN),
        Transition(_T.WITHDRAW, _R.RETURNED, _R.WITHDRAWN),
    ),
)

OPEN_REQUESTS = (RequestState.DRAFT, RequestState.SUBMITTED, RequestState.RETURNED)
CALLABLE_SERVICES = (ServiceState.PUBLISHED, ServiceState.DISABLED)
"""The states in which the routing snapshot holds a service."""
