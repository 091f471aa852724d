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

resource "coder_script" "x" {
  display_name = "x"
  script       = "echo ${path.module}"
  run_on_start = true
  agent_id     = var.agent
}
