terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

variable "agent_id" {
  type = string
}

variable "name" {
  type = string
}

resource "coder_script" "inner" {
  agent_id     = var.agent_id
  display_name = var.name
  script       = <<-EOT
    echo "begin ${var.name}" >>"$HOME/events"
    sleep 0.03
    echo "end ${var.name}" >>"$HOME/events"
  EOT
  run_on_start = true
}
