"""Hold what crosses the exchange's door: identifiers, the routing snapshot, errors of the bus, evidence."""
