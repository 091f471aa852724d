terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

variable "on" {
  type = bool
}

data "coder_workspace" "me" {}

resource "coder_agent" "main" {
  os             = "linux"
  arch           = "amd64"
  startup_script = "echo up"

  # The module takes this agent's id, so the agent can't wait for all of the module.
  # unitc: depends_on_success = [module.m]
}

module "m" {
  source = "./m"
  count  = var.on ? data.coder_workspace.me.start_count : 0
  agent  = coder_agent.main.id
  on     = var.on
}
