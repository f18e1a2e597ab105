"""Change the register of bodies, its committees and who holds which position."""

from mehvar.organisations.actions.aliases import forget_alias, teach_alias
from mehvar.organisations.actions.packs import Loaded, choose_ministry, load_pack
from mehvar.organisations.actions.positions import end_position, give_position

__all__ = [
    "Loaded",
    "choose_ministry",
    "end_position",
    "forget_alias",
    "give_position",
    "load_pack",
    "teach_alias",
]
