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

variable "on" {
  type = bool
}

resource "coder_script" "x" {
  agent_id     = var.agent
  display_name = "x"
  script       = "echo x"
  run_on_start = var.on
  run_on_stop  = !var.on
}

output "id" {
  value = coder_script.x.id
}
