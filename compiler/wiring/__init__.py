"""How a template is changed so that Terraform hands each ordered script to its agent with the gates before it."""
