"""Show topics, subscriptions and dead letters, and what one may do with them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.exchange.actions.events import pushing, subscriptions, topics
from mehvar.exchange.data.events import Delivering, Mode, Start, SubscriptionState, TopicState
from mehvar.exchange.forms import events as forms
from mehvar.exchange.forms.steps import ReasonForm
from mehvar.exchange.models import EventTopic
from mehvar.exchange.queries import events as queries
from mehvar.exchange.queries import names, scope
from mehvar.exchange.tables import phrases, words
from mehvar.exchange.tables.events import BADGES, REACH, SUBSCRIPTIONS, TOPICS, TopicTable
from mehvar.exchange.views import steps
from mehvar.exchange.views.objects import (
    Line,
    Page,
    Section,
    facts,
    home,
    on_record,
    person,
    show,
    viewer,
)
from mehvar.exchange.views.steps import Step
from mehvar.organisations import queries as organisations
from mehvar.ui.components import badge
from mehvar.ui.reader import reader_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from mehvar.exchange.data.events import DeadLetter
    from mehvar.exchange.models import EventSubscription
    from mehvar.organisations.data import Authority
    from mehvar.ui.reader import Reader

SHOWN_LETTERS = 50


@login_required
@require_safe
def topic_list(request: HttpRequest) -> HttpResponseBase:
    """List the topics of all members."""
    authority = viewer(request)
    table = TopicTable(EventTopic.objects.all(), request)
    context: dict[str, Any] = {
        "table": table,
        "title": gettext("Topics"),
        "lead": gettext(
            "Events that members tell; whoever subscribes receives each at least once, in order."
        ),
        "breadcrumbs": [home()],
    }
    if scope.managed_subsystems(authority).exists():
        context |= {"action": gettext("Open a topic"), "action_url": reverse("exchange:topic_new")}
    return table.respond("exchange/list.html", context)


@login_required
@require_safe
def topic_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show what a topic tells, and to whom."""
    authority = viewer(request)
    row = queries.topic(public_id)
    page = Page(
        row.title,
        state=badge(BADGES[row.state], words.word(TOPICS, row.state)),
        name=queries.topic_name(row),
        text=row.summary,
        facts=facts(
            (gettext("Who tells"), words.name_of(row.subsystem.member.organisation)),
            (gettext("Who may receive"), dict(REACH)[str(row.is_public)]),
            (
                gettext("Events are kept"),
                gettext("%(days)s days") % {"days": reader_of(request).number(row.retention_days)},
            ),
            (
                gettext("Address for publishing"),
                request.build_absolute_uri(f"/api/v1/exchange/topics/{row.public_id}/events"),
            ),
        ),
        sections=[_types(row), _subscribers(row, authority)],
        offers=steps.offers(TOPIC_STEPS, row, authority, _to_topic(row)),
    )
    on_record(page, "exchange-topic", row.public_id, is_public=True)
    return show(request, page, [(gettext("Topics"), reverse("exchange:topics"))])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def topic_new(request: HttpRequest) -> HttpResponse:
    """Open a topic."""
    authority = viewer(request)
    return steps.take(
        request,
        {"new": OPENING},
        "new",
        None,
        authority=authority,
        user=person(request),
        back=reverse("exchange:topics"),
        text=gettext("A topic tells what happens in one of your systems."),
        onward=lambda made: reverse("exchange:topic", args=[made.public_id]),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def topic_step(request: HttpRequest, public_id: str, step: str) -> HttpResponse:
    """Take a step with a topic."""
    row = queries.topic(public_id)
    onward = (
        (lambda made: reverse("exchange:subscription", args=[made.public_id]))
        if step == "subscribe"
        else None
    )
    return steps.take(
        request, TOPIC_STEPS, step, row, authority=viewer(request), user=person(request),
        back=reverse("exchange:topic", args=[public_id]), onward=onward,
    )  # fmt: skip


@login_required
@require_safe
def subscription_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show how a subscription stands, and its dead letters."""
    authority = viewer(request)
    row = queries.visible_subscription(authority, public_id)
    counts = subscriptions.counts(row)
    number = reader_of(request).number
    is_push = row.delivering == Delivering.PUSH
    page = Page(
        gettext("Subscription to “%(topic)s”") % {"topic": phrases.title(row.topic.title)},
        state=badge(BADGES[row.state], words.word(SUBSCRIPTIONS, row.state)),
        name=names.client_name(row.subsystem),
        notice=_hindrance(row),
        facts=facts(
            (gettext("Who tells"), words.name_of(row.topic.subsystem.member.organisation)),
            (gettext("Who receives"), words.name_of(row.subsystem.member.organisation)),
            (gettext("Agreement"), row.agreement.title if row.agreement else ""),
            (
                gettext("How events come"),
                gettext("They are sent to its address") if is_push else gettext("The system fetches them"),
            ),
            (gettext("Address"), row.address),
            (gettext("Types"), _kinds(row)),
            (gettext("Waiting"), number(counts["waiting"])),
            (gettext("In hand"), number(counts["in_hand"])),
            (gettext("Last failure"), phrases.error(row.last_error)),
        ),
        sections=[_letters(request, row, counts["dead"])],
        offers=steps.offers(SUBSCRIPTION_STEPS, row, authority, _to_subscription(row)),
    )
    on_record(page, "exchange-subscription", row.public_id)
    crumbs = [
        (gettext("Topics"), reverse("exchange:topics")),
        (row.topic.title, reverse("exchange:topic", args=[row.topic.public_id])),
    ]
    return show(request, page, crumbs)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def subscription_step(request: HttpRequest, public_id: str, step: str) -> HttpResponse:
    """Take a step with a subscription."""
    authority = viewer(request)
    return steps.take(
        request, SUBSCRIPTION_STEPS, step, queries.visible_subscription(authority, public_id), authority=authority, user=person(request),
        back=reverse("exchange:subscription", args=[public_id]),
    )  # fmt: skip


@require_safe
def event_key(_request: HttpRequest) -> HttpResponse:
    """Give receivers the key by which they verify what is sent to them."""
    return HttpResponse(pushing.public_key(), content_type="application/x-pem-file")


def _kinds(row: EventSubscription) -> str:
    titles = dict(row.topic.types.values_list("name", "title"))
    return phrases.joined([titles.get(name) or name for name in row.types]) or gettext("all")


def _types(row: EventTopic) -> Section:
    lines = [
        Line(
            kind.title or kind.name,
            name=kind.name if kind.title else "",
            hint=gettext("with schema") if kind.schema else gettext("any data"),
        )
        for kind in row.types.all()
    ]
    return Section(_("What it tells"), lines, _("Any type of event."), anchor="types")


def _subscribers(row: EventTopic, authority: Authority) -> Section:
    lines = [
        Line(
            words.name_of(one.subsystem.member.organisation),
            reverse("exchange:subscription", args=[one.public_id]),
            names.client_name(one.subsystem),
            badge("overdue", gettext("fails"))
            if one.failing_since
            else badge(BADGES[one.state], words.word(SUBSCRIPTIONS, one.state)),
        )
        for one in queries.visible(authority).filter(topic=row).exclude(state=SubscriptionState.ENDED)
    ]
    return Section(_("Who receives it"), lines, _("Nobody that you may see."), anchor="subscriptions")


def _letters(request: HttpRequest, row: EventSubscription, count: int) -> Section:
    reader = reader_of(request)
    found = subscriptions.dead_letters(None, row.public_id, limit=SHOWN_LETTERS)
    titles = dict(row.topic.types.values_list("name", "title"))
    lines = [
        Line(
            titles.get(letter.event.type) or letter.event.type,
            name=letter.event.id,
            hint=phrases.joined([phrases.error(letter.error), _tried(reader, letter)]),
        )
        for letter in found
    ]
    is_own = count and _receives(row, organisations.authority_in(request))
    url = reverse("exchange:subscription_step", args=[row.public_id, "requeue"]) if is_own else ""
    return Section(
        _("Undelivered events"),
        lines,
        _("Everything could be delivered."),
        _("Try all of them again"),
        url,
        "dead-letters",
    )


def _tried(reader: Reader, letter: DeadLetter) -> str:
    return gettext("number %(number)s, %(attempts)s attempts, %(at)s") % {
        "number": reader.number(letter.sequence),
        "attempts": reader.number(letter.attempts),
        "at": reader.moment(letter.at, "short"),
    }


def _hindrance(row: EventSubscription) -> Any:
    if row.state == SubscriptionState.ACTIVE and not queries.may_receive(row):
        return _("Events wait: there is no valid agreement at present.")
    if row.failing_since is not None:
        return _("Deliveries fail; each is tried again after a growing pause.")
    return ""


def _to_topic(row: EventTopic) -> Any:
    return lambda slug: reverse("exchange:topic_step", args=[row.public_id, slug])


def _to_subscription(row: EventSubscription) -> Any:
    return lambda slug: reverse("exchange:subscription_step", args=[row.public_id, slug])


def _manages_topic(row: EventTopic, authority: Authority) -> bool:
    return row.state == TopicState.OPEN and scope.manages(authority, row.subsystem.member)


def _may_subscribe(row: EventTopic, authority: Authority) -> bool:
    return row.state == TopicState.OPEN and bool(_subscribable(row, authority)["subsystems"])


def _subscribable(row: EventTopic, authority: Authority) -> dict[str, Any]:
    taken = row.subscriptions.exclude(state=SubscriptionState.ENDED).values_list("subsystem", flat=True)
    return _systems(row, authority, without=set(taken))


def _systems(_row: Any, authority: Authority, *, without: set[int] | None = None) -> dict[str, Any]:
    found = [one for one in scope.managed_subsystems(authority) if one.pk not in (without or set())]
    return {"subsystems": [(str(one.pk), f"{one.name} · {names.client_name(one)}") for one in found]}


def _receives(row: EventSubscription, authority: Authority) -> bool:
    return row.state != SubscriptionState.ENDED and scope.manages(authority, row.subsystem.member)


def _has_undelivered(row: EventSubscription, authority: Authority) -> bool:
    return _receives(row, authority) and subscriptions.counts(row)["dead"] > 0


def _decides(row: EventSubscription, authority: Authority) -> bool:
    return row.state != SubscriptionState.ENDED and scope.speaks_for(authority, row.subsystem.member)


def _in(state: SubscriptionState) -> Any:
    return lambda row, authority: row.state == state and _receives(row, authority)


def _wish(given: Mapping[str, Any]) -> subscriptions.Wish:
    return subscriptions.Wish(
        Delivering(given["delivering"]), given["address"], Mode(given["mode"]), attempts=given["attempts"]
    )


def _subscribe(user: Any, row: EventTopic, given: Mapping[str, Any]) -> EventSubscription:
    return subscriptions.subscribe(
        user, row.public_id, subsystem_id=int(given["subsystem"]), wish=_wish(given), start=Start()
    )


def _change(user: Any, row: EventSubscription, given: Mapping[str, Any]) -> EventSubscription:
    wish = _wish(given)
    kept = subscriptions.Wish(wish.delivering, wish.address, wish.mode, tuple(row.types), wish.attempts)
    return subscriptions.change(user, row.public_id, wish=kept, version=given["version"])


OPENING = Step(
    _("Open a topic"),
    lambda user, _row, given: topics.open_topic(
        user,
        int(given["subsystem"]),
        code=given["code"],
        title=given["title"],
        summary=given["summary"],
        is_public=given["is_public"],
        retention_days=given["retention_days"],
    ),
    lambda _row, authority: scope.managed_subsystems(authority).exists(),
    forms.TopicForm,
    options=_systems,
)
TOPIC_STEPS: dict[str, Step] = {
    "subscribe": Step(
        _("Subscribe"), _subscribe, _may_subscribe, forms.SubscriptionForm, is_main=True, options=_subscribable,
        consequences=(_("Events come from now on; earlier ones by a replay."),),
    ),
    "type": Step(
        _("Describe a type of event"),
        lambda user, row, given: topics.describe_type(
            user, row.public_id, name=given["name"], title=given["title"], schema=given["schema"]
        ),
        _manages_topic,
        forms.TypeForm,
        consequences=(_("As soon as one type is described, others are refused."),),
    ),
    "close": Step(
        _("Close the topic"),
        lambda user, row, given: topics.close_topic(user, row.public_id, reason=given["reason"], version=given["version"]),
        _manages_topic,
        ReasonForm,
        consequences=(_("Nothing more is published; what was accepted is still delivered."),),
        danger=True,
    ),
}  # fmt: skip
SUBSCRIPTION_STEPS: dict[str, Step] = {
    "change": Step(
        _("Change how events come"), _change, _decides, forms.WishForm,
        initial=lambda row, _authority: json.loads(
            json.dumps({"delivering": row.delivering, "address": row.address, "mode": row.mode, "attempts": row.attempts})
        ),
    ),
    "pause": Step(
        _("Pause"),
        lambda user, row, given: subscriptions.pause(user, row.public_id, version=given["version"]),
        _in(SubscriptionState.ACTIVE),
        consequences=(_("Events are collected and wait."),),
    ),
    "resume": Step(
        _("Resume"),
        lambda user, row, given: subscriptions.resume(user, row.public_id, version=given["version"]),
        _in(SubscriptionState.PAUSED),
        is_main=True,
    ),
    "replay": Step(
        _("Replay events"),
        lambda user, row, given: subscriptions.replay(user, row.public_id, sequence=given["sequence"]),
        _receives,
        forms.ReplayForm,
        consequences=(_("Everything from this number on is delivered again."),),
    ),
    "requeue": Step(
        _("Try undelivered events again"),
        lambda user, row, _given: subscriptions.requeue(user, row.public_id, []),
        _has_undelivered,
        consequences=(_("All of them are tried again, from the first attempt."),),
    ),
    "end": Step(
        _("End the subscription"),
        lambda user, row, given: subscriptions.end(user, row.public_id, version=given["version"]),
        _receives,
        consequences=(_("What waits is forgotten, and no more events come."),),
        danger=True,
    ),
}  # fmt: skip

urlpatterns = [
    path("topics/", topic_list, name="topics"),
    path("topics/new/", topic_new, name="topic_new"),
    path("topics/<slug:public_id>/", topic_page, name="topic"),
    path("topics/<slug:public_id>/<slug:step>/", topic_step, name="topic_step"),
    path("subscriptions/<slug:public_id>/", subscription_page, name="subscription"),
    path("subscriptions/<slug:public_id>/<slug:step>/", subscription_step, name="subscription_step"),
    path("events/key/", event_key, name="event_key"),
]
