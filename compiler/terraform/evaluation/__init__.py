"""Expressions to values: it asks functions and configuration, and knows nothing of where names come from."""
