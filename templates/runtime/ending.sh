# Ending: signals that reach this shell, and the one way out of it from wherever it stands.
#
# shellcheck shell=sh disable=SC2154
# Variables are shared with the other parts.

# Signal $1, written NAME:NUMBER: the first goes on to the body, which is killed 10 s later, or at once on a second one.
u_signaled() {
	u_signals=$((u_signals + 1))
	if [ -n "$u_signal" ]; then
		[ -z "$u_body" ] || u_kill KILL "$u_body"
		return
	fi
	u_signal=${1%:*} u_number=${1#*:}
	if [ -n "$u_begun" ]; then
		u_cancel
	elif [ -n "$u_watch" ]; then
		echo signal >&3
	fi
}

# Tells a body that is about to begin that it is over.
u_call_off() {
	{ command : >"$u_dir/signaled.$u_mine"; } 2>&9
}

u_cancel() {
	u_call_off
	u_end "$u_timer"
	[ -z "$u_prober" ] || u_end_probe
	u_alarm 0 "$u_signal" &
	u_timer=$!
}

# Publishes how the unit of this shell ended.
u_settle() {
	[ -n "$u_claimed" ] || return 0
	u_claimed=''
	u_event "$u_spelled" "$u_outcome" "$u_status"
	# One that had nothing to do counts as having run.
	[ "$u_outcome$u_status" != succeeded- ] || u_publish "$u_n" running
	u_insist "$u_outcome" || u_full "$u_out" u_say
}

# Publishes outcome $1. Where there are no more files to be had, the notes of bodies make room for one, or else the note
# of the owner or of one who waits becomes the outcome.
u_insist() {
	! u_publish "$u_n" "$1" || return 0
	set +f
	rm -f "$u_n".body.* "$u_n".helper.*
	for u_y in "$u_n.owner.$u_mine" "$u_n".waiter.*; do
		if mv "$u_y" "$u_n.$1" 2>&9; then
			u_wake "$u_n"
			u_rouse "${u_y##*.}"
			return
		fi
	done
	u_code=125
}

# Leaves this shell, wherever it stands: publishes, and removes all that it made for itself.
u_leave() {
	trap '' EXIT HUP INT TERM
	[ -n "$u_explained" ] || u_remark " failed: its shell could not go on."
	[ -z "$u_body" ] || u_kill KILL "$u_body"
	[ -z "$u_prober" ] || u_end_probe
	[ -z "$u_OPTIONAL" ] || u_excuse
	u_settle
	[ -z "$u_held" ] || u_release
	u_end "$u_timer"
	if [ -n "$u_watch" ]; then
		echo over >&4
		wait "$u_watch"
	fi
	set -- ${u_fifo:+"$u_fifo" "$u_fifo.life"} ${u_bell:+"$u_bell"} ${u_signal:+"$u_dir/signaled.$u_mine"}
	for u_x in $u_joined; do set -- "$@" "$u_session/$u_x.waiter.$$"; done
	[ $# -eq 0 ] || rm -f "$@"
	exit "$u_code"
}

# Leaves in u_r outcome $1 as people write it, with was before it where $2 is a sentence that needs that.
u_word() {
	u_r=$1
	case $1 in
	timed_out) u_r='timed out' ;;
	skipped | canceled) u_r=${2+was }$1 ;;
	esac
}

# Ends this shell without having run its body, as outcome $1 with exit code $2, for reason $3.
u_pass() {
	u_word "$1"
	u_remark " $u_r: $3"
	u_explained=1
	u_outcome=$1 u_code=$2
	exit
}

# Ends this shell as canceled where a signal has come.
u_heed() {
	[ -z "$u_signal" ] || u_pass canceled $((128 + u_number)) "it was sent SIG$u_signal."
}
