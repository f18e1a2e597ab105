"""Build pages, lists, charts and documents; the room knows no domain (docs/rooms/ui.md)."""
