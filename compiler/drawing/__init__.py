"""The graph as text: one file for each format."""
