"""Let agencies ask one another, with every question authorised, signed and provable."""
