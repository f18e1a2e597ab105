"""Collect what waits for one person in the life of directives, each with the page where it is done."""

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from mehvar.directives.data import DirectiveState, ImportState, ResolutionState
from mehvar.directives.models import Directive, ImportDocument, Resolution
from mehvar.directives.queries import cascade, consultation
from mehvar.organisations import queries as organisations
from mehvar.organisations.data import Authority
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui.data import WaitingItem

MOST_OF_A_KIND = 50


def waiting_for(authority: Authority) -> list[WaitingItem]:
    """Return what waits for a person, by due date, undated last; a bounded number of queries."""
    found = [
        *_acknowledgements(authority),
        *_invitations(authority),
        *_directives(authority),
        *_imports(authority),
        *_resolutions(authority),
    ]
    return sorted(found, key=lambda item: (item.due_on is None, item.due_on or date.max, item.title))


def _acknowledgements(authority: Authority) -> Iterator[WaitingItem]:
    for row in cascade.to_acknowledge(authority)[:MOST_OF_A_KIND]:
        title = f"{row.directive.number} {row.directive.title}"
        yield WaitingItem(_("Acknowledge"), title, reverse("directives:inbox"), row.due_on, "acknowledge")


def _invitations(authority: Authority) -> Iterator[WaitingItem]:
    mine = consultation.waiting_invitations(authority).order_by("round__deadline_on", "pk")
    for row in mine[:MOST_OF_A_KIND]:
        directive = row.round.directive
        path = reverse("directives:consultation", args=[directive.public_id])
        yield WaitingItem(_("Give your opinion"), directive.title, path, row.round.deadline_on, "opinion")


DIRECTIVE_ACTS: tuple[tuple[DirectiveState, Permission, str], ...] = (
    (DirectiveState.AWAITING_APPROVAL, Permission.APPROVE_DIRECTIVE, "approval"),
    (DirectiveState.APPROVED, Permission.PROMULGATE_DIRECTIVE, "promulgation"),
    (DirectiveState.COUNCIL, Permission.MANAGE_COUNCIL, "directive"),
    (DirectiveState.REVISION, Permission.DRAFT_DIRECTIVE, "directive"),
)


def _act_words(state: DirectiveState) -> str:
    return {
        DirectiveState.AWAITING_APPROVAL: _("Decide"),
        DirectiveState.APPROVED: _("Promulgate"),
        DirectiveState.COUNCIL: _("Put on a council's agenda"),
        DirectiveState.REVISION: _("Revise"),
    }[state]


def _directives(authority: Authority) -> Iterator[WaitingItem]:
    for state, permission, page in DIRECTIVE_ACTS:
        rows = organisations.scoped(
            Directive.objects.filter(state=state), authority, permission, "issuer__path"
        ).order_by("changed_at")
        for row in rows[:MOST_OF_A_KIND]:
            path = reverse(f"directives:{page}", args=[row.public_id])
            yield WaitingItem(_act_words(state), row.title, path, None, str(state))


def _imports(authority: Authority) -> Iterator[WaitingItem]:
    rows = organisations.scoped(
        ImportDocument.objects.filter(state=ImportState.REVIEW),
        authority,
        Permission.REVIEW_IMPORT,
        "issuer__path",
    ).order_by("uploaded_at")
    for row in rows[:MOST_OF_A_KIND]:
        path = reverse("directives:review", args=[row.public_id])
        yield WaitingItem(_("Finish the review"), row.filename, path, None, "review")


def _resolutions(authority: Authority) -> Iterator[WaitingItem]:
    rows = Resolution.objects.filter(
        state__in=[ResolutionState.OPEN, ResolutionState.IN_PROGRESS], session__state="closed"
    ).select_related("session")
    mine = rows.filter(owner_id__in=authority.organisation_ids).order_by("due_on", "pk")
    for row in mine[:MOST_OF_A_KIND]:
        path = reverse("directives:resolution", args=[row.pk])
        yield WaitingItem(_("Carry out the resolution"), row.text[:200], path, row.due_on, "resolution")
