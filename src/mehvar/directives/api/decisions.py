"""Take a directive's steps over the HTTP API: what is offered, approval, return, gates, promulgation."""

from typing import Annotated, Literal

from django.http import HttpRequest
from django.utils.translation import gettext
from ninja import Router, Status
from pydantic import Field, StringConstraints

from mehvar.accounts import queries as accounts
from mehvar.directives.actions import aftermath, approval, lifecycle, promulgation
from mehvar.directives.api import shapes, showing
from mehvar.directives.api.asking import address_of, readable, require_fresh_sign_in
from mehvar.directives.api.promulgations import PromulgationRow, promulgation_row
from mehvar.directives.models import Directive
from mehvar.directives.queries import consultation, days, gates
from mehvar.directives.queries import lifecycle as queries
from mehvar.directives.queries import promulgation as promulgations
from mehvar.directives.rules import lifecycle as rules
from mehvar.kernel.errors import NotFound, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui.api import Schema, Version, allowed_to, version_if_given

router = Router(tags=["decisions"])
INSIDERS = allowed_to("view-drafts over the issuer, or asked to speak on it")


class HindranceRow(Schema):
    """Show what must be done before a step."""

    code: str
    message: str
    count: int


class OfferedStep(Schema):
    """Show a step that the state offers and the person may take."""

    step: str = Field(examples=["submit_for_approval"])
    leads_to: str
    needs_reason: bool
    hindrances: list[HindranceRow]


class StepIn(Schema):
    """Take a step."""

    step: Literal["put_to_council", "start_revision", "submit_for_approval", "recall", "withdraw"]
    reason: shapes.Reason = ""
    note: shapes.Line = Field("", description="What changed and why, for steps that freeze an edition.")
    version: Version | None = None


class ApprovalIn(Schema):
    """Approve exactly the text that was read."""

    content_hash: Annotated[str, StringConstraints(min_length=64, max_length=64)] = Field(
        description="`X-Content-Hash` of the text that you read.", examples=["9f86d081" * 8]
    )
    reason: shapes.Reason = ""
    version: Version | None = None


class ReturnIn(Schema):
    """Return a directive to its drafters."""

    reason: shapes.Reason = Field(min_length=1, examples=["Name a lead for measure 4."])
    version: Version | None = None


class PointRow(Schema):
    """Show one thing that is missing, and where it is mended."""

    label: str
    page: str


class GateRow(Schema):
    """Show how one gate stands; at most 20 points are named."""

    code: str
    title: str
    open: bool
    count: int
    points: list[PointRow]


class PromulgationIn(Schema):
    """Promulgate an approved directive."""

    number: Annotated[str, StringConstraints(min_length=1, max_length=80)] = Field(examples=["12/CT-BKHCN"])
    version: Version | None = None


class GroupPreview(Schema):
    """Show to how many bodies a group will expand."""

    code: str
    label: str
    members: int
    assignments: int


class Preview(Schema):
    """Show what a promulgation today would do."""

    proposed_number: str
    bodies: int
    assignments: int
    roles: dict[str, int]
    groups: list[GroupPreview]
    unresolved: list[str]


@router.get(
    "/{public_id}/steps", response=list[OfferedStep], summary="What I may do with it", openapi_extra=INSIDERS
)
def steps(request: HttpRequest, public_id: str) -> list[OfferedStep]:
    """List the steps that the state offers and the person may take, each with what hinders it."""
    directive = readable(request, public_id)
    situation = queries.situation_of(directive.pk)
    offered = rules.steps_for(organisations.authority_in(request), directive.state, directive.issuer.path)
    return [_offered(rules.Step(item.action), str(item.target), situation) for item in offered]


def _offered(step: rules.Step, target: str, situation: rules.Situation) -> OfferedStep:
    return OfferedStep(
        step=step.value,
        leads_to=target,
        needs_reason=step in rules.REASON_NEEDED,
        hindrances=[
            HindranceRow(
                code=found.code, message=gettext(found.message).format(count=found.count), count=found.count
            )
            for found in rules.hindrances(step, situation)
        ],
    )


@router.post(
    "/{public_id}/steps",
    response=shapes.DirectiveStanding,
    summary="Take a step",
    openapi_extra=allowed_to(
        "the step's permission over the issuer: manage-council, draft-directive or promulgate-directive"
    ),
)
def take_step(request: HttpRequest, public_id: str, given: StepIn) -> shapes.DirectiveStanding:
    """Put to council, start a revision, submit for approval, recall, or withdraw."""
    directive, version = readable(request, public_id), version_if_given(request, given.version)
    step = rules.Step(given.step)
    if step is rules.Step.WITHDRAW and directive.promulgated_at is not None:
        aftermath.withdraw_directive(
            accounts.person_in(request), directive.pk, reason=given.reason, version=version
        )
    else:
        lifecycle.advance(
            accounts.person_in(request),
            directive.pk,
            step,
            reason=given.reason,
            note=given.note,
            version=version,
        )
    return showing.standing(directive)


@router.post(
    "/{public_id}/approval",
    response=shapes.DirectiveStanding,
    summary="Approve",
    openapi_extra=allowed_to("approve-directive over the issuer"),
)
def approve(request: HttpRequest, public_id: str, given: ApprovalIn) -> shapes.DirectiveStanding:
    """Approve exactly the text that was read; 409 when it changed meanwhile."""
    directive = readable(request, public_id)
    require_fresh_sign_in(request)
    approval.approve(
        accounts.person_in(request),
        directive.pk,
        content_hash=given.content_hash,
        reason=given.reason,
        version=version_if_given(request, given.version),
    )
    return showing.standing(directive)


@router.post(
    "/{public_id}/return",
    response=shapes.DirectiveStanding,
    summary="Return to the drafters",
    openapi_extra=allowed_to("approve-directive over the issuer"),
)
def return_to_revision(request: HttpRequest, public_id: str, given: ReturnIn) -> shapes.DirectiveStanding:
    """Return a directive to its drafters with a reason."""
    directive = readable(request, public_id)
    approval.return_to_revision(
        accounts.person_in(request),
        directive.pk,
        reason=given.reason,
        version=version_if_given(request, given.version),
    )
    return showing.standing(directive)


@router.get(
    "/{public_id}/gates",
    response=list[GateRow],
    summary="What promulgation waits for",
    openapi_extra=INSIDERS,
)
def gate_states(request: HttpRequest, public_id: str) -> list[GateRow]:
    """List the gates of the promulgation, each with what is missing and where it is mended."""
    directive = _draft(request, public_id)
    return [
        GateRow(
            code=state.code,
            title=gettext(state.title),
            open=state.is_open,
            count=state.count,
            points=[PointRow(label=point.label, page=address_of(point.path)) for point in state.points],
        )
        for state in gates.gate_states(directive.pk)
    ]


@router.get(
    "/{public_id}/promulgation-preview",
    response=Preview,
    summary="What a promulgation would do",
    openapi_extra=allowed_to("promulgate-directive over the issuer"),
)
def preview(request: HttpRequest, public_id: str) -> Preview:
    """Say to whom a promulgation today would give tasks, and which number it would propose; changes nothing."""
    directive = readable(request, public_id)
    permissions.require(
        organisations.authority_in(request), Permission.PROMULGATE_DIRECTIVE, directive.issuer.path
    )
    found = promulgations.preview_of(directive, days.today())
    return Preview(
        proposed_number=promulgations.proposal_for(directive, days.today()),
        bodies=found.bodies,
        assignments=found.assignments,
        roles=dict(found.roles),
        groups=[
            GroupPreview(
                code=group.code, label=group.label, members=group.members, assignments=group.assignments
            )
            for group in found.groups
        ],
        unresolved=list(found.unresolved),
    )


@router.post(
    "/{public_id}/promulgation",
    response={201: PromulgationRow},
    summary="Promulgate",
    openapi_extra=allowed_to("promulgate-directive over the issuer"),
)
def promulgate(request: HttpRequest, public_id: str, given: PromulgationIn) -> Status[PromulgationRow]:
    """Number, freeze, sign and publish an approved directive, and ask every assigned body to acknowledge it."""
    directive = readable(request, public_id)
    require_fresh_sign_in(request)
    made = promulgation.promulgate_directive(
        accounts.person_in(request),
        directive.pk,
        number=given.number,
        version=version_if_given(request, given.version),
    )
    return Status(201, promulgation_row(promulgations.promulgation_by_code(made.short_code)))


def _draft(request: HttpRequest, public_id: str) -> Directive:
    """Give a directive to whom it concerns before its promulgation."""
    directive = readable(request, public_id)
    if not consultation.may_read_draft(organisations.authority_in(request), directive):
        raise NotFound(gettext_noop("There is no such directive."), code="unknown-directive")
    return directive
