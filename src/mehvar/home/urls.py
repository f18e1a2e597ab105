"""Name the addresses of the home pages."""

from django.urls import path

from mehvar.home import views

app_name = "home"

urlpatterns = [
    path("", views.index, name="index"),
    path("search/", views.search, name="search"),
    path("calendar/", views.calendar, name="calendar"),
    path("calendar/revoke/", views.calendar_revoke, name="calendar_revoke"),
    path("calendar/<str:secret>.ics", views.calendar_feed, name="calendar_feed"),
]
