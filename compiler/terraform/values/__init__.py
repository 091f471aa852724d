"""Terraform's values, types and numbers, their marks and conversions. They know nothing of a template."""
