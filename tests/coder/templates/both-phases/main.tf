terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

data "coder_workspace" "me" {}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}

resource "coder_script" "up" {
  agent_id     = coder_agent.main.id
  display_name = "up"
  script       = "echo ${path.module}"
  run_on_start = true
}

resource "coder_script" "down" {
  agent_id     = coder_agent.main.id
  display_name = "down"
  script       = "echo ${path.module}"
  run_on_stop  = true
}

resource "coder_script" "both" {
  agent_id     = coder_agent.main.id
  display_name = "both"
  script       = "echo ${path.module}"
  run_on_start = true
  run_on_stop  = true
  depends_on   = [coder_script.up, coder_script.down]
}

resource "coder_script" "last" {
  agent_id     = coder_agent.main.id
  display_name = "last"
  script       = "echo ${path.module}"
  run_on_start = true
  run_on_stop  = true
  depends_on   = [coder_script.both]
}
