"""Change accounts: one function for each thing that a person does."""

from mehvar.accounts.actions.mail import send_due_mail
from mehvar.accounts.actions.notifications import mark_all_read, mark_read, notify
from mehvar.accounts.actions.people import (
    change_profile,
    close_account,
    invite_again,
    invite_person,
    open_account,
    set_password,
    set_password_link,
)

__all__ = [
    "change_profile",
    "close_account",
    "invite_again",
    "invite_person",
    "mark_all_read",
    "mark_read",
    "notify",
    "open_account",
    "send_due_mail",
    "set_password",
    "set_password_link",
]
