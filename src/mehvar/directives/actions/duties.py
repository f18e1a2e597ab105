"""Keep annual themes, legal duties and the ministry's published role (S0.1, S0.3)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from mehvar.directives.data import Priority
from mehvar.directives.models import AnnualTheme, LegalDuty, RoleStatement
from mehvar.kernel import clock
from mehvar.kernel.errors import Conflict, InputError, NotFound, gettext_noop
from mehvar.kernel.periods import Kind, Period
from mehvar.ledger import actions as ledger
from mehvar.ledger.data import Subject
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission

if TYPE_CHECKING:
    from mehvar.accounts.models import User


def create_theme(actor: User, *, period: str, title: str, language: str, statement: str = "") -> AnnualTheme:
    """Enter the theme that the state gives a year; ``period`` is the year's id (``1399``, ``2020``).

    Raises:
        NotPermitted: The person may not keep the register.
        InputError: The period is no year, the title is empty, or the theme is entered already.
    """
    permissions.require(organisations.authority_of(actor), Permission.MANAGE_DUTIES)
    year = Period.parse(period.strip())
    if year.kind is not Kind.YEAR:
        raise InputError(gettext_noop("A theme belongs to a whole year."), code="not-a-year", field="period")
    if not title.strip():
        raise InputError(gettext_noop("The theme needs a title."), code="no-title", field="title")
    with transaction.atomic():
        theme, created = AnnualTheme.objects.get_or_create(
            period=year.id,
            title=title.strip()[:200],
            defaults={"statement": statement.strip(), "language": language},
        )
        if not created:
            raise InputError(
                gettext_noop("This theme is entered already."), code="theme-known", field="title"
            )
        ledger.record(
            actor=actor.as_actor(),
            action="theme.created",
            subject=Subject("theme", str(theme.pk), str(theme)),
            content={"period": theme.period, "title": theme.title, "statement": theme.statement},
            public=True,
        )
    return theme


def create_duty(
    actor: User,
    *,
    source: str,
    text: str,
    owner_code: str,
    article: str = "",
    due_on: date | None = None,
    due_raw: str = "",
    calendar: str = "gregorian",
    theme: AnnualTheme | None = None,
    priority: Priority = Priority.NORMAL,
    special_project: bool = False,
) -> LegalDuty:
    """Enter a duty that a law, resolution or decree lays on a body (S0.1).

    Raises:
        NotFound: There is no such owner.
        NotPermitted: The person may not keep duties of that body.
        InputError: The source or the text is empty.
    """
    owner = organisations.organisation(owner_code)
    permissions.require(organisations.authority_of(actor), Permission.MANAGE_DUTIES, owner.path)
    duty = LegalDuty(
        source=source.strip()[:300],
        article=article.strip()[:100],
        text=text.strip(),
        owner=owner,
        theme=theme,
        due_on=due_on,
        due_raw=due_raw.strip()[:200],
        calendar=calendar,
        priority=Priority(priority),
        special_project=special_project,
    )
    _require_words(duty)
    with transaction.atomic():
        duty.save()
        _record(actor, "duty.created", duty)
    return duty


def edit_duty(
    actor: User,
    duty_id: int,
    *,
    version: int,
    source: str,
    text: str,
    owner_code: str,
    article: str,
    due_on: date | None,
    due_raw: str,
    calendar: str,
    theme: AnnualTheme | None,
    priority: Priority,
    special_project: bool,
) -> LegalDuty:
    """Change a duty.

    Raises:
        Conflict: Somebody changed it since ``version``.
        NotFound, NotPermitted, InputError: As ``create_duty``.
    """
    with transaction.atomic():
        duty = _duty(actor, duty_id, version=version)
        owner = organisations.organisation(owner_code)
        permissions.require(organisations.authority_of(actor), Permission.MANAGE_DUTIES, owner.path)
        duty.source, duty.article, duty.text = source.strip()[:300], article.strip()[:100], text.strip()
        duty.owner, duty.theme, duty.priority = owner, theme, Priority(priority)
        duty.special_project = special_project
        duty.due_on, duty.due_raw, duty.calendar = due_on, due_raw.strip()[:200], calendar
        duty.version = version + 1
        _require_words(duty)
        duty.save()
        _record(actor, "duty.edited", duty)
    return duty


def fulfil_duty(actor: User, duty_id: int, *, version: int, fulfilled_on: date | None) -> LegalDuty:
    """Enter on which day a duty was fulfilled, or take that back with ``None``.

    Raises:
        Conflict: Somebody changed it since ``version``.
        InputError: The day lies in the future.
    """
    if fulfilled_on and fulfilled_on > clock.today():
        raise InputError(gettext_noop("The day lies in the future."), code="future-day", field="fulfilled_on")
    with transaction.atomic():
        duty = _duty(actor, duty_id, version=version)
        duty.fulfilled_on = fulfilled_on
        duty.version = version + 1
        duty.save(update_fields=["fulfilled_on", "version"])
        _record(actor, "duty.fulfilled" if fulfilled_on else "duty.reopened", duty)
    return duty


def set_role_statement(
    actor: User, *, organisation_code: str, theme_id: int, text: str, publish: bool = False
) -> RoleStatement:
    """Write what an organisation's role is under a theme, and publish it for everyone when asked (S0.3).

    Raises:
        NotFound: There is no such organisation or theme.
        NotPermitted: The person may not write, or not publish, for the organisation.
        InputError: The text is empty.
    """
    organisation = organisations.organisation(organisation_code)
    authority = organisations.authority_of(actor)
    permissions.require(authority, Permission.MANAGE_DUTIES, organisation.path)
    if not text.strip():
        raise InputError(gettext_noop("The role statement needs a text."), code="no-text", field="text")
    if not AnnualTheme.objects.filter(pk=theme_id).exists():
        raise NotFound(gettext_noop("There is no such theme."), code="unknown-theme")
    with transaction.atomic():
        statement, _ = RoleStatement.objects.get_or_create(
            organisation=organisation, theme_id=theme_id, defaults={"text": ""}
        )
        statement.text = text.strip()
        statement.version += 1
        if publish:
            statement.published_at = clock.now()
        statement.save()
        ledger.record(
            actor=actor.as_actor(),
            action="role-statement.published" if publish else "role-statement.written",
            subject=Subject("role-statement", str(statement.pk), str(organisation)),
            content={"organisation": organisation_code, "theme": theme_id, "text": statement.text},
            public=publish,
        )
    return statement


def _duty(actor: User, duty_id: int, *, version: int) -> LegalDuty:
    duty = LegalDuty.objects.select_related("owner").filter(pk=duty_id).first()
    if duty is None:
        raise NotFound(gettext_noop("There is no such duty."), code="unknown-duty")
    permissions.require(organisations.authority_of(actor), Permission.MANAGE_DUTIES, duty.owner.path)
    if not LegalDuty.objects.filter(pk=duty_id, version=version).update(version=F("version") + 1):
        raise Conflict(gettext_noop("Somebody changed this duty in the meantime."), code="stale-duty")
    return duty


def _require_words(duty: LegalDuty) -> None:
    if not duty.source:
        raise InputError(gettext_noop("Name the law or resolution."), code="no-source", field="source")
    if not duty.text:
        raise InputError(gettext_noop("Say what the duty is."), code="no-text", field="text")


def _record(actor: User, action: str, duty: LegalDuty) -> None:
    ledger.record(
        actor=actor.as_actor(),
        action=action,
        subject=Subject("duty", str(duty.pk), str(duty)[:200]),
        content={
            "source": duty.source,
            "article": duty.article,
            "text": duty.text,
            "owner": duty.owner.code,
            "due_on": duty.due_on.isoformat() if duty.due_on else None,
            "fulfilled_on": duty.fulfilled_on.isoformat() if duty.fulfilled_on else None,
        },
    )
