"""Check what people type into the pages of programmes."""
