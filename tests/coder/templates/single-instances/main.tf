terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

variable "n" {
  type = number
}

variable "keys" {
  type = list(string)
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
  count        = var.n
}

resource "coder_script" "k" {
  agent_id     = coder_agent.main.id
  display_name = "k"
  script       = "echo ${each.key}"
  run_on_start = true
  for_each     = toset(var.keys)
}

module "m" {
  source = "./m"
  count  = var.n
  agent  = coder_agent.main.id
  number = count.index + var.n
}

resource "coder_script" "last" {
  agent_id     = coder_agent.main.id
  display_name = "last"
  script       = "echo ${path.module}"
  run_on_start = true
  depends_on   = [coder_script.c[1], module.m[1]]
}

resource "coder_script" "first" {
  agent_id     = coder_agent.main.id
  display_name = "first"
  script       = "echo ${path.module}"
  run_on_start = true
  # unitc: before = [coder_script.k["a&b"], module.m[0]]
}

resource "coder_script" "ruled" {
  agent_id     = coder_agent.main.id
  display_name = "ruled"
  script       = "echo ${path.module}"
  run_on_start = true
}

data "coder_script_order" "single" {
  rule {
    run      = ["coder_script.ruled"]
    after    = ["coder_script.c[0]", "coder_script.c[2]"]
    requires = "completion"
  }
  rule {
    run   = ["coder_script.c[2]"]
    after = ["coder_script.k[\"a&b\"]"]
  }
}
