# Gate mode: one script that somebody else starts, and that waits for others through shared state.
#
# shellcheck shell=sh disable=SC2016,SC2034,SC2086,SC2154,SC3045
# A text for another shell has dollars of its own, variables are shared with the other parts, lists are split on
# purpose, and bash alone is asked what only bash knows.

# Notes this process, a body or what watches over one, while it still holds the lifeline, so that whoever settles the
# unit, or takes one of its mutexes, finds it. Where that has happened already it came too late, and ends.
u_note() {
	trap - EXIT
	u_self
	u_make "$u_n.body.$u_r" || u_full "$u_out"
	[ ! -e "$u_n.buried.1" ] || exit
	for u_lock in $u_held; do
		u_make "$u_session/$u_lock.body.$u_r"
		[ ! -e "$u_session/${u_lock%.*}.$((${u_lock##*.} + 1))" ] || exit
	done
}

# Learns from the events that are left whether the alarm rang.
u_drain() {
	echo over >&3
	until [ "$u_news" = over ]; do
		u_news=''
		read -r u_news <&3
		[ "$u_news" != rang ] || u_rang=1
	done
	u_news=''
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
	[ -z "$u_SAYS" ] || u_watch_over
	if [ -n "$u_TIMEOUT" ]; then
		u_now
		# The clock has whole seconds, and all attempts together have no less time than one.
		u_alarm $((${u_until:-$((u_up + u_TIMEOUT))} - u_up)) HUP &
		u_timer=$! u_until=${u_until:-$((u_up + u_TIMEOUT + 1))}
	fi
	# One command, so that a signal comes either before it or after it.
	u_begun=1 u_x=$u_signal
	[ -z "$u_x" ] || u_cancel
	{ wait "$u_body"; } 2>/dev/null
	u_status=$?
	# A signal makes wait return early, and a shell may have forgotten a body that it told of before.
	while [ "$u_signals" -ne "$u_heard" ]; do
		u_heard=$u_signals
		# Bash misses an end that comes just with a signal, and would wait for ever for what is gone.
		case ${BASH_VERSION+$(jobs -pr)} in *"$u_body"*) kill -0 "$u_body" 2>/dev/null || break ;; esac
		{ wait "$u_body"; } 2>/dev/null
		u_x=$?
		[ "$u_x" -eq 127 ] || u_status=$u_x
	done
	u_ended=$u_body u_body='' u_begun=''
	u_end "$u_timer"
	u_timer=''
	[ -z "$u_prober" ] || u_end_probe
	[ -z "$u_fifo" ] || u_drain
}

# Runs the body, or the command in the arguments, and learns how that ended.
u_run() {
	if [ -n "$u_SAYS" ]; then
		u_attempts "$@"
	else
		u_begins=first
		u_attempt "$@"
	fi
	u_explained=1 u_code=$u_status u_outcome=failed
	[ -n "$u_begins" ] || u_status=-
	if [ -n "$u_signal" ]; then
		u_outcome=canceled u_code=$((128 + u_number))
	elif [ -n "$u_rang" ]; then
		u_outcome=timed_out u_code=124
		u_remark " timed out: it ran for more than $u_TIMEOUT s."
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
	[ -z "$u_missing" ] || u_fault "$u_UNIT can't run here: $u_missing."
}

# Becomes the body at once, as UNITC_DISABLE asks for.
u_bypass() {
	u_spell "$u_UNIT" "$u_NAME"
	u_me=$u_r u_uid=$(id -u) u_blank=$(printf ' \t\n\v\f\r')
	[ $# -gt 0 ] || u_find_body
	u_say "UNITC_DISABLE is set: $u_me runs at once, without its gates, mutexes and timeouts."
	[ -z "$u_alien" ] || unset $u_alien
	[ -z "$UNITC_EARLY" ] || exit $((128 + ${UNITC_EARLY#*:}))
	unset -v UNITC_EARLY
	trap - HUP INT TERM
	[ $# -eq 0 ] || exec $u_back "$@"
	u_command "exec $u_back"
}

# Leaves unitc-status to people, once a session: in its folder, and on the path of scripts and terminals. No unit minds
# whether that works.
u_offer() {
	u_x=$u_session/unitc-status
	u_make "$u_x" || return 0
	{
		u_assist
		printf '#!/bin/sh\nu_keys=\047%s\047\n%s\n' "$u_keys" "$u_STATUS" >"$u_x"
		chmod 755 "$u_x"
		[ -z "$CODER_SCRIPT_BIN_DIR" ] || ln -sf "$u_x" "$CODER_SCRIPT_BIN_DIR/unitc-status"
	} &
}

# Gate mode: one unit from its start to its end. The arguments are a command that replaces its body. u_text is the body
# where it is known, and u_missing says why where it is not. All else comes in variables, see protocol.sh.
u_gate() {
	for u_x in UNIT NAME PHASES GATES MUTEXES BODY BODY_BASE64 TIMEOUT GATE_TIMEOUT STATE_DIR SESSION \
		SAYS PROBE PROBE_INTERVAL NOTIFY UNLESS RETRIES RETRY_DELAY OPTIONAL STATUS; do
		eval "u_$u_x=\${UNITC_$u_x-}"
		unset "UNITC_$u_x"
	done
	[ -n "$u_SAYS" ] || u_PROBE='' u_PROBE_INTERVAL='' u_NOTIFY='' u_RETRIES='' u_RETRY_DELAY='' u_OPTIONAL=''
	[ -z "$u_BODY" ] || u_text=$u_BODY u_missing=''
	unset -v UNITC_READY
	[ -z "$u_NOTIFY" ] || export UNITC_READY=true
	case ${UNITC_DISABLE:-0} in 0) ;; *) u_bypass "$@" ;; esac
	u_outcome=failed u_code=125 u_me=$u_UNIT u_status=- u_signals=0 u_heard=0
	u_init u_signaled
	trap u_leave EXIT
	{ command : 5<&0; } 2>/dev/null || exec </dev/null
	exec 7<&0
	case $u_TIMEOUT$u_GATE_TIMEOUT$u_PROBE_INTERVAL$u_RETRIES$u_RETRY_DELAY in *[!0-9]*) u_fault "a timeout is a number of seconds." ;; esac
	u_open_base
	u_find_agent
	u_SESSION=${u_SESSION:+@$u_SESSION}
	u_open_session "${u_SESSION:-$u_agent/${CODER_WORKSPACE_NAME-}/${CODER_WORKSPACE_AGENT_NAME-}}"
	[ -z "$u_STATUS" ] || u_offer
	u_spell "$u_UNIT"
	u_me=$u_r u_spelled=$u_percent
	u_name "$u_UNIT"
	u_x=$u_r
	# A unit of both phases has the same text in both: its first start is the one of the start phase, and the next one,
	# once that has ended, is the one of the stop phase. Any other start is one more (cron) that nobody waits for.
	for u_phase in $u_PHASES; do
		u_open_phase
		u_n=$u_out/$u_x
		if u_plant "$u_n.owner.$u_mine" && u_make "$u_n.claim"; then
			u_claimed=1
			break
		fi
		[ -e "$u_n.claim" ] || {
			u_insist failed
			u_full "$u_out"
		}
		rm -f "$u_n.owner.$u_mine"
		u_outcome_of "$u_n"
		[ -n "$u_r" ] || break
	done
	[ -z "$u_claimed$u_TIMEOUT" ] || u_open_fifo $$
	if [ -n "$u_claimed" ]; then
		u_now
		{ echo "$u_UNIT	$u_NAME	$u_MUTEXES	$u_time	${CODER_SCRIPT_DATA_DIR:+${CODER_AGENT_LOG_DIR:-${TMPDIR:-/tmp}}/coder-script-${CODER_SCRIPT_DATA_DIR##*/}.log}
$u_GATES" >"$u_n.about"; } 2>/dev/null
		if [ -n "$u_NAME" ]; then
			u_name "$u_NAME"
			u_me='' u_x=$u_dir/names/$u_r
			u_plant "$u_x" || u_make "$u_x.many"
		fi
		[ -z "$u_NOTIFY" ] || u_open_ready
		u_sentinel &
		u_watch=$!
	fi
	[ $# -gt 0 ] || u_find_body
	if [ -z "$u_claimed" ]; then
		u_SAYS=''
	else
		u_await "$u_GATES"
		for u_x in $u_MUTEXES; do u_hold "$u_x"; done
		[ -z "$u_timer" ] || { u_now && u_say "waited $((u_up - u_since)) s$u_by_hand; starting"; }
	fi
	u_heed
	u_run "$@"
	exit "$u_code"
}
