"""A template's files as Terraform reads them: modules, overrides, addresses, schemas. It stands on values alone."""
