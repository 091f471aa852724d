#!/usr/bin/env sh
set -eu
BOLD='\033[0;1m'
NAME="${NAME}"
echo "begin $NAME" >>"$HOME/events"
printf "$${BOLD}%s\n" "$${NAME}"
sleep 0.03
echo "end $NAME" >>"$HOME/events"
