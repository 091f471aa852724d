"""What the names in a template stand for: variables, locals, resources, modules and their instances."""
