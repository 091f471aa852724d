terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

variable "agent_id" {
  type        = string
  description = "The ID of a Coder agent."
}

variable "name" {
  type = string
}

resource "coder_script" "tool" {
  agent_id     = var.agent_id
  display_name = var.name
  icon         = "/icon/git.svg"
  script = templatefile("${path.module}/run.sh", {
    NAME = var.name,
  })
  run_on_start       = true
  start_blocks_login = true
}

module "inner" {
  source = "./inner"

  agent_id   = var.agent_id
  name       = "inner-${var.name}"
  depends_on = [coder_script.tool]
}
