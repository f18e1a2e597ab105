"""Match written names to the register of bodies.

``BodyRegister`` answers what a name means on a day; ``read_bodies`` reads a whole list of names.
"""

from mehvar.organisations.rules.matching.cells import read_bodies
from mehvar.organisations.rules.matching.mentions import BodyList, BodyMention, Doubt
from mehvar.organisations.rules.matching.register import BodyRegister, Form, Hit

__all__ = ["BodyList", "BodyMention", "BodyRegister", "Doubt", "Form", "Hit", "read_bodies"]
