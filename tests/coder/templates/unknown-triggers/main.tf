terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

variable "stop" {
  type = bool
}

data "coder_workspace" "me" {}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}

resource "coder_script" "a" {
  agent_id     = coder_agent.main.id
  display_name = "a"
  script       = "echo ${path.module}"
  run_on_start = !var.stop
  run_on_stop  = var.stop
}

resource "coder_script" "b" {
  agent_id     = coder_agent.main.id
  display_name = "b"
  script       = "echo ${path.module}"
  run_on_start = true
  depends_on   = [coder_script.a]
}

resource "coder_script" "c" {
  agent_id     = coder_agent.main.id
  display_name = "c"
  script       = "echo ${path.module}"
  run_on_stop  = true
  depends_on   = [coder_script.a]
}
