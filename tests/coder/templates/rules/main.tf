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
  count        = 2
}

resource "coder_script" "b" {
  agent_id     = coder_agent.main.id
  display_name = "b"
  script       = "echo ${path.module}"
  run_on_start = true
}

resource "coder_script" "c" {
  agent_id     = coder_agent.main.id
  display_name = "c"
  script       = "echo ${path.module}"
  run_on_start = true
}

data "coder_script_order" "one" {
  rule {
    run      = ["coder_script.a[1]"]
    after    = ["coder_script.b"]
    requires = "completion"
  }
}

data "coder_script_order" "counted" {
  count = 1
  rule {
    run   = ["coder_script.c"]
    after = ["coder_script.a"]
  }
}

data "coder_script_order" "keyed" {
  for_each = toset(["x"])
  rule {
    run   = ["module.m"]
    after = ["coder_script.c"]
  }
}

module "m" {
  source = "./m"
  agent  = coder_agent.main.id
}
