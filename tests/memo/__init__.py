"""Tests of kept answers: what holds is given again, and what doesn't never is."""
