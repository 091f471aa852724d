# Every kind of ordered script at once. A body says by its display name when it begins and ends; prerequisites are
# slow, so that a start without order breaks it.
terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

variable "keys" {
  type = list(string)
}

data "coder_workspace" "me" {}

locals {
  failing = "fails"
  body    = <<-EOT
    echo "begin NAME" >>"$HOME/events"
    env >"$HOME/env.NAME"
    sleep 0.03
    echo "end NAME" >>"$HOME/events"
    exit CODE
  EOT
}

resource "coder_agent" "main" {
  os              = "linux"
  arch            = "amd64"
  startup_script  = replace(replace(local.body, "NAME", "startup"), "CODE", "0")
  shutdown_script = replace(replace(local.body, "NAME", "shutdown"), "CODE", "0")

  # unitc: depends_on_success = [coder_script.clone]
}

resource "coder_agent" "other" {
  os   = "linux"
  arch = "amd64"
}

resource "coder_script" "clone" {
  agent_id     = coder_agent.main.id
  display_name = "clone"
  script       = templatefile("${path.module}/body.sh.tftpl", { name = "clone", words = ["a b", "é"] })
  run_on_start = true

  # The agent's scripts wait for this one where they run in the same phase.
  # unitc: before = [coder_script.count, coder_script.up_and_down]
}

resource "coder_script" "count" {
  count = 2

  agent_id     = coder_agent.main.id
  display_name = "count-${count.index}"
  script       = "#!/usr/bin/env bash\n${replace(replace(local.body, "NAME", "count-${count.index}"), "CODE", "0")}"
  run_on_start = true
}

resource "coder_script" "keyed" {
  for_each = toset(var.keys)

  agent_id     = coder_agent.main.id
  display_name = "keyed-${md5(each.key)}"
  script       = replace(replace(local.body, "NAME", "keyed-${md5(each.key)}"), "CODE", "0")
  run_on_start = true
  depends_on   = [coder_script.count]
}

module "m" {
  source = "./m"
  count  = data.coder_workspace.me.start_count

  agent_id   = coder_agent.main.id
  body       = local.body
  depends_on = [coder_script.keyed]
}

resource "coder_script" "fails" {
  agent_id     = coder_agent.main.id
  display_name = "fails"
  script       = <<-EOT
    echo "begin ${local.failing}" >>"$HOME/events"
    env >"$HOME/env.${local.failing}"
    sleep 0.03
    cat >>"$HOME/events" <<'END'
    end ${local.failing}
    END
    exit 7
  EOT
  run_on_start = true
  depends_on   = [coder_agent.main, module.m]
}

resource "coder_script" "skipped" {
  agent_id     = coder_agent.main.id
  display_name = "skipped"
  script       = replace(replace(local.body, "NAME", "skipped"), "CODE", "0")
  run_on_start = true
  depends_on   = [coder_script.fails]
}

resource "coder_script" "after_all" {
  agent_id     = coder_agent.main.id
  display_name = "after_all"
  script       = replace(replace(local.body, "NAME", "after_all"), "CODE", "0")
  run_on_start = true

  # unitc: depends_on_completion = [coder_script.skipped]
}

# It ends only when the script has run that waits for its start.
resource "coder_script" "server" {
  agent_id     = coder_agent.main.id
  display_name = "server"
  script       = <<-EOT
    echo "begin server" >>"$HOME/events"
    until grep -q "end client" "$HOME/events"; do sleep 0.01; done
    echo "end server" >>"$HOME/events"
  EOT
  run_on_start = true
}

resource "coder_script" "client" {
  agent_id     = coder_agent.main.id
  display_name = "client"
  script       = replace(replace(local.body, "NAME", "client"), "CODE", "0")
  run_on_start = true

  # unitc: depends_on_start = [coder_script.server]
}

resource "coder_script" "up_and_down" {
  agent_id     = coder_agent.main.id
  display_name = "up_and_down"
  script       = replace(replace(local.body, "NAME", "up_and_down"), "CODE", "0")
  run_on_start = true
  run_on_stop  = true
}

resource "coder_script" "down" {
  agent_id     = coder_agent.main.id
  display_name = "down"
  script       = replace(replace(local.body, "NAME", "down"), "CODE", "0")
  run_on_stop  = true

  # unitc: depends_on_success = [coder_agent.main.shutdown_script]
  # unitc: before = [coder_script.up_and_down]
}

resource "coder_devcontainer" "project" {
  agent_id         = coder_agent.main.id
  workspace_folder = "/workspaces/project"
}

resource "coder_script" "contained" {
  count = 2

  agent_id     = coder_devcontainer.project.subagent_id
  display_name = "contained-${count.index}"
  script       = replace(replace(local.body, "NAME", "contained-${count.index}"), "CODE", "0")
  run_on_start = true
}

resource "coder_script" "in_container" {
  agent_id     = coder_devcontainer.project.subagent_id
  display_name = "in_container"
  script       = replace(replace(local.body, "NAME", "in_container"), "CODE", "0")
  run_on_start = true
  depends_on   = [coder_script.contained]
}

resource "coder_script" "other_first" {
  agent_id     = coder_agent.other.id
  display_name = "other_first"
  script       = replace(replace(local.body, "NAME", "other_first"), "CODE", "0")
  run_on_start = true
}

resource "coder_script" "other_last" {
  agent_id     = coder_agent.other.id
  display_name = "other_last"
  script       = replace(replace(local.body, "NAME", "other_last"), "CODE", "0")
  run_on_start = true
}

data "coder_script_order" "other" {
  rule {
    run   = ["coder_script.other_last"]
    after = ["coder_script.other_first"]
  }
}
