"""Register the room with Django."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Keep people and how they sign in."""

    name = "mehvar.accounts"
    label = "accounts"
    verbose_name = "Accounts"
