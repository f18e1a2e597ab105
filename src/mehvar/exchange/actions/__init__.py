"""Change the exchange: one function for each thing that a person does."""
