"""Change the register of bodies, its committees and groups, and who holds which position."""

from mehvar.organisations.actions.aliases import forget_alias, teach_alias
from mehvar.organisations.actions.bodies import (
    add_name,
    correct_name,
    create_organisation,
    edit_organisation,
    merge_organisations,
    move_organisation,
    rename_organisation,
)
from mehvar.organisations.actions.committees import (
    change_committee,
    dissolve_committee,
    establish_committee,
    release_member,
    seat_member,
)
from mehvar.organisations.actions.groups import except_member, withdraw_exception
from mehvar.organisations.actions.packs import Loaded, choose_ministry, load_pack
from mehvar.organisations.actions.people import (
    close_account,
    invite_again,
    invite_into_position,
    open_account,
)
from mehvar.organisations.actions.positions import end_position, give_position

__all__ = [
    "Loaded",
    "add_name",
    "change_committee",
    "choose_ministry",
    "close_account",
    "correct_name",
    "create_organisation",
    "dissolve_committee",
    "edit_organisation",
    "end_position",
    "establish_committee",
    "except_member",
    "forget_alias",
    "give_position",
    "invite_again",
    "invite_into_position",
    "load_pack",
    "merge_organisations",
    "move_organisation",
    "open_account",
    "release_member",
    "rename_organisation",
    "seat_member",
    "teach_alias",
    "withdraw_exception",
]
