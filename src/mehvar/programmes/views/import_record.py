"""Tell the ledger the names of imports, and who may read about one: the person who handed it in, and auditors."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mehvar.ledger.rules import naming, visibility
from mehvar.organisations import queries as organisations
from mehvar.organisations.rules import permissions
from mehvar.organisations.rules.permissions import Permission
from mehvar.programmes.queries import imports as queries

if TYPE_CHECKING:
    from mehvar.accounts.models import User
    from mehvar.ledger.data import Person, Subject

ACTIONS = {
    "sheet.hand_in": _("Hand a spreadsheet in"),
    "sheet.accept": _("Let a spreadsheet be taken over"),
    "sheet.cancel": _("Cancel an import"),
    "sheet.resume": _("Let an import go on"),
    "sheet.finish": _("Take a spreadsheet over"),
    "obstacle.revise": _("Correct the words of an obstacle"),
    "stakeholders.edit_meeting": _("Correct a meeting with stakeholders"),
}


def register() -> None:
    """Register names, address and readers; called once when the room is ready."""
    naming.register_actions(ACTIONS)
    naming.register_subject(
        "sheet-import",
        label=_("Import of a spreadsheet"),
        address=lambda key: reverse("programmes:sheet_import", args=[key]),
    )
    visibility.register_reader("sheet-import", may_read)


def may_read(person: Person, subject: Subject) -> bool:
    """Tell whether a person reads the entries on an import."""
    user = cast("User", person)
    if permissions.allows(organisations.authority_of(user), Permission.AUDIT):
        return True
    return user.pk is not None and queries.imports_of(user.pk).filter(public_id=subject.identifier).exists()
