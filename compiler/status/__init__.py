"""What becomes of units: the table of outcomes as a reactive tracker, and what is made of it: schedules and logs."""
