# Off: zz_unitc.tf says what these rules say.
data "coder_script_order" "more" {
  for_each = toset([])
}

# Off: zz_unitc.tf says what these rules say.
data "coder_script_order" "unitc" {
  count = 0
}
