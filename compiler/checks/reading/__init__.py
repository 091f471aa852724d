"""How checks read scripts: bodies with their surroundings, files, endings, and the places of findings."""
