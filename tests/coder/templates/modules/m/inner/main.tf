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

resource "coder_script" "z" {
  display_name = "z"
  script       = "echo ${count.index}"
  run_on_start = true
  count        = 2
  agent_id     = var.agent
}

resource "coder_script" "end" {
  display_name = "end"
  script       = "echo ${path.module}"
  run_on_start = true
  agent_id     = var.agent
  depends_on   = [coder_script.z]
}
