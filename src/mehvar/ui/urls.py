"""Name the pages of the room."""

from django.urls import path

from mehvar.ui import views

app_name = "ui"

urlpatterns = [
    path("", views.style_guide, name="style-guide"),
    path("theme/", views.choose_theme, name="theme"),
]
