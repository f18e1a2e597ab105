"""Give templates the components of the room."""
