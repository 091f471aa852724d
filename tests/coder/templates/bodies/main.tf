terraform {
  required_providers {
    coder = {
      source = "coder/coder"
    }
  }
}

variable "secret" {
  type      = string
  sensitive = true
}

variable "limit" {
  type    = number
  default = null
}

variable "bodies" {
  type = map(string)
}

data "coder_workspace" "me" {}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}

resource "coder_script" "secret" {
  agent_id     = coder_agent.main.id
  display_name = "secret"
  script       = var.secret
  run_on_start = true
  timeout      = var.limit
}

resource "coder_script" "keyed" {
  for_each = var.bodies

  agent_id     = coder_agent.main.id
  display_name = each.key
  script       = each.value
  run_on_start = true
  timeout      = length(each.value) + 1
}

resource "coder_script" "heredoc" {
  agent_id     = coder_agent.main.id
  display_name = "heredoc"
  script       = <<-EOT
    #!/usr/bin/env bash
    # ] ) } " ' ` \ $${HOME} %%{x}
    cat <<'EOF'
      ${var.limit == null ? "none" : var.limit}
    EOF
    %{if var.limit == null}
    echo unlimited
    %{else}
    echo limited
    %{endif~}
  EOT
  run_on_start = true
}

resource "coder_script" "choice" {
  agent_id     = coder_agent.main.id
  display_name = "choice"
  script       = var.limit == null ? "true" : <<EOT
echo ${var.limit}
EOT
  run_on_start = true
}

resource "coder_script" "spread" {
  count = 2

  agent_id     = coder_agent.main.id
  display_name = "spread"
  script = join("\n", [
    "echo ${count.index}", # the first line
    <<-EOT
      echo "${data.coder_workspace.me.name}"
    EOT
    ,
    "exit 0",
  ])
  run_on_start = true
  timeout      = 10 + count.index
}

resource "coder_script" "last" {
  agent_id     = coder_agent.main.id
  display_name = "last"
  script       = "printf 'no newline at the end'"
  run_on_start = true
  depends_on = [
    coder_script.secret,
    coder_script.keyed,
    coder_script.heredoc,
    coder_script.choice,
    coder_script.spread,
  ]
}
