terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

variable "n" {
  type = number
}

data "coder_workspace" "me" {}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}

module "m" {
  source = "./m"
  count  = var.n
  agent  = coder_agent.main.id
}

resource "coder_script" "other" {
  agent_id     = coder_agent.main.id
  display_name = "other"
  script       = "echo ${path.module}"
  run_on_start = true
}
