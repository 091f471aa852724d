"""What each command does: one file each, a function from a console and plain arguments to an exit code."""
