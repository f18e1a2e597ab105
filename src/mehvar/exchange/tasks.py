"""Do in the background what a person need not wait for."""

from __future__ import annotations

from django_tasks import task

from mehvar.exchange.actions import batches, publication


@task()
def ask_file(public_id: str) -> None:
    """Ask the questions of a file; running it twice asks nothing twice."""
    batches.run_batch(public_id)


def enqueue_file(*, public_id: str) -> None:
    """Hand a file of questions to the workers."""
    ask_file.enqueue(public_id)


@task()
def publish_routing(reason: str) -> None:
    """Publish the routing snapshot; where another publication took the change along, nothing differs and nothing is done."""
    publication.publish(reason)


def enqueue_publication(*, reason: str) -> None:
    """Hand a change that gateways must know to the workers."""
    publish_routing.enqueue(reason=reason)
