# Order that reaches into modules of a registry, which only a compiled copy can wire.
terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

variable "instances" {
  type    = number
  default = 1
}

data "coder_workspace" "me" {}

resource "coder_agent" "main" {
  os              = "linux"
  arch            = "amd64"
  startup_script  = <<-EOT
    echo "begin startup" >>"$HOME/events"
    sleep 0.03
    echo "end startup" >>"$HOME/events"
  EOT
  shutdown_script = <<-EOT
    echo "begin shutdown" >>"$HOME/events"
    echo "end shutdown" >>"$HOME/events"
  EOT

  # unitc: depends_on_success = [module.clone]
}

module "clone" {
  source   = "registry.example.com/coder/tools/coder"
  version  = "~> 1.2"
  count    = data.coder_workspace.me.start_count
  agent_id = coder_agent.main.id
  name     = "clone"
}

module "tools" {
  source  = "registry.example.com/coder/tools/coder" # the same module again
  version = "1.2.3"
  count   = var.instances * data.coder_workspace.me.start_count

  agent_id   = coder_agent.main.id
  name       = "tools-${count.index}"
  depends_on = [module.clone]
}

resource "coder_script" "last" {
  agent_id     = coder_agent.main.id
  display_name = "last"
  script       = <<-EOT
    echo "begin last" >>"$HOME/events"
    echo "end last" >>"$HOME/events"
  EOT
  run_on_start = true

  depends_on = [
    module.tools,
  ]
  # unitc: depends_on_completion = [coder_agent.main.startup_script]
}

resource "coder_script" "down" {
  agent_id     = coder_agent.main.id
  display_name = "down"
  script       = <<-EOT
    echo "begin down" >>"$HOME/events"
    sleep 0.03
    echo "end down" >>"$HOME/events"
  EOT
  run_on_stop  = true

  # unitc: before = [coder_agent.main.shutdown_script]
}
