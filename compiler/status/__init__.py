"""The table of outcomes as a reactive tracker, and a simulation on top of it."""
