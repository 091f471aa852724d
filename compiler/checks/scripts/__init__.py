"""Checks of what scripts' bodies say, and how those are read: one file for each family, as in the folder above."""
