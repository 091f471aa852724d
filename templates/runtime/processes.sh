# Processes beside this shell: the helpers that sleep for it, and how all that a body started is ended.
#
# shellcheck shell=sh disable=SC2046,SC2086,SC2154
# Lists of numbers are split on purpose, and variables are shared with the other parts.

# Lists the processes that process $1 has started, that these have started, and so on, and process $1 at last.
u_tree() {
	ps -A -o pid= -o ppid= | awk -v top="$1" '
      {parent[$1]=$2}
      END{
        for(p in parent){
          for(q=p;q>1&&q!=top;q=parent[q]);
          if(q==top&&p!=top)print p
        }
        print top
      }'
}

# Sends signal $1 to the body whose first process is $2, and to all that it started. No other number than that of a
# process may ever come here: -1 stands for every process that there is.
u_kill() {
	[ "${2:-0}" -gt 1 ] || return 1
	if [ -n "$u_own" ]; then
		kill "-$1" "-$2" 2>&9 || kill "-$1" "$2" 2>&9
	else
		# One command, and the first process last: once that has ended, the one who is to end it may be ended itself.
		kill "-$1" $(u_tree "$2") 2>&9
	fi
}

# Makes a background process a helper, which holds nothing open and hears no signal: u_end ends it, and so does what
# settles the unit of its shell.
u_assist() {
	trap '' HUP INT TERM
	[ -z "$u_claimed" ] || { u_self && u_make "$u_n.helper.$u_r"; }
	exec <&9 >&9 2>&9 4>&- 6>&- 7>&- 8>&-
}

# In a helper: sleeps $1 seconds. It ends where this shell has died meanwhile.
u_nap() {
	sleep "$1"
	u_alive "$u_mine" || exit
}

# Kills process $1 and those that it has started, with their groups. The caller of this shell may have blocked or ignored
# any signal but two. A process that stands still starts nothing more, so none of them is missed; another process may
# let it go on meanwhile.
u_fell() {
	while kill -STOP "$1" && u_stat "$1"; do
		case $u_state in [Tt]*)
			u_x=''
			if [ -e "/proc/$$/task/$$/children" ]; then
				read -r u_x <"/proc/$1/task/$1/children"
			else
				u_x=$(u_tree "$1")
			fi
			for u_y in $u_x "$1"; do u_kill KILL "$u_y"; done
			return
			;;
		esac
	done 2>&9
}

# Ends process $1, if there is one, and those that it has started. What stands still when this shell is killed would do so
# for ever, and may hold its lifeline, so its sentinel is told before and does the same.
u_end() {
	[ -n "$1" ] || return 0
	[ -z "$u_watch" ] || ! u_stat "$1" || echo "$1.$u_birth" >&4
	u_fell "$1"
	{
		wait "$1"
		# In a copy of zsh what stood still would count as a job of its own that is suspended, until it has told of it.
		${ZSH_VERSION+jobs}
	} >&9 2>&9
}

# Runs in the background: posts a tick and its time every $1 seconds, or every 4, and a word when it can't go on.
u_ticker() {
	u_assist
	trap 'echo gone >&3' EXIT
	while :; do
		u_nap "${1:-4}"
		u_now
		echo "tick $u_up" >&3
	done
}

# Runs in the background: after $1 seconds it tells this shell, sends the body signal $2, and SIGKILL 10 s later.
u_alarm() {
	u_assist
	u_nap "$1"
	# A body that has only just begun ignores SIGINT in some shells, see u_init.
	u_stat "$u_body"
	[ "$2$((u_ignored & 2))" != INT2 ] || u_nap 1
	[ "$2" != HUP ] || echo rang >&3
	u_kill "$2" "$u_body"
	u_nap 10
	u_kill KILL "$u_body"
}
