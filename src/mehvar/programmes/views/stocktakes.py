"""Lead the minister's room through a stocktake: plan, attendance, one step at a time on the wall, decisions, end, minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from mehvar.directives.actions.council import Presence
from mehvar.directives.queries import council
from mehvar.directives.queries.days import today
from mehvar.kernel.errors import MehvarError, NotPermitted
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.actions import stocktakes as actions
from mehvar.programmes.forms import stocktakes as forms
from mehvar.programmes.forms.progress import VersionForm
from mehvar.programmes.queries import audience
from mehvar.programmes.queries import progress as progress_queries
from mehvar.programmes.queries import stocktakes as queries
from mehvar.programmes.rules import stocktakes as rules
from mehvar.programmes.rules.stocktakes import MeetingStep, StocktakeState
from mehvar.programmes.tables.deliveries import language
from mehvar.programmes.tables.stocktakes import BADGES, STATES, StocktakeTable
from mehvar.programmes.views import stocktake_words as words
from mehvar.programmes.views.cell_tables import CellRow, cells_table
from mehvar.programmes.views.refusal_words import said
from mehvar.programmes.views.stocktake_papers import LANGUAGES, minutes_pdf
from mehvar.ui import notices, pages, pdf
from mehvar.ui.components import badge
from mehvar.ui.data import Tile
from mehvar.ui.reader import Reader, reader_of

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from mehvar.organisations.data import Authority
    from mehvar.organisations.models import Organisation
    from mehvar.programmes.models import Stocktake


ON_THE_WALL = 12
"""How many red measures the wall shows; the rest is on the list."""


def _address(row: Stocktake, step: str = "", **more: str) -> str:
    query = urlencode({**({"step": step} if step else {}), **{k: v for k, v in more.items() if v}})
    return reverse("programmes:stocktake", args=[row.public_id]) + (f"?{query}" if query else "")


@login_required
def stocktake_list(request: HttpRequest) -> HttpResponseBase:
    """List the stocktakes that a person may hold."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.HOLD_STOCKTAKE)
    table = StocktakeTable(queries.stocktakes_for(authority), request)
    context = {"may_plan": bool(queries.committees_for(authority))}
    return table.respond("programmes/stocktakes/list.html", context)


@login_required
def plan(request: HttpRequest) -> HttpResponse:
    """Plan a stocktake in a committee."""
    authority = organisations.authority_in(request)
    permissions.require(authority, Permission.HOLD_STOCKTAKE)
    committees = queries.committees_for(authority)
    about = progress_queries.reportable_subjects(authority)
    form = forms.StocktakeForm(
        request.POST or None,
        committees=committees,
        about=about,
        initial={"language": language(), "held_on": today()},
    )
    if request.method == "POST" and form.is_valid():
        made = _planned(request, form)
        if made is not None:
            return redirect("programmes:stocktake", made.public_id)
    context = {"form": form, "can": bool(committees), "cancel_url": reverse("programmes:stocktakes")}
    return render(request, "programmes/stocktakes/plan.html", context, status=422 if form.errors else 200)


def _planned(request: HttpRequest, form: forms.StocktakeForm) -> Stocktake | None:
    given = form.cleaned_data
    kind, _colon, key = given["about"].partition(":")
    try:
        return actions.plan_stocktake(
            request.user,  # type: ignore[arg-type]
            title=given["title"],
            committee_id=given["committee_id"],
            held_on=given["held_on"].day,
            language=given["language"],
            calendar=given["held_on"].calendar.value,
            directive_id=int(key) if kind == "directive" else None,
            programme_id=int(key) if kind == "programme" else None,
        )
    except MehvarError as error:
        form.add_error(error.field if error.field in form.fields else None, said(error))
        return None


@login_required
@require_safe
def meeting(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the step of the meeting that the address names."""
    authority = organisations.authority_in(request)
    row = queries.stocktake_for(authority, public_id)
    return _shown(request, authority, row, forms.DecisionBoxForm())


def _shown(
    request: HttpRequest, authority: Authority, row: Stocktake, form: forms.DecisionBoxForm
) -> HttpResponse:
    if row.state in {StocktakeState.PLANNED, StocktakeState.CANCELLED}:
        return render(request, "programmes/stocktakes/planned.html", _planned_context(authority, row))
    step = rules.step_named(request.GET.get("step", ""))
    reader = reader_of(request)
    if row.state == StocktakeState.RUNNING:
        pdf.warm_up()
    context = {
        **_frame(request, authority, row, step),
        **SHOWERS[step](_Wall(request, authority, row, reader)),
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "programmes/stocktakes/meeting.html", context, status=status)


def _planned_context(authority: Authority, row: Stocktake) -> dict[str, Any]:
    state = BADGES[row.state]
    return {
        "row": row,
        "state": badge(state, dict(STATES)[row.state]),
        "may_run": queries.may_run(authority, row) and row.state == StocktakeState.PLANNED,
        "seats": [_seat(seat) for seat in council.attendance_of(row.session)] if row.session else [],
        "earlier": words.decision_rows(queries.figures(authority, row, "earlier"), reader_of()),
        "body": organisations.name_in(row.organisation, language()),
    }


def _seat(seat: Any) -> dict[str, Any]:
    return {
        "key": seat.pk,
        "name": council.seat_name(seat.member, language()),
        "present": seat.present,
        "substitute": seat.substitute,
    }


def _frame(request: HttpRequest, authority: Authority, row: Stocktake, step: MeetingStep) -> dict[str, Any]:
    before, after = rules.neighbours(step)
    running, runs = row.state == StocktakeState.RUNNING, queries.may_run(authority, row)
    taken = queries.decisions(row) if running else row.figures["decisions"]
    return {
        "row": row,
        "step": step.value,
        "title": words.STEP_WORDS[step],
        "place": rules.STEPS.index(step) + 1,
        "number": len(rules.STEPS),
        "steps": [(word, _address(row, key.value), key is step) for key, word in words.STEP_WORDS.items()],
        "before": _address(row, before.value) if before else "",
        "after": _address(row, after.value) if after else "",
        "running": running,
        "decides": running and runs,
        "has_quorum": row.session is not None and running and council.quorum_of(row.session).met,
        "taken": words.decision_rows(taken, reader_of(request)),
        "bodies": _bodies(row) if running and runs else [],
        "languages": LANGUAGES,
        "here": request.get_full_path(),
        "page_wide": True,
    }


def _bodies(row: Stocktake) -> list[str]:
    """Give names to choose an owner from: the bodies below, and the provinces; two queries."""
    rows = [*organisations.children_of(row.organisation.path), *organisations.provinces(on=today())]
    return [organisations.name_in(one, language()) for one in rows]


class _Wall:
    """Hold what every step needs."""

    def __init__(self, request: HttpRequest, authority: Authority, row: Stocktake, reader: Reader) -> None:
        self.request, self.authority, self.row, self.reader = request, authority, row, reader

    def figures(self, part: MeetingStep) -> Any:
        """Give a part of the figures, live or frozen."""
        return queries.figures(self.authority, self.row, part.value)

    def asked(self, name: str) -> str:
        """Give a parameter of the address."""
        return str(self.request.GET.get(name, ""))[:600]

    def source(self, name: str = "deliveries", **about: str) -> str:
        """Give the list on which a number rests, narrowed to what the stocktake is about."""
        kept = dict(about)
        if self.row.directive is not None:
            kept["directive"] = self.row.directive.public_id
        if self.row.programme is not None:
            kept["programme"] = self.row.programme.public_id
        return reverse(f"programmes:{name}") + ("?" + urlencode(kept) if kept else "")


def _overview(wall: _Wall) -> dict[str, Any]:
    found = wall.figures(MeetingStep.OVERVIEW)
    worst = found["worst"]
    title = queries.delivery_titles([worst]).get(worst, "")
    return {
        "total": words.cells_of(found["cells"]),
        "total_url": wall.source(),
        "worst": title,
        "worst_url": reverse("programmes:delivery", args=[worst]) if worst and title else "",
        "colours": found["colours"],
    }


def _fields(wall: _Wall) -> dict[str, Any]:
    found = wall.figures(MeetingStep.FIELDS)
    rows = [
        CellRow(
            words.field_word(one["field"]),
            wall.source(field=one["field"] or "-"),
            words.cells_of(one["cells"]),
            _address(wall.row, "fields", field=one["field"] or "-"),
        )
        for one in found
    ]
    table = _worst_first(rows, _("Four cells by field"), _("Field"), wall.reader)
    chosen = wall.asked("field")
    one = next((one for one in found if (one["field"] or "-") == chosen), None)
    near = _near(wall, "field", one["field"]) if one else []
    return {"cells_table": table, **_one(one, words.field_word(one["field"]) if one else "", near)}


def _worst_first(rows: list[CellRow], caption: str, head: str, reader: Reader) -> SafeString:
    """Write the table of a step: what is overdue most stands first, then what keeps silent most."""
    listed = sorted(rows, key=lambda row: (-row.cells.open_overdue, -row.cells.missing))
    return cells_table(listed, caption=caption, head=head, reader=reader)


def _provinces(wall: _Wall) -> dict[str, Any]:
    found = wall.figures(MeetingStep.PROVINCES)
    language_ = wall.reader.language
    rows = [
        CellRow(
            words.name_of(one["body"], language_),
            wall.source(body=one["body"]["code"]),
            words.cells_of(one["cells"]),
            _address(wall.row, "provinces", province=one["body"]["code"]),
        )
        for one in found
        if sum(one["cells"].values())
    ]
    table = _worst_first(rows, _("Four cells by province"), _("Province"), wall.reader)
    chosen = wall.asked("province")
    one = next((one for one in found if one["body"]["code"] == chosen), None)
    near = _near(wall, "province", chosen) if one else []
    title = words.name_of(one["body"], language_) if one else ""
    return {"cells_table": table, "tiles": _tiles(wall, found), **_one(one, title, near)}


def _one(one: dict[str, Any] | None, title: str, near: list[dict[str, Any]]) -> dict[str, Any]:
    if one is None:
        return {}
    red, left = words.red_groups(near, most=ON_THE_WALL)
    return {
        "chosen": title,
        "chosen_cells": words.cells_of(one["cells"]),
        "chosen_red": red,
        "red_left": left,
    }


def _near(wall: _Wall, key: str, value: str) -> list[dict[str, Any]]:
    """Give what is red in one field or province."""
    found = wall.figures(MeetingStep.RED)
    rows = [one for one in found["rows"] if one[key] == value]
    return words.red_rows({"rows": rows}, wall.reader)


def _tiles(wall: _Wall, found: list[dict[str, Any]]) -> list[Tile]:
    tiles = []
    for one in found:
        if one["tile"] is None:
            continue
        label, cells = words.name_of(one["body"], wall.reader.language), words.cells_of(one["cells"])
        tiles.append(
            Tile(
                code=label,
                label=label,
                x=one["tile"][0],
                y=one["tile"][1],
                url=_address(wall.row, "provinces", province=one["body"]["code"]) if cells.total else "",
                cells=cells if cells.total else None,
            )
        )
    return tiles


def _red(wall: _Wall) -> dict[str, Any]:
    found = wall.figures(MeetingStep.RED)
    shown, left = words.red_groups(words.red_rows(found, wall.reader), most=ON_THE_WALL)
    return {
        "rows": shown,
        "red_left": left + found["count"] - len(found["rows"]),
        "count": found["count"],
        "source_url": wall.source("red"),
    }


def _obstacles(wall: _Wall) -> dict[str, Any]:
    found = wall.figures(MeetingStep.OBSTACLES)
    return {"rows": words.obstacle_rows(found, wall.reader), "count": found["count"]}


def _late(wall: _Wall) -> dict[str, Any]:
    found = wall.figures(MeetingStep.LATE)
    return {
        "rows": words.late_rows(found, wall.reader),
        "count": found["count"],
        "source_url": wall.source("late"),
    }


def _earlier(wall: _Wall) -> dict[str, Any]:
    rows = words.decision_rows(wall.figures(MeetingStep.EARLIER), wall.reader)
    return {"rows": rows, "count": len(rows)}


SHOWERS = {
    MeetingStep.OVERVIEW: _overview,
    MeetingStep.FIELDS: _fields,
    MeetingStep.PROVINCES: _provinces,
    MeetingStep.RED: _red,
    MeetingStep.OBSTACLES: _obstacles,
    MeetingStep.LATE: _late,
    MeetingStep.EARLIER: _earlier,
}


def _presences(request: HttpRequest) -> dict[int, Presence]:
    """Read the attendance: every listed seat, present where it was ticked."""
    listed = [key for key in request.POST.getlist("seat") if key.isdecimal()]
    present = set(request.POST.getlist("present"))
    return {
        int(key): Presence(present=key in present, substitute=request.POST.get(f"substitute{key}", ""))
        for key in listed
    }


@login_required
@require_POST
def begin(request: HttpRequest, public_id: str) -> HttpResponse:
    """Begin the meeting with who is present."""
    row = queries.stocktake_for(organisations.authority_in(request), public_id)
    try:
        quorum = actions.begin_stocktake(
            request.user,  # type: ignore[arg-type]
            public_id,
            version=_version(request),
            presences=_presences(request),
        )
    except MehvarError as error:
        return _refused(request, row, error)
    if not quorum.met:
        notices.failed(request, _("There is no quorum: no decision can be taken."))
    return redirect(_address(row))


@login_required
def presence(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show and correct who is present while the meeting runs."""
    authority = organisations.authority_in(request)
    row = queries.stocktake_for(authority, public_id)
    if request.method == "POST":
        try:
            actions.mark_presence(request.user, public_id, _presences(request))  # type: ignore[arg-type]
        except MehvarError as error:
            return _refused(request, row, error)
        return redirect(_address(row))
    if not queries.may_run(authority, row):
        raise NotPermitted("Your role does not permit this here.", code="not-permitted")
    context = {"row": row, "seats": [_seat(seat) for seat in council.attendance_of(row.session)]}  # type: ignore[arg-type]
    return render(request, "programmes/stocktakes/presence.html", context)


@login_required
@require_POST
def decide(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a decision on the spot and stay on the step."""
    authority = organisations.authority_in(request)
    row = queries.stocktake_for(authority, public_id)
    form = forms.DecisionBoxForm(request.POST)
    form.full_clean()
    owner = _owner(row, form)
    if owner is not None and form.is_valid() and _decided(request, row, form, owner):
        notices.done(request, _("The decision is on record."))
        step = rules.step_named(request.GET.get("step", ""))
        return redirect(_address(row, step.value) + "#decisions")
    return _shown(request, authority, row, form)


def _owner(row: Stocktake, form: forms.DecisionBoxForm) -> Organisation | None:
    """Give the body that was written as owner; what is wrong with it stands beside the field, with all other errors."""
    written = form.cleaned_data.get("owner", "")
    if not written:
        return None
    try:
        return audience.body_named(written, row.organisation.pack, today())
    except MehvarError as error:
        form.add_error("owner", said(error))
        return None


def _decided(request: HttpRequest, row: Stocktake, form: forms.DecisionBoxForm, owner: Organisation) -> bool:
    given = form.cleaned_data
    try:
        actions.decide(
            request.user,  # type: ignore[arg-type]
            row.public_id,
            text=given["text"],
            owner_id=owner.pk,
            due=given["due_on"],
        )
    except MehvarError as error:
        form.add_error(error.field if error.field in form.fields else None, said(error))
        return False
    return True


@login_required
def end(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask whether the meeting is over, and freeze its figures."""
    authority = organisations.authority_in(request)
    row = queries.stocktake_for(authority, public_id)
    if request.method == "POST":
        version = _version(request)
        try:
            actions.end_stocktake(request.user, public_id, version=version)  # type: ignore[arg-type]
        except MehvarError as error:
            return _refused(request, row, error)
        notices.done(request, _("The stocktake has ended; its figures are frozen and the minutes are ready."))
        return redirect(_address(row))
    return pages.confirm(
        request,
        title=_("End the stocktake"),
        consequences=[
            _("The session is closed and its decisions are sent to their owners."),
            _("Every figure is frozen as it stands now, with its hash on record."),
            _("The minutes can be printed at once in three languages."),
        ],
        action=_("End the stocktake"),
        cancel_url=_address(row),
        form=VersionForm(initial={"version": row.version}),
    )


@login_required
def cancel(request: HttpRequest, public_id: str) -> HttpResponse:
    """Cancel a planned stocktake with its reason."""
    row = queries.stocktake_for(organisations.authority_in(request), public_id)
    form = forms.ReasonForm(request.POST or None, initial={"version": row.version})
    if request.method == "POST" and form.is_valid():
        try:
            actions.cancel_stocktake(request.user, public_id, **form.cleaned_data)  # type: ignore[arg-type]
        except MehvarError as error:
            return _refused(request, row, error)
        return redirect("programmes:stocktakes")
    title = _("Cancel the stocktake")
    return pages.confirm(request, title=title, action=title, cancel_url=_address(row), danger=True, form=form)


@login_required
@require_safe
def minutes(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give the minutes as PDF."""
    authority = organisations.authority_in(request)
    row = queries.stocktake_for(authority, public_id)
    asked = request.GET.get("language", "")
    content = minutes_pdf(authority, row, language=asked if asked in LANGUAGES else row.language)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="stocktake-{row.held_on.isoformat()}.pdf"'
    return response


def _version(request: HttpRequest) -> int:
    written = request.POST.get("version", "")
    return int(written) if written.isdecimal() else 0


def _refused(request: HttpRequest, row: Stocktake, error: MehvarError) -> HttpResponse:
    notices.failed(request, said(error))
    return redirect(_address(row))


urlpatterns = [
    path("stocktakes/", stocktake_list, name="stocktakes"),
    path("stocktakes/new/", plan, name="stocktake_new"),
    path("stocktakes/<slug:public_id>/", meeting, name="stocktake"),
    path("stocktakes/<slug:public_id>/begin/", begin, name="stocktake_begin"),
    path("stocktakes/<slug:public_id>/presence/", presence, name="stocktake_presence"),
    path("stocktakes/<slug:public_id>/decide/", decide, name="stocktake_decide"),
    path("stocktakes/<slug:public_id>/end/", end, name="stocktake_end"),
    path("stocktakes/<slug:public_id>/cancel/", cancel, name="stocktake_cancel"),
    path("stocktakes/<slug:public_id>/minutes.pdf", minutes, name="stocktake_minutes"),
]
