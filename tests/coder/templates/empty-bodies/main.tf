terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

variable "custom" {
  type    = string
  default = ""
}

data "coder_workspace" "me" {}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}

resource "coder_script" "never" {
  agent_id     = coder_agent.main.id
  display_name = "never"
  script       = ""
  run_on_start = true
}

resource "coder_script" "some" {
  count = 3

  agent_id     = coder_agent.main.id
  display_name = "some"
  script       = count.index == 1 ? "" : "echo ${count.index}"
  run_on_start = true
}

resource "coder_script" "custom" {
  agent_id     = coder_agent.main.id
  display_name = "custom"
  script       = var.custom
  run_on_start = true
  depends_on   = [coder_script.never]
}

resource "coder_script" "last" {
  agent_id     = coder_agent.main.id
  display_name = "last"
  script       = "echo ${path.module}"
  run_on_start = true
  depends_on   = [coder_script.never, coder_script.some, coder_script.custom]
}
