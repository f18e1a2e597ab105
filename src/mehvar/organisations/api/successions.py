"""Let bodies end and others answer for them, over the HTTP API."""

from django.http import HttpRequest
from ninja import Router, Status

from mehvar.accounts import queries as accounts
from mehvar.organisations import actions, queries
from mehvar.organisations.api.shapes import NewSuccession, SuccessionRow
from mehvar.ui.api import allowed_to

router = Router(tags=["organisations"])


@router.post(
    "",
    response={201: list[SuccessionRow]},
    summary="Merge, split or dissolve bodies",
    openapi_extra=allowed_to("manage-organisations over every body concerned"),
)
def succeed(request: HttpRequest, given: NewSuccession) -> Status[list[SuccessionRow]]:
    """Let bodies end on a day; from then the successor answers for what they were assigned."""
    made = actions.merge_organisations(
        accounts.person_in(request),
        predecessor_ids=[queries.organisation(code).pk for code in dict.fromkeys(given.predecessors)],
        successor_id=queries.organisation(given.successor).pk if given.successor else None,
        on=given.on,
        kind=given.kind,
        note=given.note,
    )
    return Status(
        201,
        [
            SuccessionRow(
                predecessor=item.predecessor.code,
                successor=item.successor.code if item.successor else None,
                on=item.on,
                kind=item.kind,
                note=item.note,
            )
            for item in made
        ],
    )
