# Bounds on time, and scripts that must not run at the same time.
terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

variable "patience" {
  type    = number
  default = 1
}

data "coder_workspace" "me" {}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}

resource "coder_script" "slow" {
  agent_id     = coder_agent.main.id
  display_name = "slow"
  script       = <<-EOT
    echo "begin slow" >>"$HOME/events"
    sleep 1000
    echo "end slow" >>"$HOME/events"
  EOT
  run_on_start = true
  timeout      = var.patience
}

resource "coder_script" "after_slow" {
  agent_id     = coder_agent.main.id
  display_name = "after_slow"
  script       = "echo begin after_slow >>$HOME/events"
  run_on_start = true
  depends_on   = [coder_script.slow]
}

# It runs until somebody has given up waiting for it.
resource "coder_script" "blocker" {
  agent_id     = coder_agent.main.id
  display_name = "blocker"
  script       = <<-EOT
    echo "begin blocker" >>"$HOME/events"
    until grep -q "begin relay" "$HOME/events"; do sleep 0.02; done
    echo "end blocker" >>"$HOME/events"
  EOT
  run_on_start = true
}

resource "coder_script" "impatient" {
  agent_id     = coder_agent.main.id
  display_name = "impatient"
  script       = "echo begin impatient >>$HOME/events"
  run_on_start = true
  depends_on   = [coder_script.blocker]

  # unitc: gate_timeout = 1
}

resource "coder_script" "relay" {
  agent_id     = coder_agent.main.id
  display_name = "relay"
  script       = "echo begin relay >>$HOME/events"
  run_on_start = true

  # unitc: depends_on_completion = [coder_script.impatient]
}

resource "coder_script" "apt" {
  count = 4

  agent_id     = coder_agent.main.id
  display_name = "apt-${count.index}"
  script       = <<-EOT
    mkdir "$HOME/lock" || echo "overlap" >>"$HOME/events"
    sleep 0.05
    rmdir "$HOME/lock"
  EOT
  run_on_start = true

  # unitc: mutex = "apt get"
}
