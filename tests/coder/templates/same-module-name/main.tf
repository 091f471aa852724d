terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

data "coder_workspace" "me" {}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}

module "m" {
  source = "./m"
  count  = 1
  agent  = coder_agent.main.id
  # unitc: depends_on_success = [coder_script.first]
}

resource "coder_script" "first" {
  agent_id     = coder_agent.main.id
  display_name = "first"
  script       = "echo ${path.module}"
  run_on_start = true
}
