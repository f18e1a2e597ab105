"""Define the lists of the room."""
