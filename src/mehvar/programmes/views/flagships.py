"""Keep the flagship register, present it on a wall, print it as a book, and show it to everyone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mehvar.kernel import text
from mehvar.kernel.errors import MehvarError
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import flagships as actions
from mehvar.programmes.forms import flagships as forms
from mehvar.programmes.forms.stocktakes import ReasonForm
from mehvar.programmes.queries import flagships as queries
from mehvar.programmes.queries import programmes
from mehvar.programmes.rules import flagships as rules
from mehvar.programmes.tables.deliveries import language
from mehvar.programmes.views.refusal_words import said
from mehvar.programmes.views.stocktake_papers import cell_words
from mehvar.ui import notices, pages, pdf
from mehvar.ui.reader import for_language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from mehvar.programmes.models import Flagship, ProgrammeMeasure
    from mehvar.programmes.queries.flagships import Standing


def words_in(row: Flagship, language_: str) -> dict[str, str]:
    """Give the sheet in a language; what is not written there stays empty, the name falls back on the title."""
    sheet = row.sheet.get(language_, {})
    return {"name": sheet.get("name") or row.title, **{k: v for k, v in sheet.items() if k != "name"}}


def card(row: Flagship, standings: Mapping[int, Standing], language_: str) -> dict[str, Any]:
    """Give what every face of a project shows, in a language."""
    sheet = words_in(row, language_)
    lines = [
        (str(label), sheet[name.value])
        for name, label in forms.FIELDS.items()
        if name not in rules.REQUIRED_FIELDS and sheet.get(name.value)
    ]
    return {
        "id": row.public_id,
        "name": sheet["name"],
        "summary": sheet.get("summary", ""),
        "people_feel": sheet.get("people_feel", ""),
        "lines": lines,
        "mark": row.mark,
        "mark_word": _("Driver") if row.mark == "driver" else _("Hope-giving"),
        "criteria": [str(label) for code, label in forms.CRITERIA.items() if code.value in row.criteria],
        "reasons": _reasons(row, language_),
        "facts": facts_of(row, language_),
        "standing": standings.get(row.pk),
    }


def _reasons(row: Flagship, language_: str) -> list[tuple[str, str]]:
    """Give each criterion that is met with the reason that was written, where the reader can read its language."""
    return [
        (
            str(label),
            row.criteria[code.value]
            if text.guess_language(row.criteria[code.value]) in (None, language_)
            else "",
        )
        for code, label in forms.CRITERIA.items()
        if code.value in row.criteria
    ]


def facts_of(row: Flagship, language_: str) -> list[tuple[str, str]]:
    """Give who answers for what the project rests on, and until when; nothing where it rests on no programme or measure."""
    reader = for_language(language_)
    if row.measure is not None:
        body = row.measure.organisation or row.measure.programme.organisation
        due = programmes.due_of(row.measure)
        about = [(_("Measure"), programmes.text_of(row.measure))]
    elif row.programme is not None:
        body, due = row.programme.organisation, row.programme.ends_on
        about = [(_("Programme"), row.programme.title)]
    else:
        return []
    facts = [*about, (_("Responsible body"), organisations.name_in(body, language_))]
    return [*facts, (_("Until"), reader.date(due))] if due else facts


@require_safe
def public_list(request: HttpRequest) -> HttpResponse:
    """Show everyone the listed projects and the criteria by which they were chosen."""
    rows = list(queries.listed())
    standings = queries.standings(rows)
    context = {
        "cards": [card(row, standings, language()) for row in rows],
        "languages": rules.LANGUAGES,
        "criteria": list(forms.CRITERIA.values()),
        "least": rules.LEAST_CRITERIA,
        "marks": [word for _key, word in forms.MARKS],
    }
    return render(request, "programmes/flagships/public.html", context)


@require_safe
def sheet(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show everyone one project's identity sheet."""
    row = queries.listed_one(public_id)
    context = {"card": card(row, queries.standings([row]), language()), "row": row}
    return render(request, "programmes/flagships/sheet.html", context)


@require_safe
def present(request: HttpRequest) -> HttpResponse:
    """Show one listed project a page, for a projector; arrow keys go on."""
    rows = list(queries.listed())
    asked = request.GET.get("slide", "1")
    place = min(max(int(asked) if asked.isdecimal() else 1, 1), max(len(rows), 1))
    shown = rows[place - 1 : place]
    context = {
        "card": card(shown[0], queries.standings(shown), language()) if shown else None,
        "place": place,
        "number": len(rows),
        "before": f"?slide={place - 1}" if place > 1 else "",
        "after": f"?slide={place + 1}" if place < len(rows) else "",
        "page_wide": True,
    }
    return render(request, "programmes/flagships/present.html", context)


@require_safe
def book(request: HttpRequest) -> HttpResponse:
    """Give the book of listed projects as PDF, in the language that is asked for."""
    asked = request.GET.get("language", language())
    chosen = asked if asked in rules.LANGUAGES else "en"
    response = HttpResponse(book_pdf(chosen), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="flagships-{chosen}.pdf"'
    return response


def book_pdf(language_: str) -> bytes:
    """Make the book of listed projects."""
    rows, reader = list(queries.listed()), for_language(language_)
    standings = queries.standings(rows)
    with translation.override(language_):
        data = {
            "title": _("Flagship projects"),
            "note": _("Flagship projects"),
            "project_word": _("Project"),
            "mark_title": _("Mark"),
            "criteria_title": _("By what they were chosen"),
            "criteria": [str(label) for label in forms.CRITERIA.values()],
            "feel_word": str(forms.FIELDS[rules.SheetField.PEOPLE_FEEL]),
            "chosen_word": _("Why it was chosen"),
            "empty": _("No project is listed yet."),
            "projects": [_printed(card(row, standings, language_), reader) for row in rows],
        }
    return pdf.render_pdf("flagship_book.typ", data, language=language_)


def _printed(found: dict[str, Any], reader: Any) -> dict[str, Any]:
    standing = found.pop("standing")
    found["lines"] = [list(line) for line in (*found.pop("facts"), *found["lines"])]
    if standing is None:
        return {**found, "cells": None}
    verified = [_("Verified progress"), reader.percent(standing.verified)]
    return {**found, "lines": [*found["lines"], verified], "cells": cell_words(standing.cells, reader)}


@login_required
def register(request: HttpRequest) -> HttpResponse:
    """Show the register to its keepers, listed or not, in order."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.MANAGE_FLAGSHIPS)
    rows = [
        {"row": row, "missing": len(rules.missing_for_listing(row.mark, row.criteria, row.sheet))}
        for row in queries.kept_by(authority)
    ]
    return render(request, "programmes/flagships/register.html", {"rows": rows})


@login_required
def draft(request: HttpRequest) -> HttpResponse:
    """Draft a sheet."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.MANAGE_FLAGSHIPS)
    asked = request.POST.get("measure") or request.GET.get("measure", "")
    measure = queries.measure_for(authority, int(asked)) if asked.isdecimal() else None
    initial = {"measure": measure.pk, "title": programmes.text_of(measure)[:300]} if measure else None
    form = forms.FlagshipForm(
        request.POST or None, programmes=queries.programmes_for(authority), initial=initial
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.draft_flagship(
                request.user,  # type: ignore[arg-type]
                **form.values(),
                measure_id=measure.pk if measure else None,
            )
        except MehvarError as error:
            form.add_error(error.field if error.field in form.fields else None, said(error))
        else:
            return redirect("programmes:flagship_register")
    return _form_page(request, form, _("Draft an identity sheet"), measure)


@login_required
def edit(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change a sheet."""
    authority = organisations.authority_in(request)
    row = queries.kept(authority, public_id)
    form = forms.FlagshipForm(
        request.POST or None, programmes=queries.programmes_for(authority), initial=_initial(row)
    )
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"] or 0
        try:
            actions.change_flagship(request.user, public_id, version=version, **form.values())  # type: ignore[arg-type]
        except MehvarError as error:
            form.add_error(error.field if error.field in form.fields else None, said(error))
        else:
            return redirect("programmes:flagship_register")
    return _form_page(request, form, row.title, row.measure)


def _initial(row: Flagship) -> dict[str, Any]:
    lines = {f"{code}_{name}": text for code, sheet in row.sheet.items() for name, text in sheet.items()}
    head = {"title": row.title, "mark": row.mark, "programme": row.programme_id, "version": row.version}
    return {**head, **row.criteria, **lines}


def _form_page(
    request: HttpRequest, form: forms.FlagshipForm, title: str, measure: ProgrammeMeasure | None
) -> HttpResponse:
    about = programmes.text_of(measure) if measure else ""
    context = {"form": form, "title": title, "least": rules.LEAST_CRITERIA, "measure": about}
    return render(request, "programmes/flagships/form.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def act(request: HttpRequest, public_id: str) -> HttpResponse:
    """List a project, move it, or note that it was presented."""
    row = queries.kept(organisations.authority_in(request), public_id)
    written, version = request.POST.get("act", ""), request.POST.get("version", "")
    known = int(version) if version.isdecimal() else 0
    user: Any = request.user
    try:
        if written == "list":
            actions.list_flagship(user, row.public_id, version=known)
        elif written == "present":
            actions.note_presented(user, row.public_id, version=known)
        elif written in {"up", "down"}:
            actions.move_flagship(user, row.public_id, places=-1 if written == "up" else 1)
    except MehvarError as error:
        notices.failed(request, said(error))
    return redirect("programmes:flagship_register")


@login_required
def unlist(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a project off the public list, with a reason."""
    row = queries.kept(organisations.authority_in(request), public_id)
    form = ReasonForm(request.POST or None, initial={"version": row.version})
    if request.method == "POST" and form.is_valid():
        try:
            actions.unlist_flagship(request.user, public_id, **form.cleaned_data)  # type: ignore[arg-type]
        except MehvarError as error:
            notices.failed(request, said(error))
        return redirect("programmes:flagship_register")
    title = _("Take off the public list")
    address = reverse("programmes:flagship_register")
    return pages.confirm(request, title=title, text=row.title, action=title, cancel_url=address, form=form)


urlpatterns = [
    path("flagships/", public_list, name="flagships"),
    path("flagships/present/", present, name="flagships_present"),
    path("flagships/book.pdf", book, name="flagships_book"),
    path("flagships/register/", register, name="flagship_register"),
    path("flagships/new/", draft, name="flagship_new"),
    path("flagships/<slug:public_id>/", sheet, name="flagship"),
    path("flagships/<slug:public_id>/edit/", edit, name="flagship_edit"),
    path("flagships/<slug:public_id>/act/", act, name="flagship_act"),
    path("flagships/<slug:public_id>/unlist/", unlist, name="flagship_unlist"),
]
