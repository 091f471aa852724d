# Scripts that run on several occasions, known and unknown, of which orders concern some.
terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

variable "start" {
  type = bool
}

variable "stop" {
  type = map(bool)
}

variable "schedule" {
  type = string
}

data "coder_workspace" "me" {}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}

resource "coder_script" "first" {
  agent_id           = coder_agent.main.id
  display_name       = "first"
  script             = "echo first"
  run_on_start       = true
  run_on_stop        = true
  cron               = "0 0 6 * * *"
  timeout            = 20
  start_blocks_login = true
}

# The name that the wiring would give to a further block of the one above.
resource "coder_script" "unitc_first_stop" {
  agent_id     = coder_agent.main.id
  display_name = "taken"
  script       = "echo taken"
  run_on_start = true
}

resource "coder_script" "keyed" {
  for_each = var.stop

  agent_id     = coder_agent.main.id
  display_name = each.key
  script       = "echo ${each.key}"
  run_on_start = true
  run_on_stop  = each.value
  depends_on   = [coder_script.first]

  lifecycle {
    create_before_destroy = true
  }
}

resource "coder_script" "unknown" {
  count = 2

  agent_id     = coder_agent.main.id
  display_name = "unknown ${count.index}"
  script       = <<-EOT
    echo ${count.index}
  EOT
  run_on_start = var.start
  run_on_stop  = true
  cron         = var.schedule
  depends_on   = [coder_script.first]
}

resource "coder_script" "on_stop" {
  agent_id     = coder_agent.main.id
  display_name = "on_stop"
  script       = "echo on_stop"
  cron         = "0 0 7 * * *"
  run_on_stop  = true
  timeout      = 9
  depends_on   = [coder_script.first]
}
