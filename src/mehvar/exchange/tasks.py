"""Do in the background what a person need not wait for."""

from __future__ import annotations

from django_tasks import task

from mehvar.exchange.actions import batches


@task()
def ask_file(public_id: str) -> None:
    """Ask the questions of a file; running it twice asks nothing twice."""
    batches.run_batch(public_id)


def enqueue_file(*, public_id: str) -> None:
    """Hand a file of questions to the workers."""
    ask_file.enqueue(public_id)
