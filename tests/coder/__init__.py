"""Stand-ins for what surrounds a compiled template: the coder provider, a run of Terraform, and a workspace agent."""
