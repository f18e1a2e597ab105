"""Show groups and who belongs to them on a day, and take exceptions from their rules."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mehvar.accounts import queries as accounts
from mehvar.organisations import actions, data, forms, queries
from mehvar.organisations.models import Group, GroupMember
from mehvar.organisations.queries import words
from mehvar.organisations.rules.permissions import Permission
from mehvar.organisations.tables import (
    GroupTable,
    OrganisationTable,
    body_url,
    group_rows,
    shown_name,
)
from mehvar.organisations.views.answers import act_once, answer, may, refuse_unless


class MemberTable(OrganisationTable):
    """List the members of a group on a day."""

    name = "members"
    columns = tuple(column for column in OrganisationTable.columns if column.key not in {"pack", "present"})


@login_required
@require_safe
def group_list(request: HttpRequest) -> HttpResponseBase:
    """List groups."""
    return GroupTable(group_rows(), request).respond("organisations/groups.html")


def group_url(group: Group) -> str:
    """Give the address of a group's page."""
    return reverse("organisations:group", args=[group.pack, group.code])


@login_required
@require_safe
def group(request: HttpRequest, pack: str, code: str) -> HttpResponseBase:
    """Show a group: wordings, rule, members on a chosen day, exceptions."""
    found = queries.group_by_code(pack, code)
    form = forms.DayForm(request.GET if "on" in request.GET else None)
    day = form.day()
    members = queries.members_of_group(pack, code, day).annotate(shown=shown_name()).distinct()
    facts = {
        "group": found,
        "name": queries.name_in(found, get_language() or "en"),
        "wordings": list(found.names.order_by("language", "text").values_list("text", flat=True)),
        "rule": _rule(found),
        "exceptions": _exceptions(found),
        "form": form,
        "day": day,
        "may_except": may(request, Permission.MANAGE_ORGANISATIONS, data.WHOLE_TREE),
        "history_url": reverse("ledger:history", args=["group", f"{found.pack}:{found.code}"]),
    }
    return MemberTable(members, request).respond("organisations/group.html", facts)


def _rule(found: Group) -> list[str]:
    """Say a membership rule in words."""
    rule = found.rule
    said = [
        _("kind: %(kind)s") % {"kind": words.word(words.TYPE_WORDS, kind)} for kind in rule.get("types", ())
    ]
    if rule.get("under") == data.ISSUER:
        said.append(_("below the body that issues the document"))
    elif rule.get("under"):
        said.append(_("below %(code)s") % {"code": rule["under"]})
    said += [f"{key}: {value}" for key, value in rule.get("attributes", {}).items()]
    said += [_("always: %(code)s") % {"code": code} for code in rule.get("codes", ())]
    return said


def _exceptions(found: Group) -> list[dict[str, Any]]:
    """Give the exceptions from a group's rule."""
    rows = found.exceptions.order_by("pk").values(
        "id",
        "included",
        "valid_from",
        "valid_to",
        *(f"organisation__{field}" for field in queries.NAME_FIELDS),
    )
    language = get_language() or "en"
    return [
        {
            **row,
            "name": queries.name_in(row, language, prefix="organisation__"),
            "url": body_url(row["organisation__code"]),
        }
        for row in rows
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def except_member(request: HttpRequest, pack: str, code: str) -> HttpResponse:
    """Take an exception from a group's rule."""
    refuse_unless(request, Permission.MANAGE_ORGANISATIONS, data.WHOLE_TREE)
    found = queries.group_by_code(pack, code)
    form = forms.ExceptionForm(request.POST or None)
    return answer(
        request,
        form,
        lambda given: actions.except_member(
            accounts.person_in(request),
            found.pk,
            organisation_id=given["body"].pk,
            included=given["included"] == "yes",
            valid_from=given["valid_from"],
            valid_to=given["valid_to"],
        ),
        title=_("Exception from the rule of %(name)s") % {"name": found.code},
        done=_("The exception holds."),
        url=group_url(found),
        action=_("Enter the exception"),
        cancel_url=group_url(found),
    )


@login_required
@require_POST
def withdraw_exception(request: HttpRequest, exception_id: int) -> HttpResponse:
    """Let the rule alone decide again."""
    refuse_unless(request, Permission.MANAGE_ORGANISATIONS, data.WHOLE_TREE)
    found = GroupMember.objects.select_related("group").filter(pk=exception_id).first()
    url = group_url(found.group) if found else reverse("organisations:groups")
    return act_once(
        request,
        lambda: actions.withdraw_exception(accounts.person_in(request), exception_id),
        done=_("The rule alone decides again."),
        url=url,
    )
