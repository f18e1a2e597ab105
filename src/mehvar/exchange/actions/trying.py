"""Try an operation in a service's test instance, which holds invented data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.conf import settings

from mehvar.accounts.actions import rates
from mehvar.exchange.actions import outward
from mehvar.exchange.actions.outward import Heard, Reach
from mehvar.exchange.queries import descriptions, scope
from mehvar.exchange.rules import operations, questions
from mehvar.exchange.rules.addresses import networks_of
from mehvar.kernel.errors import InputError, LimitExceeded, NotFound, gettext_noop
from mehvar.organisations import queries as organisations

if TYPE_CHECKING:
    from mehvar.accounts.models import User

TRIES_PER_MINUTE = 30
TOTAL_S = 15.0
LARGEST = 262_144


class Refused(InputError):  # noqa: N818 - says what happened
    """Hold the faults of several fields."""

    def __init__(self, faults: Mapping[str, InputError]) -> None:
        """Keep the faults by their keys."""
        super().__init__(gettext_noop("Some values cannot be taken."), code="invalid-values")
        self.faults = faults


def try_operation(actor: User, service_id: str, operation_id: str, given: Mapping[str, Any]) -> Heard:
    """Call a test instance once and return what it answered.

    Raises:
        NotFound: no such service or operation for this person, or it has no test instance.
        Refused: values cannot be taken.
        LimitExceeded: too many tries within a minute.
        InputError, Unavailable: the test instance's address may not be called, or does not answer.
    """
    service = scope.visible_service(organisations.authority_of(actor), service_id)
    if not service.test_base_url:
        raise NotFound(gettext_noop("This service has no test instance."), code="no-test-instance")
    document = descriptions.version_of(service).document
    operation = operations.operation_of(document, operation_id)
    values, faults = questions.checked(questions.asks_of(document, operation), given)
    if faults:
        raise Refused(faults)
    _count(actor)
    return outward.call(
        service.test_base_url,
        questions.question_of(operation, values),
        headers={"Accept": "application/json", "User-Agent": "Mehvar test console"},
        reach=Reach(TOTAL_S, LARGEST, networks_of(settings.MEHVAR_EXCHANGE_TEST_NETWORKS)),
    )


def _count(actor: User) -> None:
    if rates.count(f"exchange-try:{actor.pk}", window_s=60) > TRIES_PER_MINUTE:
        raise LimitExceeded(gettext_noop("Please wait a minute before you try again."), code="too-many-tries")
