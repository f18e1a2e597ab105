"""Register the room with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UiConfig(AppConfig):
    """Name the room `ui`."""

    name = "mehvar.ui"
    label = "ui"
    verbose_name = _("Design system")
