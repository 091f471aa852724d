# Gate mode: one script that something else starts, and that waits for others through shared state.
#
# shellcheck shell=sh disable=SC2016,SC2034,SC2086,SC2154,SC3045
# A text for another shell has dollars of its own, variables are shared with the other parts, lists are split on
# purpose, and bash alone is asked what only bash knows.

# Notes this process, a body or what watches over one, while it still holds the lifeline, so that what settles the
# unit, or takes one of its mutexes, finds it. Where that has happened already it came too late, and ends.
u_note() {
	trap - EXIT
	u_self
	u_make "$u_n.body.$u_r" || u_full "$u_out"
	[ ! -e "$u_n.buried.1" ] || exit
	[ -z "$u_held" ] || u_note_mutexes
}

# Runs the text u_text, or the command in the arguments, and leaves in u_status how that ended. u_begins is empty where
# that isn't the body, and where it is, first or again.
u_attempt() {
	# It gets the standard input of this shell; a background process would get none.
	{
		exec <&7
		[ -z "$u_claimed" ] || u_note
		u_become "$@"
	} &
	u_body=$!
	if [ "$u_begins$u_claimed" = first1 ]; then
		u_begins=again
		u_event "$u_spelled" running -
		u_publish "$u_n" running
	fi
	# The ticker of the waiting ends only now, since the body needn't wait for that.
	u_end "$u_timer"
	u_timer='' u_rang=''
	[ -z "$u_PROBE$u_NOTIFY" ] || u_watch_over
	[ -z "$u_TIMEOUT" ] || u_limit
	# One command, so that a signal comes either before it or after it.
	u_begun=1 u_x=$u_signal
	case $u_x in '') wait "$u_body" ;; *) u_cancel ;; esac 2>&9
	u_status=$?
	# A signal makes wait return early, and a shell may have forgotten a body that it told of before.
	while [ "$u_signals" -ne "$u_heard" ]; do
		u_heard=$u_signals
		# Bash misses an end that comes just with a signal, and would wait for ever for what is gone.
		if case ${BASH_VERSION+$(jobs -pr)} in *"$u_body"*) kill -0 "$u_body" 2>&9 ;; esac then
			{ wait "$u_body"; } 2>&9
			u_x=$?
			[ "$u_x" -eq 127 ] || u_status=$u_x
		fi
	done
	u_ended=$u_body u_body='' u_begun=''
	u_end "$u_timer"
	u_timer=''
	[ -z "$u_prober" ] || u_end_probe
	[ -z "$u_TIMEOUT$u_RETRIES" ] || u_drain
}

# What a unit does that says nothing of itself. The parts which other units need define these anew.
u_listen() { :; }
u_offer() { :; }
u_prune() { :; }
u_tell_time() { :; }
u_tell_cause() { :; }
u_attempts() {
	u_begins=first
	u_attempt "$@"
}

# Runs the body, or the command in the arguments, and learns how that ended.
u_run() {
	u_attempts "$@"
	u_explained=1 u_code=$u_status u_outcome=failed
	[ -n "$u_begins" ] || u_status=-
	if [ -n "$u_signal" ]; then
		u_outcome=canceled u_code=$((128 + u_number))
	elif [ -n "$u_rang" ]; then
		u_overrun
	else
		[ "$u_code" -ne 0 ] || u_outcome=succeeded
		return
	fi
	u_settle
	# What the body started may need a moment more.
	for u_x in 1 1; do
		kill -0 "-$u_ended" 2>&9 || return
		sleep 1
	done
	u_kill KILL "$u_ended"
}

# Becomes the body at once, as UNITC_DISABLE asks for.
u_bypass() {
	u_uid=$(id -u)
	[ -z "$u_launched" ] || u_find_body "$@"
	u_spell "$u_UNIT" "$u_NAME"
	u_say "UNITC_DISABLE is set: $u_r runs at once, without its gates, mutexes and timeouts."
	[ -z "$UNITC_EARLY" ] || exit $((128 + ${UNITC_EARLY#*:}))
	unset -v UNITC_EARLY
	trap - HUP INT TERM
	exec 9>&-
	[ $# -eq 0 ] || exec $u_back "$@"
	u_command "exec $u_back"
}

# Takes variables over from the environment or the script, each the end of the name of one: see protocol.sh.
u_take_over() {
	for u_x in "$@"; do
		eval "u_$u_x=\${UNITC_$u_x-}"
		unset -v "UNITC_$u_x"
	done
}

# Claims the unit whose name in files is $1, unless another start of it has. A unit of both phases has the same text in
# both: its first start is the one of the start phase, and the next one, once that has ended, is the one of the stop
# phase. Any other start is one more (cron) that nothing waits for.
u_claim() {
	for u_phase in $u_PHASES; do
		u_open_phase
		u_n=$u_out/$1
		u_plant "$u_n.owner.$u_mine" && u_make "$u_n.claim" && u_claimed=1 && return
		[ -e "$u_n.claim" ] || {
			u_insist failed
			u_full "$u_out"
		}
		rm -f "$u_n.owner.$u_mine"
		u_outcome_of "$u_n"
		[ -n "$u_r" ] || return
	done
}

# Gate mode: one unit from its start to its end. The arguments are a command that replaces its body. u_text is the body
# where a launcher knows it. All else comes in variables.
u_gate() {
	u_take_over UNIT NAME PHASES GATES MUTEXES BODY TIMEOUT GATE_TIMEOUT STATE_DIR SESSION
	unset -v UNITC_READY
	u_listen
	u_text=${u_BODY:-$u_text}
	case ${UNITC_DISABLE:-0} in 0) ;; *) u_bypass "$@" ;; esac
	u_outcome=failed u_code=125 u_me=$u_UNIT u_status=- u_signals=0 u_heard=0
	u_init u_signaled
	trap u_leave EXIT
	{ command : 5<&0; } 2>&9 || exec </dev/null
	exec 7<&0
	u_open_base
	u_find_agent
	u_x=$u_agent/$CODER_WORKSPACE_NAME/$CODER_WORKSPACE_AGENT_NAME
	[ -z "$u_SESSION" ] || u_x=@$u_SESSION
	u_open_session "$u_x"
	u_offer
	u_spell "$u_UNIT"
	u_me=$u_r u_spelled=$u_percent
	u_name "$u_UNIT"
	u_claim "$u_r"
	[ -z "$u_claimed$u_TIMEOUT" ] || u_open_fifo $$
	if [ -n "$u_claimed" ]; then
		u_now
		{ echo "$u_UNIT	$u_NAME	$u_MUTEXES	$u_time	${CODER_SCRIPT_DATA_DIR:+${CODER_AGENT_LOG_DIR:-${TMPDIR:-/tmp}}/coder-script-${CODER_SCRIPT_DATA_DIR##*/}.log}
$u_GATES" >"$u_n.about"; } 2>&9
		if [ -n "$u_NAME" ]; then
			u_name "$u_NAME"
			u_me='' u_x=$u_dir/names/$u_r
			u_plant "$u_x" || u_make "$u_x.many"
		fi
		[ -z "$u_NOTIFY" ] || u_open_ready
		u_sentinel &
		u_watch=$!
	fi
	[ -z "$u_launched" ] || u_find_body "$@"
	[ -z "$u_TIMEOUT$u_GATE_TIMEOUT" ] || u_check_limits
	if [ -n "$u_claimed" ]; then
		u_await
		[ -z "$u_MUTEXES" ] || u_hold
		[ -z "$u_timer" ] || { u_now && u_say "waited $((u_up - u_since)) s$u_by_hand; starting"; }
	fi
	u_heed
	u_run "$@"
	exit "$u_code"
}
