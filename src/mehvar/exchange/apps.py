"""Register the room with Django."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Let agencies ask one another: members, services, rights, evidence."""

    name = "mehvar.exchange"
    label = "exchange"
    verbose_name = "Exchange"
