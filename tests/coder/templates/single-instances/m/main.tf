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

variable "number" {
  type = number
}

resource "coder_script" "x" {
  agent_id     = var.agent
  display_name = "x"
  script       = "echo ${count.index}"
  run_on_start = true
  count        = var.number
}

resource "coder_script" "y" {
  agent_id     = var.agent
  display_name = "y"
  script       = "echo y"
  run_on_start = true
}
