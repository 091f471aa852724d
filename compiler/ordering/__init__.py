"""The ways to declare order, one file each, and their resolution to typed edges between units."""
