"""What several commands need: the console, the templates on disk, arguments, reports."""
