"""Define the lists of committees' proposals, meetings with stakeholders and their commitments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mehvar.organisations import queries as organisations
from mehvar.programmes.data import SheetKind
from mehvar.programmes.tables.imports import SheetTable
from mehvar.programmes.tables.obstacle_words import (
    ANSWER_BADGES,
    ANSWERS,
    COMMITMENT_BADGES,
    COMMITMENT_STATES,
    MEETING_KINDS,
    PROPOSAL_LEVELS,
    language,
)
from mehvar.ui.data import EmptyState
from mehvar.ui.tables import Column

Row = Mapping[str, Any]
_BODY = tuple(f"organisation__{name}" for name in organisations.NAME_FIELDS)


def _proposal(row: Row) -> str:
    return reverse("programmes:proposal", args=[row["public_id"]])


def _meeting(row: Row) -> str:
    return reverse("programmes:stakeholder_meeting", args=[row["public_id"]])


def _of_commitment(row: Row) -> str:
    return reverse("programmes:stakeholder_meeting", args=[row["meeting__public_id"]])


def _body(row: Row) -> str:
    return organisations.name_in(row, language(), prefix="organisation__")


def _promise_body(row: Row) -> str:
    return organisations.name_in(row, language(), prefix="meeting__organisation__")


class ProposalTable(SheetTable):
    """List committees' proposals, those whose answer is due first in front."""

    sheet_kind = SheetKind.PROPOSALS
    name = "proposals"
    caption = _("Proposals of provincial committees")
    columns = (
        Column(
            "title",
            pgettext_lazy("province", "Proposal"),
            kind="link",
            link=_proposal,
            filter="search",
            sortable=True,
        ),
        Column("committee_name", _("Committee"), source="committee__name", filter="search"),
        Column("submitted_at", _("Submitted on"), kind="date", sortable=True),
        Column("due_on", _("Answer due"), kind="date", sortable=True, filter="date"),
        Column("level", _("Who owes the answer"), filter="choice", choices=PROPOSAL_LEVELS),
        Column(
            "answer", _("Answer"), kind="badge", filter="choice", choices=ANSWERS[1:], states=ANSWER_BADGES
        ),
        Column("answered_at", _("Answered on"), kind="date"),
    )
    extra_fields = ("public_id",)
    default_sort = ("answered_at", "level_due_on")
    empty = EmptyState(
        title=_("No proposals"),
        text=_("What provincial committees propose to the ministry stands here, with its answer."),
    )


class MeetingTable(SheetTable):
    """List meetings with stakeholders, the latest first."""

    sheet_kind = SheetKind.MEETINGS
    name = "meetings"
    caption = _("Meetings with stakeholders")
    columns = (
        Column("subject", _("Subject"), kind="link", link=_meeting, filter="search"),
        Column("with_whom", _("With whom"), filter="search"),
        Column("kind", _("Kind"), filter="choice", choices=MEETING_KINDS),
        Column("organisation", _("Body"), value=_body),
        Column("held_on", _("Date"), kind="date", sortable=True, filter="date"),
        Column("open_commitments", _("Open commitments"), kind="number", sortable=True),
    )
    extra_fields = ("public_id", *_BODY)
    default_sort = ("-held_on",)
    empty = EmptyState(
        title=_("No meetings"),
        text=_(
            "Meetings with the governor's office, members of parliament and others stand here, with what was promised."
        ),
    )


class CommitmentTable(SheetTable):
    """List what was promised, open ones that are due first in front."""

    sheet_kind = SheetKind.COMMITMENTS
    name = "commitments"
    caption = _("Commitments")
    columns = (
        Column("text", _("Commitment"), kind="link", link=_of_commitment, filter="search"),
        Column("promised_by", _("Promised by"), filter="search"),
        Column("organisation", _("Body"), value=_promise_body),
        Column("due_on", _("Due"), kind="date", sortable=True, filter="date"),
        Column("first_due_on", _("First date"), kind="date"),
        Column(
            "state",
            _("State"),
            kind="badge",
            filter="choice",
            choices=COMMITMENT_STATES,
            states=COMMITMENT_BADGES,
        ),
        Column("settled_on", _("Settled on"), kind="date"),
    )
    extra_fields = (
        "meeting__public_id",
        *(f"meeting__organisation__{name}" for name in organisations.NAME_FIELDS),
    )
    default_sort = ("due_on",)
    empty = EmptyState(
        title=_("No commitments"), text=_("What offices promised in meetings stands here until it is kept.")
    )
