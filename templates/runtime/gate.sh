# Gate mode: one script that somebody else starts, and that waits for others through shared state.
#
# shellcheck shell=sh disable=SC2034,SC2086,SC2154
# Variables are shared with the other parts, and lists are split on purpose.

# The body of gate mode gets the standard input of this shell; a background process would get none. It notes itself
# while it still holds the lifeline, so that whoever settles the unit, or takes one of its mutexes, finds it.
u_gate_body() {
	exec <&7
	if [ -n "$u_claimed" ]; then
		u_y=self
		[ -n "$u_proc" ] || u_y=$(exec sh -c 'echo $PPID')
		u_stat "$u_y"
		u_y=${u_line%% *}.$u_birth
		for u_lock in $u_held; do u_make "$u_session/$u_lock.body.$u_y"; done
		u_make "$u_out/$u_n.body.$u_y" || { trap - EXIT && u_full "$u_out"; }
	fi
	u_become "$@"
}

# Learns from the events that are left whether the alarm rang.
u_drain() {
	echo over >&3
	while :; do
		u_news=''
		read -r u_news <&3
		case $u_news in
		rang) u_rang=1 ;;
		over) return ;;
		esac
	done
}

# Runs the body, or the command in the arguments, and learns how it ended.
u_run() {
	u_gate_body "$@" &
	u_body=$!
	if [ -n "$u_claimed" ]; then
		u_event "$u_mine_percent" running -
		u_publish "$u_n" running
	fi
	# The ticker of the waiting ends only now, since the body needn't wait for that.
	u_end "$u_timer"
	u_timer=''
	if [ -n "$u_TIMEOUT" ]; then
		u_alarm "$u_TIMEOUT" HUP &
		u_timer=$!
	fi
	# One command, so that a signal comes either before it or after it.
	u_begun=1 u_x=$u_signal
	[ -z "$u_x" ] || u_cancel
	{ wait "$u_body"; } 2>/dev/null
	u_status=$?
	# A signal makes wait return early, and a shell may have forgotten a body that it told of before.
	while [ "$u_signals" -ne "$u_heard" ]; do
		u_heard=$u_signals
		{ wait "$u_body"; } 2>/dev/null
		u_x=$?
		[ "$u_x" -eq 127 ] || u_status=$u_x
	done
	u_explained=1 u_ended=$u_body u_body='' u_begun='' u_code=$u_status u_outcome=failed
	u_end "$u_timer"
	u_timer='' u_rang=''
	[ -z "$u_TIMEOUT" ] || u_drain
	if [ -n "$u_signal" ]; then
		u_outcome=canceled u_code=$((128 + u_number))
	elif [ -n "$u_rang" ]; then
		u_outcome=timed_out u_code=124
		u_say "$u_me timed out: it ran for more than $u_TIMEOUT s."
	else
		[ "$u_code" -ne 0 ] || u_outcome=succeeded
		return
	fi
	u_settle
	# What the body started may need a moment more.
	for u_x in 1 1; do
		kill -0 "-$u_ended" 2>/dev/null || return
		sleep 1
	done
	u_kill KILL "$u_ended"
}

# Decodes the body where it came as base64.
u_find_body() {
	[ -z "$u_BODY_BASE64" ] || { u_decode "$u_BODY_BASE64" && u_text=$u_r u_missing=''; }
	[ -z "$u_missing" ] || u_fault "$u_me can't run here: $u_missing."
}

# Becomes the body at once, as UNITC_DISABLE asks for.
u_bypass() {
	u_spell "$u_UNIT"
	u_me=$u_r u_shell='' u_uid=$(id -u) u_blank=$(printf ' \t\n\v\f\r')
	[ $# -gt 0 ] || u_find_body
	u_say "UNITC_DISABLE is set: $u_me runs at once, without its gates, mutexes and timeouts."
	[ -z "$u_alien" ] || unset $u_alien
	[ -z "$UNITC_EARLY" ] || exit $((128 + ${UNITC_EARLY#*:}))
	unset -v UNITC_EARLY
	trap - HUP INT TERM
	[ $# -eq 0 ] || exec $u_back "$@"
	u_command "exec $u_back"
}

# Gate mode: one unit from its start to its end. The arguments are a command that replaces its body. u_text is the body
# where it is known, and u_missing says why where it is not. All else comes in variables, see protocol.sh.
u_gate() {
	u_claimed='' u_body='' u_begun='' u_signal='' u_held='' u_joined='' u_timer='' u_watch='' u_fifo='' u_news=''
	for u_x in UNIT PHASES GATES MUTEXES BODY BODY_BASE64 TIMEOUT GATE_TIMEOUT STATE_DIR SESSION; do
		eval "u_$u_x=\${UNITC_$u_x-}"
		unset "UNITC_$u_x"
	done
	[ -z "$u_BODY" ] || u_text=$u_BODY u_missing=''
	case ${UNITC_DISABLE:-0} in 0) ;; *) u_bypass "$@" ;; esac
	u_outcome=failed u_code=125 u_explained='' u_me=$u_UNIT u_status=- u_signals=0 u_heard=0
	u_init u_signaled
	trap u_leave EXIT
	if ! { command : 5<&0; } 2>/dev/null; then exec </dev/null; fi
	exec 7<&0
	case $u_TIMEOUT$u_GATE_TIMEOUT in *[!0123456789]*) u_fault "a timeout is a number of seconds." ;; esac
	u_open_base
	u_find_agent
	u_SESSION=${u_SESSION:+@$u_SESSION}
	u_open_session "${u_SESSION:-$u_agent/${CODER_WORKSPACE_NAME-}/${CODER_WORKSPACE_AGENT_NAME-}}"
	u_spell "$u_UNIT"
	u_me=$u_r u_mine_percent=$u_percent
	u_name "$u_UNIT"
	u_n=$u_r
	# A unit of both phases has the same text in both: its first start is the one of the start phase, and the next one,
	# once that has ended, is the one of the stop phase. Any other start is one more (cron) that nobody waits for.
	for u_phase in $u_PHASES; do
		u_open_phase
		if u_plant "$u_out/$u_n.owner.$u_mine" && u_make "$u_out/$u_n.claim"; then
			u_claimed=1
			break
		fi
		[ -e "$u_out/$u_n.claim" ] || {
			u_disclaim
			u_full "$u_out"
		}
		rm -f "$u_out/$u_n.owner.$u_mine"
		u_outcome_of "$u_n"
		[ -n "$u_r" ] || break
	done
	[ -z "$u_claimed$u_TIMEOUT" ] || u_open_fifo
	if [ -n "$u_claimed" ]; then
		u_sentinel &
		u_watch=$!
	fi
	if [ $# -eq 0 ]; then
		u_find_body
	fi
	if [ -n "$u_claimed" ]; then
		u_await "$u_GATES"
		for u_x in $u_MUTEXES; do u_hold "$u_x"; done
	fi
	u_heed
	u_run "$@"
	exit "$u_code"
}
