data "coder_script_order" "unitc" {
  # "Install" waits for "Fetch" to succeed.
  rule {
    run      = ["coder_script.install"]
    after    = ["coder_script.fetch"]
    requires = "success"
    phase    = "start"
  }
}
