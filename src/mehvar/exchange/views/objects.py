"""Show one thing of the exchange: its state and name, facts, what belongs to it, its trail, and what one may do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from mehvar.exchange.queries import scope
from mehvar.kernel.errors import NotPermitted
from mehvar.organisations import queries as organisations
from mehvar.ui.data import AxisStep, SummaryRow, TimelineEvent

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from mehvar.accounts.models import User
    from mehvar.organisations.data import Authority

Pair = tuple[Any, Any]
LONG = 200


@dataclass(frozen=True, slots=True)
class Offer:
    """Hold a step that a person may take: its button, its address, whether it is the main one."""

    label: Any
    url: str
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """Hold one row of a section: words, link, protocol name, badge, a quiet remark, small links."""

    label: Any
    url: str = ""
    name: str = ""
    state: Any = ""
    hint: Any = ""
    acts: tuple[Offer, ...] = ()


@dataclass(slots=True)
class Section:
    """Hold what belongs to a thing, with the link that adds to it."""

    title: Any
    lines: list[Line]
    empty: Any = ""
    action: Any = ""
    url: str = ""
    anchor: str = ""


@dataclass(slots=True)
class Page:
    """Hold all that the page of one thing shows."""

    title: Any
    state: Any = ""
    name: str = ""
    text: str = ""
    notice: Any = ""
    facts: list[SummaryRow] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    events: list[TimelineEvent] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    axis: list[AxisStep] = field(default_factory=list)
    history: str = ""
    verify: str = ""
    seal: str = ""


def show(request: HttpRequest, page: Page, crumbs: list[tuple[str, str]], **context: Any) -> HttpResponse:
    """Show the page of one thing."""
    return render(
        request, "exchange/object.html", {"page": page, "breadcrumbs": [home(), *crumbs], **context}
    )


def on_record(page: Page, subject_type: str, identifier: str, *, is_public: bool = False) -> Page:
    """Link a page to its entries in the ledger; public ones carry the seal."""
    page.history = reverse("ledger:history", args=[subject_type, identifier])
    if is_public:
        page.verify = page.seal = reverse("ledger:verify_subject", args=[subject_type, identifier])
    return page


def start(page: Page, **steps: str) -> Page:
    """Let the sections begin what the person may: each named section takes the offer of its step (``keys="key"``)."""
    by_step = {offer.url.rstrip("/").rsplit("/", 1)[-1]: offer for offer in page.offers}
    for section in page.sections:
        offer = by_step.get(steps.get(section.anchor, ""))
        if offer is not None and not section.url:
            section.action, section.url = offer.label, offer.url
    return page


def facts(*pairs: Pair) -> list[SummaryRow]:
    """Give the facts that are known."""
    return [SummaryRow(label, value) for label, value in pairs if value not in (None, "")]


def home() -> tuple[str, str]:
    """Give the first crumb."""
    return (_("Exchange"), reverse("exchange:home"))


def person(request: HttpRequest) -> User:
    """Give the person who is signed in."""
    return cast("User", request.user)


def viewer(request: HttpRequest) -> Authority:
    """Give the authority of somebody who works with the exchange.

    Raises:
        NotPermitted: The person does not.
    """
    authority = organisations.authority_in(request)
    if not scope.takes_part(authority):
        raise NotPermitted("Your role does not permit this here.", code="not-permitted")
    return authority
