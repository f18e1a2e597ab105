"""Show a plan with its quality and remarks, and take its steps: begin, submit, take back, remark, return, accept."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mehvar.directives.queries.days import today
from mehvar.kernel.errors import MehvarError, NotFound
from mehvar.organisations import queries as organisations
from mehvar.programmes.actions import plans as actions
from mehvar.programmes.actions import reviews
from mehvar.programmes.forms.plans import RemarkForm, cells_of
from mehvar.programmes.forms.programmes import ReasonForm
from mehvar.programmes.queries import plans as queries
from mehvar.programmes.queries import programmes
from mehvar.programmes.queries.plans import StoredItem
from mehvar.programmes.rules import quality as quality_rules
from mehvar.programmes.views import plan_words as words
from mehvar.programmes.views.programmes import POST_TOO, crumbs
from mehvar.ui import notices, pages
from mehvar.ui.data import TimelineEvent
from mehvar.ui.refusals import done, said

if TYPE_CHECKING:
    from mehvar.organisations.data import Authority
    from mehvar.programmes.models import Plan, PlanRemark
    from mehvar.programmes.rules.quality import Finding, Quality


def seen_plan(request: HttpRequest, public_id: str) -> Plan:
    """Give a plan that the person may see."""
    return queries.visible_plan(organisations.authority_in(request), public_id)


@login_required
@require_safe
def plan_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a plan as it stands, item by item, with what is missing, remarks and history."""
    return shown(request, seen_plan(request, public_id))


def shown(request: HttpRequest, plan: Plan, *, remark_form: RemarkForm | None = None) -> HttpResponse:
    """Show the plan's page."""
    authority = organisations.authority_in(request)
    items = queries.items_of(plan.pk)
    measures = queries.measures_asked(plan)
    asked = queries.asked_of(plan, measures)
    found = quality_rules.quality_of(queries.by_number(items), asked)
    remarks = queries.remarks_of(plan.pk)
    reviews_it = queries.may_review(authority, plan) and plan.state == "submitted"
    context = {
        "plan": plan,
        "call": plan.call,
        "programme": plan.call.programme,
        "body": body_of(plan),
        "state": words.badge(words.PLAN_STATES, words.state_of(plan)),
        "is_late": plan.state in {"draft", "returned"} and today() > plan.call.deadline_on,
        "quality": found,
        "findings": findings_of(found, items),
        "items": item_cards(request, plan, items, found, remarks),
        "totals": totals_of(items),
        "remarks": [row for row in remarks if row.item_id is None],
        "open_remarks": sum(row.settled_at is None for row in remarks),
        "timeline": timeline_of(plan),
        "may_edit": queries.may_edit(authority, plan),
        "may_take_back": plan.state == "submitted"
        and plan.call.closed_at is None
        and queries.may_file(authority, plan),
        "reviews_it": reviews_it,
        "remark_form": remark_form or (RemarkForm(items=item_choices(items)) if reviews_it else None),
        "axis": words.axis(plan.call.programme, at="plan", plan=plan),
        "breadcrumbs": plan_crumbs(plan, authority),
    }
    return render(request, "programmes/plans/plan.html", context, status=422 if remark_form else 200)


def body_of(plan: Plan) -> str:
    """Name the plan's body in the language of the page."""
    return organisations.name_in(plan.organisation, words.language())


def plan_crumbs(plan: Plan, authority: Authority) -> list[tuple[str, str]]:
    """Give the way to a plan's page."""
    call = (plan.call.title, reverse("programmes:call", args=[plan.call.public_id]))
    if programmes.visible_programmes(authority).filter(pk=plan.call.programme_id).exists():
        return crumbs(plan.call.programme, call)
    return [(_("Calls for plans"), reverse("programmes:calls")), call]


def findings_of(found: Quality, items: tuple[StoredItem, ...]) -> list[dict[str, Any]]:
    """Give the findings item by item for the side list."""
    public_ids = {item.number: item.public_id for item in items}
    by_item: dict[int, list[Finding]] = defaultdict(list)
    for one in found.findings:
        by_item[one.item].append(one)
    return [
        {
            "number": number,
            "public_id": public_ids.get(number, ""),
            "lines": [{"text": words.finding_words(one), "hard": one.hard} for one in ones],
        }
        for number, ones in sorted(by_item.items())
    ]


def item_cards(
    request: HttpRequest,
    plan: Plan,
    items: tuple[StoredItem, ...],
    found: Quality,
    remarks: list[PlanRemark],
) -> list[dict[str, Any]]:
    """Give what the page shows of each item."""
    writing = words.writing_for(plan.call, request)
    labels = {
        key: row for row in queries.measures_asked(plan) for key in (row.derived_from_id, row.pk) if key
    }
    by_item: dict[int | None, list[PlanRemark]] = defaultdict(list)
    for remark in remarks:
        by_item[remark.item_id].append(remark)
    return [
        {
            "item": item,
            "content": item.content,
            "cells": cells_of(item.content, writing),
            "source": programmes.text_of(labels[item.content.source_id])
            if item.content.source_id in labels
            else "",
            "source_url": reverse(
                "programmes:measure", args=[plan.call.programme.public_id, item.content.source_id]
            )
            if item.content.source_id
            else "",
            "total": ", ".join(
                words.money(amount, currency) for currency, amount in item.content.total.items()
            ),
            "product": words.badge(words.PRODUCT_CLASSES, item.content.product_class),
            "findings": [words.finding_words(one) for one in found.findings if one.item == item.number],
            "remarks": by_item[item.pk],
        }
        for item in items
    ]


def totals_of(items: tuple[StoredItem, ...]) -> list[str]:
    """Give the plan's money by currency."""
    found: dict[str, Any] = {}
    for item in items:
        for currency, amount in item.content.total.items():
            found[currency] = found.get(currency, 0) + amount
    return [words.money(amount, currency) for currency, amount in found.items()]


def item_choices(items: tuple[StoredItem, ...]) -> list[tuple[str, str]]:
    """Offer the items to remark on."""
    return [(item.public_id, f"{item.number}. {item.content.text[:100]}") for item in items]


def timeline_of(plan: Plan) -> list[TimelineEvent]:
    """Give the dated steps of a plan, newest first."""
    return [
        TimelineEvent(
            words.label(words.PLAN_STEPS, row["action"]),
            row["at"],
            row["actor__name"] or "",
            row["note"],
            state=words.PLAN_STEPS.get(row["action"], ("neutral", ""))[0],
        )
        for row in reversed(queries.events_of(plan.pk))
    ]


@login_required
@require_POST
def plan_begin(request: HttpRequest, public_id: str) -> HttpResponse:
    """Open a plan for the first time and go to its grid."""
    plan = seen_plan(request, public_id)
    try:
        actions.begin_plan(words.person(request), plan.pk)
    except NotFound:
        raise
    except MehvarError as error:
        notices.failed(request, said(error))
        return redirect("programmes:plan", public_id)
    return redirect("programmes:plan_grid", public_id)


@login_required
@require_http_methods(POST_TOO)
def plan_submit(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show what is missing and what submitting does, and submit exactly what was read."""
    plan = seen_plan(request, public_id)
    if not queries.may_file(organisations.authority_in(request), plan):
        raise NotFound("There is no such plan.", code="unknown-plan")
    items = queries.items_of(plan.pk)
    form = ReasonForm(words.posted(request))
    del form.fields["reason"]
    if request.method == "POST" and form.is_valid():
        seen = request.POST.get("seen", "")[:64]
        sent = done(form, lambda: reviews.submit_plan(words.person(request), plan.pk, seen_hash=seen))
        if sent is not None:
            notices.done(request, _("The plan is submitted; the reviewers have been told."))
            return redirect("programmes:plan", public_id)
    found = queries.quality_of(plan, items)
    context = {
        "plan": plan,
        "form": form,
        "body": body_of(plan),
        "quality": found,
        "findings": findings_of(found, items),
        "seen": queries.hash_of(plan, items),
        "is_late": today() > plan.call.deadline_on,
        "breadcrumbs": plan_crumbs(plan, organisations.authority_in(request)),
    }
    return render(
        request, "programmes/plans/submit.html", context, status=422 if request.method == "POST" else 200
    )


@login_required
@require_http_methods(POST_TOO)
def plan_take_back(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a submitted plan back."""
    plan = seen_plan(request, public_id)
    return _stepped(
        request,
        plan,
        lambda _reason, _version: reviews.take_back(words.person(request), plan.pk),
        title=_("Take the plan back"),
        consequences=[_("You can change it again; it must be submitted anew.")],
        action=_("Take it back"),
        said_after=_("The plan is yours again."),
        asks_reason=False,
    )


def _stepped(
    request: HttpRequest,
    plan: Plan,
    act: Any,
    *,
    title: str,
    consequences: list[str],
    action: str,
    said_after: str,
    asks_reason: bool = True,
) -> HttpResponse:
    """Ask before a step and take it."""
    form = ReasonForm(words.posted(request), initial={"version": plan.version})
    page = reverse("programmes:plan", args=[plan.public_id])
    if not asks_reason:
        del form.fields["reason"]
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if done(form, lambda: act(given.get("reason", ""), given["version"])) is not None:
            notices.done(request, said_after)
            return redirect(page)
    return pages.confirm(
        request,
        title=title,
        text=f"{plan.call.title} · {body_of(plan)}",
        consequences=consequences,
        action=action,
        cancel_url=page,
        form=form,
    )


@login_required
@require_http_methods(POST_TOO)
def plan_return(request: HttpRequest, public_id: str) -> HttpResponse:
    """Return a plan with its remarks."""
    plan = reviewable(request, public_id)
    return _stepped(
        request,
        plan,
        lambda reason, version: reviews.return_plan(
            words.person(request), plan.pk, reason=reason, version=version
        ),
        title=_("Return with remarks"),
        consequences=[
            _("The body can change its plan and submit it again."),
            _("It reads your remarks and the reason you write here."),
        ],
        action=_("Return the plan"),
        said_after=_("The plan is returned; the body has been told."),
    )


@login_required
@require_http_methods(POST_TOO)
def plan_accept(request: HttpRequest, public_id: str) -> HttpResponse:
    """Accept a plan."""
    plan = reviewable(request, public_id)
    return _stepped(
        request,
        plan,
        lambda reason, version: reviews.accept_plan(
            words.person(request), plan.pk, reason=reason, version=version
        ),
        title=_("Accept the plan"),
        consequences=[
            _("The plan is frozen; its first dates stay on record."),
            _("What it promises is reported on from the next round."),
        ],
        action=_("Accept"),
        said_after=_("The plan is accepted; the body has been told."),
    )


def reviewable(request: HttpRequest, public_id: str) -> Plan:
    """Give a plan that the person reviews."""
    plan = seen_plan(request, public_id)
    if not queries.may_review(organisations.authority_in(request), plan):
        raise NotFound("There is no such plan.", code="unknown-plan")
    return plan


@login_required
@require_POST
def remark_add(request: HttpRequest, public_id: str) -> HttpResponse:
    """Write a remark on the plan or an item."""
    plan = reviewable(request, public_id)
    form = RemarkForm(request.POST, items=item_choices(queries.items_of(plan.pk)))
    if form.is_valid():
        given = form.cleaned_data
        made = done(
            form,
            lambda: reviews.add_remark(
                words.person(request), plan.pk, given["text"], item_public_id=given["item"]
            ),
        )
        if made is not None:
            notices.done(request, _("The remark is kept; the body reads it when you return the plan."))
            return redirect(reverse("programmes:plan", args=[public_id]) + "#remarks")
    return shown(request, plan, remark_form=form)


@login_required
@require_POST
def remark_settle(request: HttpRequest, public_id: str, remark_id: int) -> HttpResponse:
    """Say that a remark was followed, or take that back."""
    plan = seen_plan(request, public_id)
    if not plan.remarks.filter(pk=remark_id).exists():
        raise NotFound("There is no such remark.", code="unknown-remark")
    try:
        reviews.settle_remark(words.person(request), remark_id)
    except NotFound:
        raise
    except MehvarError as error:
        notices.failed(request, said(error))
    return redirect(reverse("programmes:plan", args=[public_id]) + "#remarks")


urlpatterns = [
    path("plans/<slug:public_id>/", plan_page, name="plan"),
    path("plans/<slug:public_id>/begin/", plan_begin, name="plan_begin"),
    path("plans/<slug:public_id>/submit/", plan_submit, name="plan_submit"),
    path("plans/<slug:public_id>/take-back/", plan_take_back, name="plan_take_back"),
    path("plans/<slug:public_id>/return/", plan_return, name="plan_return"),
    path("plans/<slug:public_id>/accept/", plan_accept, name="plan_accept"),
    path("plans/<slug:public_id>/remarks/", remark_add, name="remark_add"),
    path("plans/<slug:public_id>/remarks/<int:remark_id>/", remark_settle, name="remark_settle"),
]
