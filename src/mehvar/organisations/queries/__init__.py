"""Read the register of bodies, and what a person may do in it."""

from mehvar.organisations.queries.authority import (
    authority_for,
    authority_in,
    authority_of,
    holders_of,
    people_with,
    positions_of,
    scoped,
    valid_on,
    within,
)
from mehvar.organisations.queries.committees import (
    committee,
    committees_below,
    members_of_committee,
    voters_of,
)
from mehvar.organisations.queries.held import read_once, register_held
from mehvar.organisations.queries.joins import acts_above, folded_name, nearest_people, seats_with
from mehvar.organisations.queries.people import administers, people_within, positions_held
from mehvar.organisations.queries.register import (
    group_by_code,
    members_of_group,
    pack_of,
    pack_of_organisation,
    register_for,
)
from mehvar.organisations.queries.sheets import known_codes, sheet_rows
from mehvar.organisations.queries.succession import heirs_on, predecessors_within
from mehvar.organisations.queries.tree import (
    NAME_FIELDS,
    children_of,
    home_register,
    ids_of,
    line_above,
    ministry,
    name_in,
    named,
    organisation,
    organisation_by_id,
    provinces,
    search,
)

__all__ = [
    "NAME_FIELDS",
    "acts_above",
    "administers",
    "authority_for",
    "authority_in",
    "authority_of",
    "children_of",
    "committee",
    "committees_below",
    "folded_name",
    "group_by_code",
    "heirs_on",
    "holders_of",
    "home_register",
    "ids_of",
    "known_codes",
    "line_above",
    "members_of_committee",
    "members_of_group",
    "ministry",
    "name_in",
    "named",
    "nearest_people",
    "organisation",
    "organisation_by_id",
    "pack_of",
    "pack_of_organisation",
    "people_with",
    "people_within",
    "positions_held",
    "positions_of",
    "predecessors_within",
    "provinces",
    "read_once",
    "register_for",
    "register_held",
    "scoped",
    "search",
    "seats_with",
    "sheet_rows",
    "valid_on",
    "voters_of",
    "within",
]
