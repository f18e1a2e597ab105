"""Say kinds, roles and capacities in the reader's language."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mehvar.accounts.data import Role
from mehvar.organisations.data import BodyType, Capacity, CommitteeKind, NameKind, SuccessionKind

TYPE_WORDS: Mapping[str, Promise] = {
    BodyType.STATE_ORGAN: _("state organ"),
    BodyType.MINISTRY: _("ministry"),
    BodyType.MINISTERIAL_AGENCY: _("ministerial-level agency"),
    BodyType.GOVERNMENT_AGENCY: _("government agency"),
    BodyType.PARTY_BODY: _("party body"),
    BodyType.ASSEMBLY: _("assembly"),
    BodyType.COURT: _("court or prosecution"),
    BodyType.DEPARTMENT: _("department"),
    BodyType.PROVINCE: _("province"),
    BodyType.PROVINCE_BODY: _("body of a province"),
    BodyType.PROVINCIAL_DEPARTMENT: _("provincial department"),
    BodyType.DISTRICT_BODY: _("body of a district"),
    BodyType.ENTERPRISE: _("enterprise"),
    BodyType.INSTITUTE: _("institute"),
    BodyType.UNIVERSITY: _("university"),
    BodyType.ASSOCIATION: _("association"),
    BodyType.COUNCIL: _("council"),
    BodyType.COMMITTEE: _("committee"),
    BodyType.MEDIA: _("media"),
    BodyType.POSITION: _("office holder"),
    BodyType.OTHER: _("other"),
}

ROLE_WORDS: Mapping[str, Promise] = {
    Role.MINISTER: _("minister"),
    Role.DEPUTY: _("deputy minister"),
    Role.PLANNING_OFFICER: _("planning officer"),
    Role.PROVINCIAL_DIRECTOR: _("provincial director"),
    Role.BODY_OFFICER: _("officer of a body"),
    Role.PUBLIC_RELATIONS: _("public-relations officer"),
    Role.AUDITOR: _("auditor"),
    Role.ADMINISTRATOR: _("administrator"),
    Role.EXCHANGE_OPERATOR: _("operator of the exchange"),
    Role.SYSTEM_ENGINEER: _("engineer of a body's systems"),
    Role.INQUIRY_OFFICER: _("inquiry officer"),
}

NAME_KIND_WORDS: Mapping[str, Promise] = {
    NameKind.OFFICIAL: _("official name"),
    NameKind.ALIAS: _("alias"),
    NameKind.ABBREVIATION: _("abbreviation"),
    NameKind.FORMER: _("former name"),
}

SUCCESSION_WORDS: Mapping[str, Promise] = {
    SuccessionKind.MERGED: _("merged"),
    SuccessionKind.RENAMED: _("renamed"),
    SuccessionKind.SPLIT: _("split"),
    SuccessionKind.DISSOLVED: _("dissolved"),
}

COMMITTEE_WORDS: Mapping[str, Promise] = {
    CommitteeKind.COUNCIL: _("council of deputies"),
    CommitteeKind.DRAFTING: _("drafting committee"),
    CommitteeKind.PROVINCIAL: _("provincial committee"),
    CommitteeKind.WORKING_GROUP: _("working group"),
    CommitteeKind.OTHER: _("other committee"),
}

CAPACITY_WORDS: Mapping[str, Promise] = {
    Capacity.CHAIR: _("chair"),
    Capacity.SECRETARY: _("secretary"),
    Capacity.MEMBER: _("member"),
    Capacity.OBSERVER: _("observer"),
}

LANGUAGE_WORDS: Mapping[str, Promise] = {
    "fa": _("Persian"),
    "vi": _("Vietnamese"),
    "en": _("English"),
}


def word(words: Mapping[str, Promise], value: str) -> str:
    """Give the word for a value, or the value where none is known."""
    return str(words.get(value, value))
