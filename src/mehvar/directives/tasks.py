"""Do in the background what a person need not wait for."""

from __future__ import annotations

from django_tasks import task

from mehvar.directives.actions import imports


@task()
def read_document(public_id: str) -> None:
    """Read a queued document; running it twice does nothing twice."""
    imports.read_document(public_id)


def enqueue_reading(*, public_id: str) -> None:
    """Hand a queued document to the workers."""
    read_document.enqueue(public_id)
