terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

variable "up" {
  type = string
}

data "coder_workspace" "me" {}

resource "coder_agent" "main" {
  os              = "linux"
  arch            = "amd64"
  startup_script  = var.up == "" ? null : "echo ${var.up}"
  shutdown_script = "echo down"
}

resource "coder_script" "first" {
  agent_id     = coder_agent.main.id
  display_name = "first"
  script       = "echo ${path.module}"
  run_on_start = true
  # unitc: before_completion = [coder_agent.main.startup_script]
}

resource "coder_script" "last" {
  agent_id     = coder_agent.main.id
  display_name = "last"
  script       = "echo ${path.module}"
  run_on_start = true
  # unitc: depends_on_success = [coder_agent.main.startup_script]
}

resource "coder_script" "stop" {
  agent_id     = coder_agent.main.id
  display_name = "stop"
  script       = "echo ${path.module}"
  run_on_stop  = true
  # unitc: before = [coder_agent.main.shutdown_script]
}
