"""Hold what every room stands on: time, text, identifiers, life cycles, errors. Plain Python, no Django."""
