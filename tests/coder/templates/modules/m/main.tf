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

variable "keys" {
  type = list(string)
}

variable "on" {
  type = bool
}

resource "coder_script" "a" {
  display_name = "a"
  script       = "echo ${path.module}"
  agent_id     = var.agent
  run_on_start = var.on
  run_on_stop  = !var.on
}

resource "coder_script" "b" {
  display_name = "b"
  script       = "echo ${path.module}"
  run_on_start = true
  agent_id     = var.agent
  depends_on   = [coder_script.a]
}

module "inner" {
  source     = "./inner"
  for_each   = toset(var.keys)
  agent      = var.agent
  depends_on = [coder_script.b]
}
