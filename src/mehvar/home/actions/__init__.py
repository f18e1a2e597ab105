"""Keep the search index after the record, and people's calendar feeds."""
