"""Walk the whole main job on a demonstration ministry, with the actions that people use.

Nothing is canned: documents are read by the extraction engine, and every step goes through the room's own action with its permission,
guard and ledger entry. People are offices; nobody is invented.
"""

from mehvar.config.demonstration.walk import Walk, is_prepared, prepare

__all__ = ["Walk", "is_prepared", "prepare"]
