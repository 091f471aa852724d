# coder_agent.main.startup_script (main.tf:1)
coder exp sync start coder_agent.main.startup_script || exit 1
trap 'coder exp sync complete coder_agent.main.startup_script' EXIT

# coder_script.build "Build" (main.tf:13)
coder exp sync want coder_script.build 'coder_script.clone["$${x}"]' 'coder_script.clone["a b"]' 'coder_script.clone["c'"'"'d\n"]' coder_script.lint
coder exp sync start --timeout 24h coder_script.build || exit 1
trap 'coder exp sync complete coder_script.build' EXIT
trap 'exit 129' HUP

# coder_script.clone["$${x}"] "Clone" (main.tf:6)
coder exp sync start 'coder_script.clone["$${x}"]' || exit 1
trap 'coder exp sync complete '"'"'coder_script.clone["$${x}"]'"'"'' EXIT

# coder_script.clone["a b"] "Clone" (main.tf:6)
coder exp sync start 'coder_script.clone["a b"]' || exit 1
trap 'coder exp sync complete '"'"'coder_script.clone["a b"]'"'"'' EXIT

# coder_script.clone["c'd\n"] "Clone" (main.tf:6)
coder exp sync start 'coder_script.clone["c'"'"'d\n"]' || exit 1
trap 'coder exp sync complete '"'"'coder_script.clone["c'"'"'"'"'"'"'"'"'d\n"]'"'"'' EXIT

# coder_script.lint "Lint" (main.tf:21)
coder exp sync want coder_script.lint coder_agent.main.startup_script
coder exp sync start --timeout 24h coder_script.lint || exit 1
trap 'coder exp sync complete coder_script.lint' EXIT
