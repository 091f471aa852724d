"""The declarations of order: units, claims about them, and their resolution to typed edges."""
