# The order of this template, as rules that Coder reads.
# Modules have theirs in a file of their own:
#   tool/zz_unitc.tf

data "coder_script_order" "unitc_2" {
  # "Test" waits for "Build", "Clone" and "Lint"[1] to succeed.
  rule {
    run      = ["coder_script.test"]
    after    = ["coder_script.build", "coder_script.clone", "coder_script.lint[1]"]
    requires = "success"
    phase    = "start"
  }

  # "Build" and all scripts of module.tool wait for "Clone" to succeed.
  rule {
    run      = ["coder_script.build", "module.tool"]
    after    = ["coder_script.clone"]
    requires = "success"
    phase    = "start"
  }

  # "Build" and "Lint" wait for all scripts of module.tool to end.
  rule {
    run      = ["coder_script.build", "coder_script.lint"]
    after    = ["module.tool"]
    requires = "completion"
    phase    = "start"
  }
}
