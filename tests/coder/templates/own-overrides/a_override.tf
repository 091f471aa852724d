resource "coder_script" "b" {
  script  = "echo overridden"
  timeout = 5
}
