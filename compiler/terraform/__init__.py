"""What a template is to Terraform: folders, overrides, variables, modules, expressions, instances."""
