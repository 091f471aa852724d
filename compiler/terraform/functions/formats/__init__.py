"""The text formats behind Terraform's functions, each a file that knows nothing of the language."""
