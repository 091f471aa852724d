"""The emitters: one file for each thing that is written or drawn."""
