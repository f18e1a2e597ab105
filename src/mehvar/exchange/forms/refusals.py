"""Say a refusal in the reader's language, beside the field it concerns: what `mehvar.ui.refusals` offers."""

from mehvar.ui.refusals import done, said

__all__ = ["done", "said"]
