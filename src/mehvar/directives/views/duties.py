"""Show the register of legal duties, annual themes with role statements, and outside plans."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from mehvar.directives import tables
from mehvar.directives.actions import alignment as alignment_actions
from mehvar.directives.actions import duties as actions
from mehvar.directives.data import Priority
from mehvar.directives.forms.duties import DutyForm, FulfilledForm, PlanForm, RoleForm, ThemeForm
from mehvar.directives.models import LegalDuty
from mehvar.directives.queries import directives as directive_queries
from mehvar.directives.queries import duties as queries
from mehvar.kernel.calendars import Calendar
from mehvar.kernel.errors import MehvarError, NotFound, NotPermitted
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.ui import notices
from mehvar.ui.reader import page_language, reader_of
from mehvar.ui.refusals import refuse

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase


def _may_keep(request: HttpRequest, path_: str | None = None) -> bool:
    return permissions.allows(organisations.authority_in(request), Permission.MANAGE_DUTIES, path_)


def _tried(form: Any, act: Callable[[], Any]) -> Any:
    """Do an act and give its result; put its refusal on the form and give None."""
    try:
        return act()
    except MehvarError as error:
        if isinstance(error, NotPermitted | NotFound):
            raise
        refuse(form, error)
        return None


@login_required
def duty_list(request: HttpRequest) -> HttpResponseBase:
    """List the duties of one's own scope, the important first, overdue ones marked."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.VIEW_DRAFTS)
    table = tables.DutyTable(queries.duties(authority), request)
    context = {
        "may_keep": _may_keep(request),
        "overdue_count": queries.overdue_duties(authority).count(),
        "page_wide": True,
    }
    return table.respond("directives/duties/list.html", context)


@login_required
def duty_new(request: HttpRequest) -> HttpResponse:
    """Enter a duty."""
    permissions.require(organisations.authority_in(request), Permission.MANAGE_DUTIES)
    form = DutyForm(
        request.POST or None, authority=organisations.authority_in(request), initial={"priority": "normal"}
    )
    if request.method == "POST" and form.is_valid():
        made = _tried(form, lambda: actions.create_duty(request.user, **_asked(request, form)))  # type: ignore[arg-type]
        if made is not None:
            notices.done(request, _("The duty was entered."))
            return redirect("directives:duty", made.pk)
    return _form_page(request, form, _("Enter a duty"))


def _asked(request: HttpRequest, form: DutyForm) -> dict[str, Any]:
    """Give what the form says in the words of the actions."""
    asked = form.cleaned_data
    reader = reader_of(request)
    calendar = Calendar.JALALI if reader.language == "fa" else Calendar.GREGORIAN
    return {
        "source": asked["source"],
        "text": asked["text"],
        "owner_code": asked["owner"],
        "article": asked["article"],
        "due_on": asked["due_on"],
        "due_raw": str(form.data.get("due_on", "")).strip(),
        "calendar": calendar.value,
        "theme": queries.theme(int(asked["theme"])) if asked["theme"] else None,
        "priority": Priority(asked["priority"]),
        "special_project": asked["special_project"],
    }


@login_required
def duty_page(request: HttpRequest, duty_id: int) -> HttpResponse:
    """Show one duty with what answers it."""
    authority = organisations.authority_in(request)
    duty = queries.duty(authority, duty_id)
    may_keep = _may_keep(request, duty.owner.path)
    form = FulfilledForm(
        request.POST or None,
        initial={"version": duty.version, "fulfilled_on": duty.fulfilled_on},
    )
    if request.method == "POST" and form.is_valid() and _fulfilled(request, duty, form):
        notices.done(request, _("Saved."))
        return redirect("directives:duty", duty_id)
    context = {
        "duty": duty,
        "owner": organisations.name_in(duty.owner, page_language()),
        "state": dict(tables.DUTY_STATES)[duty.status],  # type: ignore[attr-defined]
        "answering": [
            {**row, "state_words": dict(tables.DIRECTIVE_STATES)[row["state"]]}
            for row in queries.directives_answering(authority, duty_id)
        ],
        "may_keep": may_keep,
        "form": form,
        "breadcrumbs": _crumbs(),
    }
    return render(request, "directives/duties/duty.html", context, status=422 if form.errors else 200)


def _fulfilled(request: HttpRequest, duty: LegalDuty, form: FulfilledForm) -> bool:
    saved = _tried(
        form,
        lambda: actions.fulfil_duty(
            request.user,  # type: ignore[arg-type]
            duty.pk,
            version=form.cleaned_data["version"],
            fulfilled_on=form.cleaned_data["fulfilled_on"],
        ),
    )
    return saved is not None


@login_required
def duty_edit(request: HttpRequest, duty_id: int) -> HttpResponse:
    """Edit a duty."""
    authority = organisations.authority_in(request)
    duty = queries.duty(authority, duty_id)
    permissions.require(authority, Permission.MANAGE_DUTIES, duty.owner.path)
    form = DutyForm(request.POST or None, authority=authority, duty=duty)
    if request.method == "POST" and form.is_valid():
        saved = _tried(
            form,
            lambda: actions.edit_duty(
                request.user,  # type: ignore[arg-type]
                duty_id,
                version=form.cleaned_data["version"] or 0,
                **_asked(request, form),
            ),
        )
        if saved is not None:
            notices.done(request, _("Saved."))
            return redirect("directives:duty", duty_id)
    return _form_page(request, form, _("Edit a duty"))


@login_required
def theme_list(request: HttpRequest) -> HttpResponse:
    """Show the annual themes, and take a new one."""
    form = ThemeForm(request.POST or None, initial={"language": page_language()})
    if request.method == "POST":
        permissions.require(organisations.authority_in(request), Permission.MANAGE_DUTIES)
        if form.is_valid():
            theme = _tried(form, lambda: actions.create_theme(request.user, **form.cleaned_data))  # type: ignore[arg-type]
            if theme is not None:
                notices.done(request, _("The theme was entered."))
                return redirect("directives:theme", theme.pk)
    context = {
        "themes": queries.themes(),
        "form": form,
        "may_keep": _may_keep(request),
        "breadcrumbs": _crumbs(),
    }
    return render(request, "directives/duties/themes.html", context, status=422 if form.errors else 200)


def theme_page(request: HttpRequest, theme_id: int) -> HttpResponse:
    """Show a theme, the published roles under it, and its directives and duties; open to everyone."""
    theme = queries.theme(theme_id)
    authority = organisations.authority_in(request)
    may_keep = _may_keep(request)
    form = RoleForm(request.POST or None, authority=authority) if may_keep else None
    if (
        request.method == "POST"
        and form is not None
        and form.is_valid()
        and _role_saved(request, theme_id, form)
    ):
        notices.done(request, _("Saved."))
        return redirect("directives:theme", theme_id)
    statements = queries.role_statements(theme_id, only_published=not may_keep)
    language = page_language()
    visible = directive_queries.visible(authority).filter(theme=theme).order_by("-changed_at")
    context = {
        "theme": theme,
        "statements": [
            {
                "name": organisations.name_in(item.organisation, language),
                "text": item.text,
                "published_at": item.published_at,
            }
            for item in statements
        ],
        "directives": visible.values("public_id", "title"),
        "duties": queries.duties(authority).filter(theme=theme).values("id", "source", "article", "status"),
        "form": form,
        "breadcrumbs": [(_("Annual themes"), reverse("directives:themes"))]
        if request.user.is_authenticated
        else [],
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "directives/duties/theme.html", context, status=status)


def _role_saved(request: HttpRequest, theme_id: int, form: RoleForm) -> bool:
    asked = form.cleaned_data
    saved = _tried(
        form,
        lambda: actions.set_role_statement(
            request.user,  # type: ignore[arg-type]
            organisation_code=asked["organisation"],
            theme_id=theme_id,
            text=asked["text"],
            publish=asked["publish"],
        ),
    )
    return saved is not None


@login_required
def plan_list(request: HttpRequest) -> HttpResponse:
    """Show the outside plans, and take one."""
    form = PlanForm(request.POST or None, initial={"language": page_language()})
    if request.method == "POST":
        permissions.require(organisations.authority_in(request), Permission.MANAGE_DUTIES)
        if form.is_valid():
            plan = _tried(form, lambda: alignment_actions.create_plan(request.user, **form.cleaned_data))  # type: ignore[arg-type]
            if plan is not None:
                notices.done(request, _("The plan was entered."))
                return redirect("directives:plans")
    plans = queries.plans().prefetch_related("goals")
    context = {"plans": plans, "form": form, "may_keep": _may_keep(request), "breadcrumbs": _crumbs()}
    return render(request, "directives/duties/plans.html", context, status=422 if form.errors else 200)


def _form_page(request: HttpRequest, form: Any, title: str) -> HttpResponse:
    context = {"form": form, "title": title, "breadcrumbs": _crumbs()}
    return render(request, "directives/duties/form.html", context, status=422 if form.errors else 200)


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Duties and themes"), reverse("directives:duties"))]


urlpatterns = [
    path("duties/", duty_list, name="duties"),
    path("duties/new/", duty_new, name="duty_new"),
    path("duties/<int:duty_id>/", duty_page, name="duty"),
    path("duties/<int:duty_id>/edit/", duty_edit, name="duty_edit"),
    path("duties/themes/", theme_list, name="themes"),
    path("duties/themes/<int:theme_id>/", theme_page, name="theme"),
    path("duties/plans/", plan_list, name="plans"),
]
