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

resource "coder_script" "a" {
  agent_id     = coder_agent.main.id
  display_name = "a"
  script       = "echo ${path.module}"
  run_on_start = true
}

resource "coder_script" "b" {
  agent_id     = coder_agent.main.id
  display_name = "b"
  script       = "echo ${path.module}"
  run_on_start = true
  depends_on   = [coder_script.a]
}

resource "coder_script" "c" {
  agent_id     = coder_agent.main.id
  display_name = "c"
  script       = "echo ${path.module}"
  run_on_start = true
  # unitc: depends_on_completion = [coder_script.a]
}

resource "coder_script" "d" {
  agent_id     = coder_agent.main.id
  display_name = "d"
  script       = "echo ${path.module}"
  run_on_start = true
  # unitc: depends_on_start = [coder_script.b]
}

resource "coder_script" "alone" {
  agent_id     = coder_agent.main.id
  display_name = "alone"
  script       = "echo ${path.module}"
  run_on_start = true
}
