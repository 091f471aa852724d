"""One file for each form in which order is declared."""
