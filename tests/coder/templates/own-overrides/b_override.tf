resource "coder_script" "b" {
  timeout = 6
}
