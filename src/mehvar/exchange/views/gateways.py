"""Show gateways with their state, authorities, and every published snapshot with what it changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from mehvar.exchange.actions import authority as authorities
from mehvar.exchange.actions import gateways as actions
from mehvar.exchange.forms import steps as forms
from mehvar.exchange.models import Authority as TrustedAuthority
from mehvar.exchange.models import Gateway, PublishedSnapshot
from mehvar.exchange.queries import changes, publication, scope
from mehvar.exchange.tables import phrases, words
from mehvar.exchange.tables.members import SnapshotTable
from mehvar.exchange.views import steps
from mehvar.exchange.views.objects import home, person, viewer
from mehvar.exchange.views.steps import Step
from mehvar.kernel.errors import NotPermitted
from mehvar.kernel.text import to_ascii_digits
from mehvar.ui.components import badge

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from mehvar.organisations.data import Authority

PARTS: Mapping[str, Any] = {
    "members": _("Members"),
    "services": _("Services"),
    "groups": _("Groups"),
    "agreements": _("Agreements"),
    "rights": _("Rights"),
    "keys": _("Keys"),
    "certificates": _("Certificates"),
    "networks": _("Networks"),
    "quotas": _("Quotas"),
    "authorities": _("Authorities"),
    "gateways": _("Gateways that share the quotas"),
}
KINDS: words.Labels = (("new", _("new")), ("gone", _("gone")), ("other", _("changed")))
KIND_STATES = {"new": "done", "gone": "closed", "other": "attention"}


def _overseer(request: HttpRequest) -> Authority:
    """Give the authority of somebody who sees all of the exchange."""
    authority = viewer(request)
    if not scope.sees_all(authority):
        raise NotPermitted("Your role does not permit this here.", code="not-permitted")
    return authority


@login_required
@require_safe
def gateway_list(request: HttpRequest) -> HttpResponse:
    """Show how each gateway is: snapshot in force, evidence, stamps, when it last answered."""
    authority = viewer(request)
    newest = PublishedSnapshot.objects.order_by("-number").values_list("number", "made_at").first()
    cards = [
        {"row": row, "state": words.badge(words.GATEWAYS, row.state), "health": row.health}
        for row in Gateway.objects.order_by("code")
    ]
    context = {
        "cards": cards,
        "newest": newest,
        "is_pending": publication.is_pending(),
        "authorities": [
            {"row": row, "fingerprint": row.sha256}
            for row in TrustedAuthority.objects.filter(withdrawn_at=None)
        ],
        "operates": scope.operates(authority),
        "sees_all": scope.sees_all(authority),
        "breadcrumbs": [home()],
    }
    return render(request, "exchange/gateways.html", context)


_NEW: steps.Steps = {
    "gateway": Step(
        _("Register a gateway"),
        lambda user, _row, given: actions.register_gateway(
            user, **{name: given[name] for name in ("code", "address", "status_address", "evidence_folder")}
        ),
        lambda _row, authority: scope.operates(authority),
        forms.GatewayForm,
        (_("Its state is asked once a minute."), _("A gateway with the same code is changed.")),
    ),
    "authority": Step(
        _("Trust an authority"),
        lambda user, _row, given: authorities.trust_authority(
            user, name=given["label"], certificate=given["certificate"]
        ),
        lambda _row, authority: scope.operates(authority),
        forms.TrustForm,
        (_("Clients with its certificates can be registered, and gateways take them."),),
    ),
}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def gateway_new(request: HttpRequest, what: str) -> HttpResponse:
    """Register a gateway, or trust an authority."""
    return steps.take(
        request,
        _NEW,
        what,
        None,
        authority=viewer(request),
        user=person(request),
        back=reverse("exchange:gateways"),
        text=_("Gateways"),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def gateway_forget(request: HttpRequest, code: str) -> HttpResponse:
    """Take a gateway off the list."""
    row = Gateway.objects.filter(code=code).first()
    if row is None:
        raise scope.missing("gateway")
    one = Step(
        _("Take the gateway off the list"),
        lambda user, found, given: actions.forget_gateway(user, found.code, reason=given["reason"]),
        lambda _row, authority: scope.operates(authority),
        forms.ReasonForm,
        danger=True,
    )
    back = reverse("exchange:gateways")
    return steps.take(
        request, {"forget": one}, "forget", row, authority=viewer(request), user=person(request), back=back
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def authority_withdraw(request: HttpRequest, sha256: str) -> HttpResponse:
    """Let an authority's certificates count no more."""
    row = TrustedAuthority.objects.filter(sha256=sha256, withdrawn_at=None).first()
    if row is None:
        raise scope.missing("authority")
    one = Step(
        _("Withdraw trust"),
        lambda user, found, given: authorities.withdraw_authority(user, found.sha256, reason=given["reason"]),
        lambda _row, authority: scope.operates(authority),
        forms.ReasonForm,
        (_("Clients with its certificates can no longer call by mutual TLS."),),
        danger=True,
    )
    back = reverse("exchange:gateways")
    return steps.take(
        request,
        {"withdraw": one},
        "withdraw",
        row,
        authority=viewer(request),
        user=person(request),
        back=back,
    )


@login_required
@require_safe
def snapshot_list(request: HttpRequest) -> HttpResponseBase:
    """List every published snapshot."""
    _overseer(request)
    context = {
        "title": _("Routing snapshots"),
        "lead": _("A newer snapshot is being published.")
        if publication.is_pending()
        else _("Every version by which gateways decided, with the acts that led to it."),
        "breadcrumbs": [home()],
        "page_wide": True,
    }
    rows = PublishedSnapshot.objects.defer("content")
    return SnapshotTable(rows, request).respond("exchange/list.html", context)


@login_required
@require_safe
def snapshot_page(request: HttpRequest, number: int) -> HttpResponse:
    """Show one snapshot and what differs from the one before, or from one that the address names (``from=N``)."""
    _overseer(request)
    row = changes.snapshot(number)
    asked = to_ascii_digits(request.GET.get("from", "")).strip()
    before = int(asked) if asked.isascii() and asked.isdecimal() else number - 1
    content = changes.content_of(row)
    old = changes.content_of(changes.snapshot(before)) if before > 0 else None
    found = changes.differences(old, content) if old else []
    acts = phrases.acts(row.reason)
    titles = changes.titles([*[what for _words, what in acts], *[one.name for one in found]])
    context = {
        "row": row,
        "acts": [(label, titles.get(what, what), what not in titles) for label, what in acts],
        "before": before,
        "has_before": old is not None,
        "counts": [(label, _count(content[part])) for part, label in PARTS.items() if part in content],
        "differences": [
            (
                PARTS[one.part],
                *_named(one.name, titles),
                badge(KIND_STATES[one.kind], words.word(KINDS, one.kind)),
            )
            for one in found
        ],
        "verify": reverse("ledger:verify_subject", args=["exchange-snapshot", str(number)]),
        "breadcrumbs": [home(), (gettext("Routing snapshots"), reverse("exchange:snapshots"))],
    }
    return render(request, "exchange/snapshot.html", context)


def _count(held: int | list[Any]) -> int:
    return held if isinstance(held, int) else len(held)


def _named(name: str, titles: Mapping[str, str]) -> tuple[str, bool]:
    """Give a difference's name with titles for identifiers, and whether it is still a code."""
    if name in titles:
        return titles[name], False
    return changes.retold(name, {key: phrases.title(words) for key, words in titles.items()}), True


@login_required
@require_safe
def snapshot_file(request: HttpRequest, number: int) -> HttpResponse:
    """Give a snapshot's file, as gateways read it."""
    _overseer(request)
    row = changes.snapshot(number)
    answer = HttpResponse(bytes(row.content), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="snapshot-{number}.json"'
    return answer


urlpatterns = [
    path("gateways/", gateway_list, name="gateways"),
    path("gateways/new/<slug:what>/", gateway_new, name="gateway_new"),
    path("gateways/<str:code>/forget/", gateway_forget, name="gateway_forget"),
    path("authorities/<slug:sha256>/withdraw/", authority_withdraw, name="authority_withdraw"),
    path("snapshots/", snapshot_list, name="snapshots"),
    path("snapshots/<int:number>/", snapshot_page, name="snapshot"),
    path("snapshots/<int:number>/snapshot.json", snapshot_file, name="snapshot_file"),
]
