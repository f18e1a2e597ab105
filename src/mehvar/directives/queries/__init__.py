"""Read directives: bounded numbers of queries, permission inside the query."""
