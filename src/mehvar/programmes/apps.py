"""Register the room with Django."""

from django.apps import AppConfig


class ProgrammesConfig(AppConfig):
    """Follow measures through plans, progress and obstacles."""

    name = "mehvar.programmes"
    label = "programmes"
    verbose_name = "Programmes"
