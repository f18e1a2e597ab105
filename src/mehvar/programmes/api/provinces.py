"""Committees' proposals, meetings with stakeholders, their commitments, and recognition over the HTTP API."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field, StringConstraints

from mehvar.kernel.errors import NotFound, NotPermitted, gettext_noop
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import proposals as proposal_actions
from mehvar.programmes.actions import recognition as recognition_actions
from mehvar.programmes.actions import revisions
from mehvar.programmes.actions import stakeholders as actions
from mehvar.programmes.actions.stakeholders import Promise
from mehvar.programmes.api import shapes
from mehvar.programmes.api.shapes import WATCHERS, ActingBody, body_of, person
from mehvar.programmes.data import CommitmentState, Criterion, MeetingKind, ProposalAnswer, ProposalLevel
from mehvar.programmes.models import Commitment, CommitteeProposal, RecognitionEdition, StakeholderMeeting
from mehvar.programmes.queries import provinces as queries
from mehvar.programmes.queries import recognition as recognition_queries
from mehvar.ui.api import Key, Names, Paging, Schema, Versioned, allowed_to, page_of, tag, version_seen

proposals = Router(tags=["proposals"])
stakeholders = Router(tags=["stakeholders"])
commitments = Router(tags=["commitments"])
recognition = Router(tags=["recognition"])
PROPOSERS = allowed_to("propose for the committee")
ANSWERERS = allowed_to("answer-proposal over the ministry; once it has climbed, decide-obstacle there")
KEEPERS = allowed_to("manage-stakeholders over the body")
AWARDERS = allowed_to("award-recognition over the ministry")
Line = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Prose = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]


class ProposalRow(Schema):
    """Show what a provincial committee proposes to the ministry; ``answer`` is null until it is answered."""

    id: str
    committee: str
    body: ActingBody
    title: str
    text: str
    submitted_at: datetime
    due_on: date
    level: ProposalLevel
    level_due_on: date
    answer: ProposalAnswer | None
    answer_reason: str
    answered_at: datetime | None
    version: int


class ProvincialCommitteeRow(Schema):
    """Show a committee in whose name the person may propose."""

    id: int
    name: str


class NewProposal(Schema):
    """Propose something to the ministry."""

    committee: Key
    title: Line
    text: Prose


class AnswerToProposal(shapes.VersionedReason):
    """Answer a proposal; a refusal and a partial acceptance say why."""

    answer: ProposalAnswer


class CommitmentRow(Schema):
    """Show what an office promised; ``first_due_on`` never moves."""

    id: int
    meeting: str
    body: ActingBody
    text: str
    promised_by: str
    due_on: date | None
    first_due_on: date | None
    state: CommitmentState
    settled_on: date | None
    note: str
    version: int


class MeetingRow(Schema):
    """Show a meeting with stakeholders; only offices are named."""

    id: str
    body: ActingBody
    held_on: date
    kind: MeetingKind
    with_whom: str
    subject: str
    notes: str
    version: int


class MeetingWhole(MeetingRow):
    """Show a meeting with what was promised in it."""

    commitments: list[CommitmentRow]


class PromiseIn(Schema):
    """Say what was promised, by which office, until when."""

    text: Prose
    promised_by: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    due_on: date | None = None


class MeetingIn(Versioned):
    """Write a meeting down; ``version`` only to correct one."""

    body: shapes.BodyCode
    held_on: date
    kind: MeetingKind = MeetingKind.OTHER
    with_whom: Line
    subject: Line
    notes: shapes.Note = ""


class NewDate(Versioned):
    """Move a date and say why."""

    due_on: date
    reason: Annotated[str, StringConstraints(min_length=1, max_length=4000)]


class Settlement(Versioned):
    """Say what became of a commitment; broken and withdrawn ones say why."""

    state: CommitmentState
    note: shapes.Reason = ""
    settled_on: date | None = None


class WeightRow(Schema):
    """Weigh a criterion."""

    code: Criterion
    weight: Annotated[int, Field(ge=0, le=100)]


class Placed(Schema):
    """Show a province's place; ``rank`` is null where too little was reported to rank it."""

    code: str
    names: Names
    score: float | None
    rank: int | None
    awarded: bool


class RecognitionRow(Schema):
    """Show a recognition of provinces by criteria published before."""

    id: str
    title: str
    period: str
    criteria: list[WeightRow]
    places: int
    threshold: int
    note: str
    published_at: datetime | None
    awarded_at: datetime | None
    content_hash: str
    version: int


class EditionWhole(RecognitionRow):
    """Show a recognition with its frozen results, empty before it is awarded."""

    results: list[Placed]


class EditionIn(Versioned):
    """Draft a recognition; ``version`` only to change a draft."""

    title: Line
    period: shapes.PeriodId
    criteria: Annotated[list[WeightRow], Field(min_length=1, max_length=20)]
    places: Annotated[int, Field(ge=1, le=100)] = 5
    threshold: Annotated[int, Field(ge=0, le=100)] = 80
    note: shapes.Reason = ""


@proposals.get("", response=list[ProposalRow], summary="List proposals", openapi_extra=WATCHERS)
def proposal_list(
    request: HttpRequest, response: HttpResponse, paging: Query[Paging], *, waiting: bool = False
) -> list[ProposalRow]:
    """List the proposals that the person may see; with ``waiting`` those that wait for the person's answer."""
    authority = organisations.authority_in(request)
    if waiting:
        rows = queries.proposals_to_answer(authority)
    else:
        rows = queries.visible_proposals(authority).order_by("-submitted_at", "-pk")
    return [_proposal(row) for row in page_of(request, response, rows, paging)]


@proposals.get(
    "/committees", response=list[ProvincialCommitteeRow], summary="In whose name", openapi_extra=PROPOSERS
)
def my_committees(
    request: HttpRequest, response: HttpResponse, paging: Query[Paging]
) -> list[ProvincialCommitteeRow]:
    """List the committees in whose name the person may propose."""
    rows = queries.committees_for(organisations.authority_in(request))
    return [
        ProvincialCommitteeRow(id=row.pk, name=row.name) for row in page_of(request, response, rows, paging)
    ]


@proposals.get("/{public_id}", response=ProposalRow, summary="Read a proposal", openapi_extra=WATCHERS)
def proposal(request: HttpRequest, response: HttpResponse, public_id: str) -> ProposalRow:
    """Give a proposal with its answer."""
    return _shown_proposal(request, response, public_id)


@proposals.post("", response={201: ProposalRow}, summary="Propose", openapi_extra=PROPOSERS)
def propose(request: HttpRequest, response: HttpResponse, given: NewProposal) -> Status[ProposalRow]:
    """Propose something to the ministry in a committee's name; the ministry must answer."""
    known = {row.pk for row in queries.visible_committees(organisations.authority_in(request))}
    if given.committee not in known:
        raise NotFound(gettext_noop("There is no such committee."), code="unknown-committee")
    made = proposal_actions.propose(person(request), given.committee, title=given.title, text=given.text)
    return Status(201, _shown_proposal(request, response, made.public_id))


@proposals.post("/{public_id}/answer", response=ProposalRow, summary="Answer", openapi_extra=ANSWERERS)
def answer(
    request: HttpRequest, response: HttpResponse, public_id: str, given: AnswerToProposal
) -> ProposalRow:
    """Answer a proposal in the ministry's name, once."""
    version = version_seen(request, given.version)
    proposal_actions.answer(
        person(request), public_id, given=given.answer, reason=given.reason, version=version
    )
    return _shown_proposal(request, response, public_id)


@stakeholders.get("", response=list[MeetingRow], summary="List meetings", openapi_extra=WATCHERS)
def meetings(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> list[MeetingRow]:
    """List the meetings that the person may see, the latest first."""
    rows = queries.visible_meetings(_watching(request)).order_by("-held_on", "-pk")
    return [MeetingRow(**_meeting(row)) for row in page_of(request, response, rows, paging)]


@stakeholders.post("", response={201: MeetingWhole}, summary="Write down a meeting", openapi_extra=KEEPERS)
def record_meeting(request: HttpRequest, response: HttpResponse, given: MeetingIn) -> Status[MeetingWhole]:
    """Write down a meeting with stakeholders."""
    made = actions.record_meeting(person(request), organisations.organisation(given.body).pk, **_said(given))
    return Status(201, _shown_meeting(request, response, made.public_id))


@stakeholders.get("/{public_id}", response=MeetingWhole, summary="Read a meeting", openapi_extra=WATCHERS)
def meeting(request: HttpRequest, response: HttpResponse, public_id: str) -> MeetingWhole:
    """Give a meeting with what was promised in it."""
    return _shown_meeting(request, response, public_id)


@stakeholders.put("/{public_id}", response=MeetingWhole, summary="Correct a meeting", openapi_extra=KEEPERS)
def edit_meeting(
    request: HttpRequest, response: HttpResponse, public_id: str, given: MeetingIn
) -> MeetingWhole:
    """Correct what was written down; the body stays."""
    row = queries.visible_meeting(_watching(request), public_id)
    if row.organisation.code != given.body:
        raise NotPermitted(gettext_noop("A meeting stays with its body."), code="body-stays")
    version = version_seen(request, given.version)
    revisions.edit_meeting(person(request), public_id, version=version, **_said(given))
    return _shown_meeting(request, response, public_id)


@stakeholders.post(
    "/{public_id}/commitments", response={201: CommitmentRow}, summary="Keep a promise", openapi_extra=KEEPERS
)
def add_commitment(request: HttpRequest, public_id: str, given: PromiseIn) -> Status[CommitmentRow]:
    """Add what was promised in a meeting; it is followed up until it is settled."""
    promise = Promise(given.text, given.promised_by, given.due_on)
    made = actions.add_commitment(person(request), public_id, promise)
    return Status(201, _commitment(queries.commitments().get(pk=made.pk)))


@commitments.get("", response=list[CommitmentRow], summary="List commitments", openapi_extra=WATCHERS)
def commitment_list(
    request: HttpRequest,
    response: HttpResponse,
    paging: Query[Paging],
    state: CommitmentState | None = None,
) -> list[CommitmentRow]:
    """List what was promised, the earliest due first."""
    rows = queries.visible_commitments(_watching(request))
    if state is not None:
        rows = rows.filter(state=state)
    return [_commitment(row) for row in page_of(request, response, rows.order_by("due_on", "pk"), paging)]


@commitments.post(
    "/{commitment_id}/date", response=CommitmentRow, summary="Move the date", openapi_extra=KEEPERS
)
def move_date(request: HttpRequest, commitment_id: Key, given: NewDate) -> CommitmentRow:
    """Give a commitment a new date; the first stays on record."""
    _seen_commitment(request, commitment_id)
    version = version_seen(request, given.version)
    actions.move_date(
        person(request), commitment_id, due_on=given.due_on, reason=given.reason, version=version
    )
    return _commitment(queries.commitments().get(pk=commitment_id))


@commitments.post(
    "/{commitment_id}/settlement", response=CommitmentRow, summary="Settle", openapi_extra=KEEPERS
)
def settle(request: HttpRequest, commitment_id: Key, given: Settlement) -> CommitmentRow:
    """Say what became of a commitment: kept, broken or withdrawn."""
    _seen_commitment(request, commitment_id)
    actions.settle(
        person(request),
        commitment_id,
        state=given.state,
        note=given.note,
        version=version_seen(request, given.version),
        settled_on=given.settled_on,
    )
    return _commitment(queries.commitments().get(pk=commitment_id))


@recognition.get("", response=list[RecognitionRow], summary="List recognitions", openapi_extra=WATCHERS)
def editions(request: HttpRequest, response: HttpResponse, paging: Query[Paging]) -> list[RecognitionRow]:
    """List the recognitions: published ones, and drafts of those for whom the person awards."""
    rows = recognition_queries.visible_editions(organisations.authority_in(request)).order_by("-pk")
    return [RecognitionRow(**_edition(row)) for row in page_of(request, response, rows, paging)]


@recognition.get("/{public_id}", response=EditionWhole, summary="Read one", openapi_extra=WATCHERS)
def edition(request: HttpRequest, response: HttpResponse, public_id: str) -> EditionWhole:
    """Give a recognition with its criteria and frozen results."""
    return _shown_edition(request, response, public_id)


@recognition.post("", response={201: EditionWhole}, summary="Draft one", openapi_extra=AWARDERS)
def draft_edition(request: HttpRequest, response: HttpResponse, given: EditionIn) -> Status[EditionWhole]:
    """Draft a recognition of provinces for a period, in the ministry's name."""
    made = recognition_actions.draft_edition(person(request), **_edition_said(given))
    return Status(201, _shown_edition(request, response, made.public_id))


@recognition.put("/{public_id}", response=EditionWhole, summary="Change a draft", openapi_extra=AWARDERS)
def change_edition(
    request: HttpRequest, response: HttpResponse, public_id: str, given: EditionIn
) -> EditionWhole:
    """Change a draft; published criteria do not change."""
    recognition_queries.visible_edition(organisations.authority_in(request), public_id)
    version = version_seen(request, given.version)
    recognition_actions.change_edition(person(request), public_id, version=version, **_edition_said(given))
    return _shown_edition(request, response, public_id)


@recognition.post(
    "/{public_id}/publication", response=EditionWhole, summary="Publish", openapi_extra=AWARDERS
)
def publish_edition(
    request: HttpRequest, response: HttpResponse, public_id: str, given: Versioned
) -> EditionWhole:
    """Publish the criteria; from then on they do not change."""
    recognition_queries.visible_edition(organisations.authority_in(request), public_id)
    version = version_seen(request, given.version)
    recognition_actions.publish_criteria(person(request), public_id, version=version)
    return _shown_edition(request, response, public_id)


@recognition.post("/{public_id}/award", response=EditionWhole, summary="Award", openapi_extra=AWARDERS)
def award(request: HttpRequest, response: HttpResponse, public_id: str, given: Versioned) -> EditionWhole:
    """Compute the results from verified figures and freeze them with their hash on the public record."""
    recognition_queries.visible_edition(organisations.authority_in(request), public_id)
    version = version_seen(request, given.version)
    recognition_actions.award(person(request), public_id, version=version)
    return _shown_edition(request, response, public_id)


def _watching(request: HttpRequest) -> Any:
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.VIEW_PROGRESS)
    return authority


def _said(given: MeetingIn) -> dict[str, Any]:
    return {name: getattr(given, name) for name in ("held_on", "kind", "with_whom", "subject", "notes")}


def _shown_proposal(request: HttpRequest, response: HttpResponse, public_id: str) -> ProposalRow:
    row = queries.visible_proposal(organisations.authority_in(request), public_id)
    tag(response, row.version)
    return _proposal(row)


def _proposal(row: CommitteeProposal) -> ProposalRow:
    same = ("title", "text", "submitted_at", "due_on", "level", "level_due_on", "answer_reason", "answered_at", "version")  # fmt: skip
    return ProposalRow(
        **{name: getattr(row, name) for name in same},
        id=row.public_id,
        committee=row.committee.name,
        body=body_of(row.committee.organisation),
        answer=ProposalAnswer(row.answer) if row.answer else None,
    )


def _shown_meeting(request: HttpRequest, response: HttpResponse, public_id: str) -> MeetingWhole:
    row = queries.visible_meeting(_watching(request), public_id)
    tag(response, row.version)
    held = queries.commitments().filter(meeting=row).order_by("pk")
    return MeetingWhole(**_meeting(row), commitments=[_commitment(one) for one in held])


def _meeting(row: StakeholderMeeting) -> dict[str, Any]:
    same = ("held_on", "kind", "with_whom", "subject", "notes", "version")
    return {
        **{name: getattr(row, name) for name in same},
        "id": row.public_id,
        "body": body_of(row.organisation),
    }


def _seen_commitment(request: HttpRequest, commitment_id: int) -> None:
    if not queries.visible_commitments(_watching(request)).filter(pk=commitment_id).exists():
        raise NotFound(gettext_noop("There is no such commitment."), code="unknown-commitment")


def _commitment(row: Commitment) -> CommitmentRow:
    same = ("text", "promised_by", "due_on", "first_due_on", "state", "settled_on", "note", "version")
    return CommitmentRow(
        **{name: getattr(row, name) for name in same},
        id=row.pk,
        meeting=row.meeting.public_id,
        body=body_of(row.meeting.organisation),
    )


def _edition_said(given: EditionIn) -> dict[str, Any]:
    same = {name: getattr(given, name) for name in ("title", "period", "places", "threshold", "note")}
    return {**same, "weights": {one.code.value: one.weight for one in given.criteria}}


def _shown_edition(request: HttpRequest, response: HttpResponse, public_id: str) -> EditionWhole:
    row = recognition_queries.visible_edition(organisations.authority_in(request), public_id)
    tag(response, row.version)
    placed = row.results.select_related("organisation") if row.awarded_at else []
    return EditionWhole(
        **_edition(row),
        results=[
            Placed(
                code=one.organisation.code,
                names=body_of(one.organisation).names,
                score=one.score,
                rank=one.rank,
                awarded=one.awarded,
            )
            for one in placed
        ],
    )


def _edition(row: RecognitionEdition) -> dict[str, Any]:
    same = ("title", "period", "places", "threshold", "note", "published_at", "awarded_at", "content_hash", "version")  # fmt: skip
    return {
        **{name: getattr(row, name) for name in same},
        "id": row.public_id,
        "criteria": [WeightRow(code=one["code"], weight=one["weight"]) for one in row.criteria],
    }
