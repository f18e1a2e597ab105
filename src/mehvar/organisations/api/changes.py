"""Change bodies over the HTTP API."""

from django.http import HttpRequest, HttpResponse
from ninja import Status

from mehvar.accounts import queries as accounts
from mehvar.organisations import actions, queries
from mehvar.organisations.api.bodies import router, whole
from mehvar.organisations.api.shapes import BodyChanges, BodyWhole, Move, NewBody, NewName, Renaming
from mehvar.organisations.data import BodyType
from mehvar.ui.api import Names, allowed_to, version_seen

MANAGERS = allowed_to("manage-organisations over the body")


@router.post("", response={201: BodyWhole}, summary="Enter a body", openapi_extra=MANAGERS)
def create(request: HttpRequest, response: HttpResponse, given: NewBody) -> Status[BodyWhole]:
    """Enter a body below another one, with its official names."""
    parent = queries.organisation(given.parent) if given.parent else None
    made = actions.create_organisation(
        accounts.person_in(request),
        code=given.code,
        type=given.type,
        parent_id=parent.pk if parent else None,
        official=official(given.names),
        valid_from=given.valid_from,
        valid_to=given.valid_to,
        attributes=given.attributes,
        email=given.email,
    )
    return Status(201, whole(response, queries.organisation(made.code)))


@router.patch("/{code}", response=BodyWhole, summary="Change a body", openapi_extra=MANAGERS)
def edit(request: HttpRequest, response: HttpResponse, code: str, given: BodyChanges) -> BodyWhole:
    """Change a body's type, e-mail address, attributes or dates; 409 when somebody else was quicker."""
    body = queries.organisation(code)
    changes = given.dict(exclude_unset=True, exclude={"version"})
    if given.type is not None:
        changes["type"] = BodyType(given.type).value
    changes = {
        name: value for name, value in changes.items() if value is not None or name.startswith("valid")
    }
    actions.edit_organisation(
        accounts.person_in(request), body.pk, version=version_seen(request, given.version), changes=changes
    )
    return whole(response, queries.organisation(code))


@router.post("/{code}/names", response={201: BodyWhole}, summary="Add a name", openapi_extra=MANAGERS)
def add_name(request: HttpRequest, response: HttpResponse, code: str, given: NewName) -> Status[BodyWhole]:
    """Add a dated name of any kind, by which documents find the body."""
    actions.add_name(
        accounts.person_in(request),
        queries.organisation(code).pk,
        version=version_seen(request, given.version),
        wording=given.text,
        language=given.language,
        kind=given.kind,
        valid_from=given.valid_from,
        valid_to=given.valid_to,
    )
    return Status(201, whole(response, queries.organisation(code)))


@router.post("/{code}/renamings", response=BodyWhole, summary="Rename a body", openapi_extra=MANAGERS)
def rename(request: HttpRequest, response: HttpResponse, code: str, given: Renaming) -> BodyWhole:
    """Give a body new official names from a day; the old ones stay on record with their dates."""
    actions.rename_organisation(
        accounts.person_in(request),
        queries.organisation(code).pk,
        version=version_seen(request, given.version),
        official=official(given.names),
        on=given.on,
    )
    return whole(response, queries.organisation(code))


@router.post("/{code}/moves", response=BodyWhole, summary="Move a body", openapi_extra=MANAGERS)
def move(request: HttpRequest, response: HttpResponse, code: str, given: Move) -> BodyWhole:
    """Put a body, with all below it, below another one of the same register."""
    actions.move_organisation(
        accounts.person_in(request),
        queries.organisation(code).pk,
        version=version_seen(request, given.version),
        new_parent_id=queries.organisation(given.parent).pk,
    )
    return whole(response, queries.organisation(code))


def official(names: Names) -> dict[str, str]:
    """Give the names that were given, by language."""
    return {language: name for language, name in names.dict().items() if name}
