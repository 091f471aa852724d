terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

variable "agent" {
  type = string
}

module "m" {
  source = "./m"
  count  = 1
  agent  = var.agent
}
