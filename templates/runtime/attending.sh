# Units that say something of themselves, in a run of the supervisor. Each is attended to by a shell of its own, which
# from the opening of the gates on does what gate mode does, by the same functions: it publishes what becomes of the
# unit, and has a FIFO, a lifeline and a sentinel of its own. Whom it wakes is the supervisor, by words of its FIFO:
# attended N PID when it hears signals, running N, ready N, and the outcome, N and the exit code, or lost in place of
# that where the shell exited without reporting an outcome.
#
# shellcheck shell=sh disable=SC2034,SC2086,SC2154,SC2317,SC2329
# Variables are shared with the other parts and set by eval, lists are split on purpose, and other parts call what is
# defined here in their place.

# Runs in the background: attends to unit $1. A terminal and the agent send signals to all processes of a group, so those
# that end the supervisor are left to it; by SIGUSR1 it says that it was sent one.
u_attend() {
	trap '' HUP INT TERM
	exec </dev/null 6>&- 7<&0
	u_unit=$1 u_chief=$u_fifo u_calls=$u_dir/signaled.$u_mine
	u_claimed=1 u_signal='' u_signals=0 u_heard=0 u_watch='' u_fifo='' u_news='' u_via=u_replace
	u_outcome=failed u_code=125 u_status=- u_n=$u_out/$1
	eval "u_me=\$u_n$1 u_text=\$u_text_$1 u_TIMEOUT=\${u_timeout_$1-}"
	for u_x in PROBE PROBE_INTERVAL NOTIFY UNLESS RETRIES RETRY_DELAY OPTIONAL; do eval "u_$u_x=\$u_${u_x}_$1"; done
	u_percent_of "$1"
	u_spelled=$u_x
	u_publish() {
		u_make "$1.$2" && u_report "$2" "$u_status"
	}
	u_wake() {
		u_report "$u_outcome" "$u_status"
	}
	trap 'trap "" USR1
		u_leave' EXIT
	u_self
	u_mine=$u_r u_y=$u_dir/logs/$1.log
	u_make "$u_n.owner.$u_mine" || u_full "$u_out"
	{ command : >"$u_y"; } 2>/dev/null || u_full "$u_y"
	exec >"$u_y" 2>&1 8>&-
	u_open_fifo "${u_mine%%.*}"
	trap u_called USR1
	if [ -n "$u_NOTIFY" ]; then
		export UNITC_READY=true
		u_open_ready
	fi
	u_report attended "${u_mine%%.*}"
	{
		u_status=lost
		u_sentinel
	} &
	u_watch=$!
	u_heed
	u_run
	exit "$u_code"
}

# Says $1 of the unit to the supervisor, and $2 with it.
u_report() {
	[ ! -p "$u_chief" ] || { echo "$1 $u_unit $2" >&5; } 5<>"$u_chief"
}

# The supervisor was sent a signal. Its name is that of a file.
u_called() {
	for u_call in HUP:1 INT:2 TERM:15; do
		[ ! -e "$u_calls.$u_call" ] || set -- "$u_call"
	done
	u_signaled "${1-TERM:15}"
}

# In the supervisor: tells the shell that attends to unit $1, if it hears that already, that a signal has come. In mksh
# this one doesn't end a read, so a word comes with it.
u_call() {
	eval "u_y=\${u_b$1-}"
	[ -z "$u_y" ] || ! kill -USR1 "$u_y" 2>/dev/null || u_rouse "$u_y"
}

# In the supervisor: shell $2 attends to unit $1.
u_attended() {
	eval "u_b$1=\$2"
	[ -z "$u_kill_at" ] || u_call "$1"
}

# In the supervisor: the attended unit $2 has become $1, with exit code $3.
u_learn() {
	eval "u_x=\$u_c$2 u_y=\${u_h$2-} u_z=\${u_timeout_$2-}"
	[ "$u_x" = launched ] || return 0
	case $1 in
	running)
		u_now
		eval "u_f$2=$u_up.$u_hund"
		u_open_for "$2" s
		return
		;;
	ready)
		# It may be told twice.
		[ -z "$u_y" ] || return 0
		# It serves others from now on, which would wait for ever for a place where it never ends.
		u_active=$((u_active - 1))
		eval "u_h$2=1"
		u_open_for "$2" r
		return
		;;
	esac
	[ -n "$u_y" ] || u_active=$((u_active - 1))
	u_told=1
	case $1:$3 in
	*:lost) u_over "$2" "$1" - "what waits for it exited without reporting an outcome" ;;
	canceled:*) u_over "$2" "$1" "$3" "the launcher was sent SIG$u_signal" ;;
	timed_out:*) u_over "$2" "$1" "$3" "it ran for more than $u_z s" ;;
	succeeded:-)
		u_aside="its unless exited with 0"
		u_over "$2" "$1" "$3" ''
		;;
	*) u_over "$2" "$1" "$3" '' ;;
	esac
	u_told=''
	u_let_go "$2"
	u_follow
	u_fill
	u_show "$2" last
	# One that ended by itself is gone in a moment, so it is waited for when the next one comes.
	[ -z "$u_leaving" ] || wait "$u_leaving" 2>/dev/null
	eval "u_leaving=\$u_job_$2"
	case $1 in timed_out | canceled) u_lingering="$u_lingering $u_leaving" u_leaving='' ;; esac
}

# In the supervisor: ends the shell that attends to unit $1, whose sentinel ends the rest.
u_dismiss() {
	eval "u_x=\$u_job_$1"
	kill -KILL "$u_x" 2>/dev/null
}
