"""What is checked besides order: one file for each family of checks, each a pure function over what a template says."""
