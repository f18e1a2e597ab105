"""Take changes to bodies: create, edit, rename, name, move, succeed, teach."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from mehvar.accounts import queries as accounts
from mehvar.organisations import actions, forms, queries
from mehvar.organisations.data import BodyType, NameKind, SuccessionKind
from mehvar.organisations.models import Organisation, OrganisationName
from mehvar.organisations.rules.permissions import Permission
from mehvar.organisations.tables import body_url
from mehvar.organisations.views.answers import act_once, answer, refuse_unless

form_methods = require_http_methods(["GET", "HEAD", "POST"])


def _name(body: Organisation) -> str:
    """Give a body's name in the reader's language."""
    return queries.name_in(body, get_language() or "en")


def _body(request: HttpRequest, code: str) -> Organisation:
    """Give the body that is to be changed.

    Raises:
        NotFound: There is no such body.
        NotPermitted: The person does not manage organisations there.
    """
    body = queries.organisation(code)
    refuse_unless(request, Permission.MANAGE_ORGANISATIONS, body.path)
    return body


def _version(pk: int) -> int:
    """Give a body's present version."""
    version: int = Organisation.objects.values_list("version", flat=True).get(pk=pk)
    return version


@login_required
@form_methods
def create(request: HttpRequest) -> HttpResponse:
    """Take a new body."""
    refuse_unless(request, Permission.MANAGE_ORGANISATIONS)
    form = forms.CreateForm(request.POST or None, initial={"parent": request.GET.get("below", "")})

    def act(given: Any) -> Organisation:
        parent = given["parent"]
        return actions.create_organisation(
            accounts.person_in(request),
            code=given["code"],
            type=BodyType(given["type"]),
            parent_id=parent.pk if parent else None,
            official=form.official(),
            valid_from=given["valid_from"],
            valid_to=given["valid_to"],
            attributes=given["attributes"],
            email=given["email"],
        )

    return answer(
        request,
        form,
        act,
        title=_("New body"),
        done=_("The body is entered."),
        url=lambda made: body_url(made.code),
        action=_("Enter the body"),
        cancel_url=reverse("organisations:list"),
    )


@login_required
@form_methods
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Take changes to what is said of a body besides names."""
    body = _body(request, code)
    initial = {
        field: getattr(body, field)
        for field in ("version", "type", "email", "valid_from", "valid_to", "attributes")
    }
    form = forms.EditForm(request.POST or None, initial=initial)
    return answer(
        request,
        form,
        lambda given: actions.edit_organisation(
            accounts.person_in(request), body.pk, version=given["version"], changes=given
        ),
        title=_("Edit %(name)s") % {"name": _name(body)},
        done=_("Saved."),
        url=body_url(code),
        action=_("Save"),
        cancel_url=body_url(code),
        fresh_version=lambda: _version(body.pk),
    )


@login_required
@form_methods
def rename(request: HttpRequest, code: str) -> HttpResponse:
    """Take new official names from a day."""
    body = _body(request, code)
    initial = {field: getattr(body, field) for field in ("version", "name_fa", "name_vi", "name_en")}
    form = forms.RenameForm(request.POST or None, initial=initial)
    return answer(
        request,
        form,
        lambda given: actions.rename_organisation(
            accounts.person_in(request),
            body.pk,
            version=given["version"],
            official=form.official(),
            on=given["on"],
        ),
        title=_("Rename %(name)s") % {"name": _name(body)},
        lead=_(
            "The names borne until the day stay on record with their dates, and old documents are still understood."
        ),
        done=_("The new names hold from the day you gave."),
        url=body_url(code),
        action=_("Rename"),
        cancel_url=body_url(code),
        fresh_version=lambda: _version(body.pk),
    )


@login_required
@form_methods
def add_name(request: HttpRequest, code: str) -> HttpResponse:
    """Take one more dated name."""
    body = _body(request, code)
    form = forms.NameForm(
        request.POST or None, initial={"version": body.version, "kind": NameKind.ALIAS.value}
    )
    return answer(
        request,
        form,
        lambda given: actions.add_name(
            accounts.person_in(request),
            body.pk,
            version=given["version"],
            wording=given["text"],
            language=given["language"],
            kind=NameKind(given["kind"]),
            valid_from=given["valid_from"],
            valid_to=given["valid_to"],
        ),
        title=_("Another name of %(name)s") % {"name": _name(body)},
        done=_("The name is entered."),
        url=body_url(code),
        action=_("Enter the name"),
        cancel_url=body_url(code),
        fresh_version=lambda: _version(body.pk),
    )


@login_required
@form_methods
def correct_name(request: HttpRequest, name_id: int) -> HttpResponse:
    """Take the correction of a name."""
    name = get_object_or_404(OrganisationName.objects.select_related("organisation"), pk=name_id)
    body = _body(request, name.organisation.code)
    initial = {
        "version": body.version,
        "text": name.text,
        "valid_from": name.valid_from,
        "valid_to": name.valid_to,
    }
    form = forms.CorrectNameForm(request.POST or None, initial=initial)
    return answer(
        request,
        form,
        lambda given: actions.correct_name(
            accounts.person_in(request),
            name_id,
            version=given["version"],
            wording=given["text"],
            valid_from=given["valid_from"],
            valid_to=given["valid_to"],
        ),
        title=_("Correct a name"),
        lead=_("For slips of the pen. When the body itself was renamed, use “Rename”."),
        done=_("Saved."),
        url=body_url(body.code),
        action=_("Save"),
        cancel_url=body_url(body.code),
        fresh_version=lambda: _version(body.pk),
    )


@login_required
@require_POST
def forget_name(request: HttpRequest, name_id: int) -> HttpResponse:
    """Remove an alias that was entered by mistake."""
    name = get_object_or_404(OrganisationName.objects.select_related("organisation"), pk=name_id)
    return act_once(
        request,
        lambda: actions.forget_alias(accounts.person_in(request), name_id),
        done=_("The name is removed."),
        url=body_url(name.organisation.code),
    )


@login_required
@form_methods
def move(request: HttpRequest, code: str) -> HttpResponse:
    """Take a body's new place in the tree."""
    body = _body(request, code)
    form = forms.MoveForm(request.POST or None, initial={"version": body.version})
    return answer(
        request,
        form,
        lambda given: actions.move_organisation(
            accounts.person_in(request), body.pk, version=given["version"], new_parent_id=given["parent"].pk
        ),
        title=_("Move %(name)s") % {"name": _name(body)},
        lead=_("Everything below it moves along. Roles held above the new place reach it from then on."),
        done=_("The body has moved."),
        url=body_url(code),
        action=_("Move"),
        cancel_url=body_url(code),
        fresh_version=lambda: _version(body.pk),
    )


@login_required
@form_methods
def succeed(request: HttpRequest, code: str) -> HttpResponse:
    """Take the end of a body and who answers for it from then."""
    body = _body(request, code)
    form = forms.SuccessionForm(request.POST or None)

    def act(given: Any) -> Any:
        successor = given["successor"]
        return actions.merge_organisations(
            accounts.person_in(request),
            predecessor_ids=[body.pk],
            successor_id=successor.pk if successor else None,
            on=given["on"],
            kind=SuccessionKind(given["kind"]),
            note=given["note"],
        )

    return answer(
        request,
        form,
        act,
        title=_("End %(name)s") % {"name": _name(body)},
        lead=_(
            "What was assigned to it stays as it was written; the successor answers for it from the day on."
        ),
        done=_("The succession is entered."),
        url=body_url(code),
        action=_("Enter the succession"),
        cancel_url=body_url(code),
    )


@login_required
@form_methods
def teach(request: HttpRequest, code: str) -> HttpResponse:
    """Take an alias by which documents call the body."""
    refuse_unless(request, Permission.TEACH_ALIAS)
    body = queries.organisation(code)
    form = forms.AliasForm(request.POST or None, initial={"language": get_language()})
    return answer(
        request,
        form,
        lambda given: actions.teach_alias(
            accounts.person_in(request), body.pk, given["text"], given["language"]
        ),
        title=_("Teach an alias of %(name)s") % {"name": _name(body)},
        lead=_("From now on, documents that use it are understood."),
        done=_("The alias is known from now on."),
        url=body_url(code),
        action=_("Teach"),
        cancel_url=body_url(code),
    )
