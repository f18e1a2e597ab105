"""Compose just what the pages of the room need, so that its tests stand on no upper room."""

from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import include, path
from django.views.i18n import set_language

from mehvar.ui import notices, pages
from tests.functional.ui.lists import SessionTable


def start(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("start")


def sessions(request: HttpRequest) -> HttpResponseBase:
    return SessionTable(Session.objects.all(), request).respond("ui_tests/list.html", {"words": "around"})


def destroy(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        notices.done(request, "Destroyed <b>it</b>.", undo_url="/restore/")
        return start(request)
    return pages.confirm(
        request,
        title="Destroy?",
        action="Destroy",
        consequences=["It is <gone>."],
        cancel_url="/",
        danger=True,
    )


home = ([path("", start, name="index"), path("search/", start, name="search")], "home")
urlpatterns = [
    path("", include(home)),
    path("ui/", include("mehvar.ui.urls")),
    path("language/", set_language, name="set_language"),
    path("sessions/", sessions),
    path("destroy/", destroy),
]
