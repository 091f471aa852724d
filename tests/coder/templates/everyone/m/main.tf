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

resource "coder_script" "head" {
  display_name = "head"
  script       = "echo ${path.module}"
  run_on_start = true
  agent_id     = var.agent
  # unitc: before = all
}

resource "coder_script" "tail" {
  display_name = "tail"
  script       = "echo ${path.module}"
  run_on_start = true
  agent_id     = var.agent
}
