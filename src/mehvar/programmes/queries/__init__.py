"""Read programmes: bounded numbers of queries, permission inside the query."""
