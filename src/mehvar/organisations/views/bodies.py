"""Show the register of bodies and one body with all that is known of it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mehvar.kernel import clock
from mehvar.organisations import queries
from mehvar.organisations.models import Organisation
from mehvar.organisations.queries import words
from mehvar.organisations.rules import bodies as body_rules
from mehvar.organisations.rules.permissions import Permission
from mehvar.organisations.tables import OrganisationTable, body_url, organisation_rows
from mehvar.organisations.views.answers import may
from mehvar.ui.data import SummaryRow
from mehvar.ui.reader import Reader, reader_of

BELOW_SHOWN = 200


@login_required
@require_safe
def organisation_list(request: HttpRequest) -> HttpResponseBase:
    """List bodies with search and filters."""
    table = OrganisationTable(organisation_rows(), request)
    facts = {"may_manage": may(request, Permission.MANAGE_ORGANISATIONS), "page_wide": True}
    return table.respond("organisations/list.html", facts)


@login_required
@require_safe
def tree(request: HttpRequest) -> HttpResponse:
    """Walk the tree: the line above a body and what stands directly below it."""
    at = request.GET.get("at", "")
    body = queries.organisation(at) if at else None
    path = body.path if body else ""
    fields = (*queries.NAME_FIELDS, "numchild", "type", "valid_to")
    below = queries.children_of(path).values(*fields)
    facts = {
        "here": _called(body) if body else None,
        "line": [_called(above) for above in queries.line_above(path)] if body else [],
        "below": [_branch(row) for row in below],
    }
    return render(request, "organisations/tree.html", facts)


def _branch(row: dict[str, Any]) -> dict[str, Any]:
    """Say what the tree shows of a body."""
    return {
        "name": queries.name_in(row, get_language() or "en"),
        "kind": words.word(words.TYPE_WORDS, row["type"]),
        "url": body_url(row["code"]),
        "tree_url": f"{reverse('organisations:tree')}?at={row['code']}",
        "below": row["numchild"],
        "ended": row["valid_to"] is not None and row["valid_to"] <= clock.today(),
    }


def _called(body: Organisation) -> dict[str, str]:
    """Give a body's name and addresses."""
    return {
        "name": queries.name_in(body, get_language() or "en"),
        "url": body_url(body.code),
        "tree_url": f"{reverse('organisations:tree')}?at={body.code}",
    }


@login_required
@require_safe
def organisation(request: HttpRequest, code: str) -> HttpResponse:
    """Show a body: names, succession, what stands above and below, positions, committees."""
    body = queries.organisation(code)
    reader = reader_of(request)
    below = list(
        queries.children_of(body.path).values(*queries.NAME_FIELDS, "numchild", "type", "valid_to")[
            :BELOW_SHOWN
        ]
    )
    facts = {
        "body": body,
        "name": queries.name_in(body, reader.language),
        "facts": _facts(body, reader),
        "names": _names(body),
        "chain": _chain(body, reader),
        "breadcrumbs": _breadcrumbs(body),
        "below": [_branch(row) for row in below],
        "positions": _positions(body),
        "committees": list(body.committees.filter(dissolved_on__isnull=True).order_by("pk")),
        "history_url": reverse("ledger:history", args=["organisation", body.code]),
        "may_manage": may(request, Permission.MANAGE_ORGANISATIONS, body.path),
        "may_seat": may(request, Permission.MANAGE_COMMITTEES, body.path),
        "may_teach": may(request, Permission.TEACH_ALIAS),
        "may_people": may(request, Permission.MANAGE_PEOPLE, body.path),
    }
    return render(request, "organisations/organisation.html", facts)


def _breadcrumbs(body: Organisation) -> list[tuple[str, str]]:
    """Lead from the register over the bodies above to this one."""
    language = get_language() or "en"
    above = [(queries.name_in(item, language), body_url(item.code)) for item in queries.line_above(body.path)]
    return [
        (_("Organisations"), reverse("organisations:list")),
        *above,
        (queries.name_in(body, language), ""),
    ]


def _facts(body: Organisation, reader: Reader) -> list[SummaryRow]:
    """Say what is known of a body besides names."""
    rows = [
        SummaryRow(_("Kind"), words.word(words.TYPE_WORDS, body.type)),
        SummaryRow(_("Code"), body.code),
        SummaryRow(_("Exists from"), reader.date(body.valid_from)),
        SummaryRow(_("Exists until"), reader.date(body.valid_to)),
    ]
    if body.email:
        rows.append(SummaryRow(_("E-mail address"), body.email))
    if body.attributes:
        rows.append(SummaryRow(_("Attributes"), body_rules.attributes_to(body.attributes)))
    return rows


def _names(body: Organisation) -> list[dict[str, Any]]:
    """Give every name of a body, official ones first, each with what one may say of it."""
    rows = body.names.order_by("language", "kind", "valid_from", "pk").values(
        "id", "text", "language", "kind", "valid_from", "valid_to", "origin"
    )
    return [
        {
            **row,
            "language_word": words.word(words.LANGUAGE_WORDS, row["language"]),
            "kind_word": words.word(words.NAME_KIND_WORDS, row["kind"]),
            "is_official": row["kind"] == "official",
        }
        for row in sorted(rows, key=lambda row: row["kind"] != "official")
    ]


def _chain(body: Organisation, reader: Reader) -> list[dict[str, Any]]:
    """Tell a body's successions as events: whom it followed, who follows it."""
    before = body.predecessions.select_related("predecessor").order_by("on")
    after = body.successions.select_related("successor").order_by("on")
    events = [(item, item.predecessor, _("Answers for %(name)s")) for item in before]
    events += [(item, item.successor, _("%(name)s answers from then")) for item in after]
    return [
        {
            "title": said % {"name": queries.name_in(other, reader.language)} if other else _("Dissolved"),
            "at": item.on,
            "text": " · ".join(filter(None, [words.word(words.SUCCESSION_WORDS, item.kind), item.note])),
            "url": body_url(other.code) if other else "",
        }
        for item, other, said in events
    ]


def _positions(body: Organisation) -> list[dict[str, Any]]:
    """Give who holds which position at the body today."""
    return [
        {**row, "role_word": words.word(words.ROLE_WORDS, row["role"])}
        for row in queries.positions_of(body.pk)
    ]
