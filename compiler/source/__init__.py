"""Where a text stands and what is said about it: places, diagnostics, their codes and pages, and the limits."""
