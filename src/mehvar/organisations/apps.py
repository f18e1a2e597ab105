"""Register the room with Django."""

from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    """Keep the organisation register."""

    name = "mehvar.organisations"
    label = "organisations"
    verbose_name = "Organisations"
