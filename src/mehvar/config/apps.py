"""Register the composition root with Django."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Compose the rooms; this one owns no tables."""

    name = "mehvar.config"
    label = "config"
    verbose_name = "Mehvar"
