"""The commands, one file each: declared as typer has it, and done, from the console to an exit code."""
