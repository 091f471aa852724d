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

variable "on" {
  type = bool
}

data "coder_workspace" "me" {}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}

resource "coder_script" "first" {
  agent_id     = coder_agent.main.id
  display_name = "first"
  script       = "echo ${path.module}"
  run_on_start = true
}

module "single" {
  source = "./m"
  agent  = coder_agent.main.id
  keys   = var.keys
  on     = var.on
  # unitc: depends_on_success = [coder_script.first]
}

module "counted" {
  source     = "./m"
  agent      = coder_agent.main.id
  count      = var.n * data.coder_workspace.me.start_count
  keys       = []
  on         = var.on
  depends_on = [module.single]
}

module "keyed" {
  source     = "./m"
  agent      = coder_agent.main.id
  for_each   = toset(var.keys)
  keys       = [each.key]
  on         = true
  depends_on = [module.single]
}

module "fixed" {
  source = "./m"
  agent  = coder_agent.main.id
  count  = 2
  keys   = ["k"]
  on     = true
}

resource "coder_script" "last" {
  agent_id     = coder_agent.main.id
  display_name = "last"
  script       = "echo ${path.module}"
  run_on_start = true
  depends_on   = [module.counted, module.keyed]
  # unitc: depends_on_completion = [module.fixed[1]]
}
