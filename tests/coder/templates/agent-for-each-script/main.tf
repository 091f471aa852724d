terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

data "coder_workspace" "me" {}
resource "coder_agent" "a" {
  count          = 2
  os             = "linux"
  arch           = "amd64"
  startup_script = "echo ${count.index}"
}

resource "coder_script" "x" {
  display_name = "x"
  script       = "echo ${path.module}"
  run_on_start = true
  count        = 2
  agent_id     = coder_agent.a[count.index].id
}

resource "coder_script" "y" {
  display_name = "y"
  script       = "echo ${path.module}"
  run_on_start = true
  count        = 2
  agent_id     = coder_agent.a[count.index].id
  depends_on   = [coder_script.x]
  # unitc: before = [coder_agent.a.startup_script]
}
