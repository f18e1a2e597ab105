"""Name the addresses of the home pages."""

from django.urls import path

from mehvar.home import views

app_name = "home"

urlpatterns = [
    path("", views.index, name="index"),
    path("search/", views.search, name="search"),
]
