"""Do in the background what a person need not wait for."""

from __future__ import annotations

from django_tasks import task

from mehvar.programmes.actions import imports, making


@task()
def make_deliveries(directive_id: int) -> None:
    """Make the deliveries of a promulgated directive; running it twice makes nothing twice."""
    making.make_deliveries(directive_id)


def enqueue_making(*, directive_id: int) -> None:
    """Hand a directive whose deliveries are to be made to the workers."""
    make_deliveries.enqueue(directive_id)


@task()
def run_sheet_import(public_id: str) -> None:
    """Check a spreadsheet or take it over; running it twice does nothing twice."""
    imports.run_import(public_id)


def enqueue_sheet(*, public_id: str) -> None:
    """Hand a spreadsheet to the workers."""
    run_sheet_import.enqueue(public_id)
