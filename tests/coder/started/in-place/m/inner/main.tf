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

variable "body" {
  type = string
}

resource "coder_script" "one" {
  agent_id     = var.agent_id
  display_name = "one-${var.name}"
  script       = replace(replace(var.body, "NAME", "one-${var.name}"), "CODE", "0")
  run_on_start = true
}

resource "coder_script" "two" {
  agent_id     = var.agent_id
  display_name = "two-${var.name}"
  script       = replace(replace(var.body, "NAME", "two-${var.name}"), "CODE", "0")
  run_on_start = true
  depends_on   = [coder_script.one]
}
