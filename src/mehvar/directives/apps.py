"""Register the room with Django."""

from django.apps import AppConfig


class DirectivesConfig(AppConfig):
    """Take a directive from document to promulgation and cascade."""

    name = "mehvar.directives"
    label = "directives"
    verbose_name = "Directives"
