"""Keep a programme as a template, load a shipped one, and start a new programme from one.

Source: S1.8 ("copy the experience of Shahkar for GNAF").
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext_noop

from mehvar.kernel import clock, errors, identifiers
from mehvar.kernel.calendars import Calendar
from mehvar.ledger.data import Subject
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import programmes, record
from mehvar.programmes.data import ProgrammeState
from mehvar.programmes.models import Programme, ProgrammeMeasure, ProgrammeTemplate
from mehvar.programmes.queries import templates as queries
from mehvar.programmes.rules import templates as rules
from mehvar.programmes.rules.plans import LONGEST_LINE, LONGEST_TEXT

if TYPE_CHECKING:
    from mehvar.accounts.models import User

FINISHED = frozenset({ProgrammeState.FINISHED.value, ProgrammeState.CLOSED.value})


def make_template(actor: User, programme_id: int, *, title: str) -> ProgrammeTemplate:
    """Keep a finished programme as a template: its steps with the days they really took, obstacles met and remedies.

    Raises:
        NotFound, NotPermitted: As for ``programmes.managed``.
        Conflict: The programme is not finished.
        InputError: The title is missing, or the programme has nothing to teach.
    """
    if not title.strip():
        raise errors.InputError(gettext_noop("Give it a title."), code="no-title", field="title")
    with transaction.atomic():
        programme = programmes.managed(actor, programme_id)
        if programme.state not in FINISHED:
            raise errors.Conflict(
                gettext_noop("Only a finished programme becomes a template; finish it first."),
                code="not-finished",
            )
        experience = queries.experience_of(programme)
        if not experience.steps:
            raise errors.InputError(
                gettext_noop("The programme has neither accepted plans nor own measures to learn from."),
                code="no-steps",
            )
        return _stored(actor, title, programme.language, rules.as_content(experience), programme)


def load_shipped(actor: User, code: str, language: str) -> ProgrammeTemplate:
    """Load a shipped template in a language; doing it again gives the one that is there.

    Raises:
        NotPermitted: The person manages no programmes.
        NotFound: No such template is shipped.
    """
    permissions.require(organisations.authority_of(actor), Permission.MANAGE_PROGRAMMES)
    found = queries.shipped().get(code)
    if found is None:
        raise errors.NotFound(gettext_noop("There is no such template."), code="unknown-template")
    known = queries.already_loaded(code, language)
    if known is not None:
        return known
    content = queries.in_language(found, language)
    kept = {name: content[name] for name in ("steps", "obstacles", "note")} | {"shipped": code}
    with transaction.atomic():
        return _stored(actor, content["title"], language, kept, None)


def _stored(
    actor: User, title: str, language: str, content: dict[str, object], source: Programme | None
) -> ProgrammeTemplate:
    made = ProgrammeTemplate.objects.create(
        public_id=identifiers.new_public_id(),
        title=title.strip()[:LONGEST_LINE],
        language=language,
        source=source,
        content=content,
        created_at=clock.now(),
    )
    record.note(
        actor,
        "template.make",
        Subject("programme-template", made.public_id, made.title[:200]),
        {"source": source.public_id if source else "", "content_hash": identifiers.content_hash(content)},
    )
    return made


def start_from_template(
    actor: User,
    template_id: int,
    *,
    title: str,
    organisation_code: str,
    starts_on: date,
    calendar: Calendar,
) -> Programme:
    """Begin a programme from a template: each step becomes an own measure with its days laid from the first day.

    Raises:
        NotFound: There is no such template or body.
        NotPermitted, InputError: As for ``programmes.create_programme``.
    """
    found = ProgrammeTemplate.objects.filter(pk=template_id).first()
    if found is None:
        raise errors.NotFound(gettext_noop("There is no such template."), code="unknown-template")
    dated = rules.laid_out(rules.from_content(found.content).steps, starts_on)
    with transaction.atomic():
        programme = programmes.create_programme(
            actor,
            title=title,
            organisation_code=organisation_code,
            language=found.language,
            calendar=calendar,
            purpose=str(found.content.get("note", "")),
            starts_on=starts_on,
            ends_on=max((one.due_on for one in dated), default=None),
            template_id=found.pk,
        )
        ProgrammeMeasure.objects.bulk_create(
            ProgrammeMeasure(
                programme=programme,
                position=position,
                text=one.step.title[:LONGEST_TEXT],
                outcome_indicator=one.step.indicator,
                due_on=one.due_on,
                first_due_on=one.due_on,
            )
            for position, one in enumerate(dated, 1)
        )
        record.note(
            actor,
            "programme.from_template",
            record.subject_of_programme(programme),
            {"template": found.public_id, "steps": len(dated)},
        )
    return programme
