"""Read published snapshots, and the authorities that they carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from mehvar.exchange.models import Authority, PublishedSnapshot
from mehvar.exchange.queries.scope import missing

if TYPE_CHECKING:
    from django.db.models import QuerySet

TASK = "mehvar.exchange.tasks.publish_routing"


def newest() -> PublishedSnapshot:
    """Give the newest published snapshot.

    Raises:
        NotFound: Nothing is published yet.
    """
    found = PublishedSnapshot.objects.order_by("-number").first()
    if found is None:
        raise missing("snapshot")
    return found


def is_pending() -> bool:
    """Tell whether a change waits to be published, or is being published."""
    waiting = DBTaskResult.objects.filter(task_path=TASK)
    return waiting.filter(status__in=[TaskResultStatus.READY, TaskResultStatus.RUNNING]).exists()


def authorities() -> QuerySet[Authority]:
    """Give the authorities whose certificates count, our own first."""
    return Authority.objects.filter(withdrawn_at=None).order_by("-own", "name")
