"""Read, check and ask a country's register of bodies."""

from mehvar.organisations.rules.packs.checks import SharedName, shared_names
from mehvar.organisations.rules.packs.members import answering_body, members_of, province_of
from mehvar.organisations.rules.packs.reading import available_packs, load_pack, read_pack

__all__ = [
    "SharedName",
    "answering_body",
    "available_packs",
    "load_pack",
    "members_of",
    "province_of",
    "read_pack",
    "shared_names",
]
