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

resource "coder_script" "c" {
  agent_id     = coder_agent.main.id
  display_name = "c"
  script       = "echo ${count.index}"
  run_on_start = true
  count        = 3
}

resource "coder_script" "k" {
  agent_id     = coder_agent.main.id
  display_name = "k"
  script       = "echo ${each.key}${each.value}"
  run_on_start = true
  for_each     = { "a&b" = 1, "q\"" = 2, "$${x}" = 3 }
}

resource "coder_script" "last" {
  agent_id     = coder_agent.main.id
  display_name = "last"
  script       = "echo ${path.module}"
  run_on_start = true
  depends_on   = [coder_script.c, coder_script.k]
}

resource "coder_script" "one" {
  agent_id     = coder_agent.main.id
  display_name = "one"
  script       = "echo ${path.module}"
  run_on_start = true
  depends_on   = [coder_script.c[1]]
}

resource "coder_script" "first" {
  agent_id     = coder_agent.main.id
  display_name = "first"
  script       = "echo ${path.module}"
  run_on_start = true
  # unitc: before = [coder_script.c[0], coder_script.k["a&b"]]
}
