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

variable "body" {
  type = string
}

resource "coder_script" "first" {
  agent_id     = var.agent_id
  display_name = "m-first"
  script       = replace(replace(var.body, "NAME", "m-first"), "CODE", "0")
  run_on_start = true
}

module "inner" {
  source   = "./inner"
  for_each = { "a b" = "x", "$${c}" = "y" }

  agent_id   = var.agent_id
  name       = each.value
  body       = var.body
  depends_on = [coder_script.first]
}
