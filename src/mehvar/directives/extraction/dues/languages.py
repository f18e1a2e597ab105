"""Choose how the deadlines of a document are read by its language."""

from __future__ import annotations

from mehvar.directives.extraction.dues import english, persian, vietnamese
from mehvar.directives.extraction.dues.reading import DueContext, Language

_LANGUAGES = {"vi": vietnamese.LANGUAGE, "fa": persian.LANGUAGE, "en": english.LANGUAGE}


def language_of(context: DueContext) -> Language:
    """Give how the document's language writes deadlines; English for one that is not known."""
    return _LANGUAGES.get(context.language, english.LANGUAGE)
