# The supervisor: one loop that takes events from one FIFO. They are: run N PID, end N CODE and the bytes of its log
# where they are known, end N - WHY where it could not be started, release N and skip N (by hand), signal, tick and gone
# (the ticker), up, again and down (the spawner), and those of the shells in attending.sh.
#
# shellcheck shell=sh disable=SC2086,SC2154,SC2034,SC2016
# Lists are split on purpose; variables are shared with the other parts and set by eval; programs for awk have dollars
# of their own.

# Starts unit $1: by the spawner where there is one, else in the background by a shell that waits for the body and
# reports, or by one that attends to it. A dry run only takes note. The orders are of one length, so each reader gets one.
u_launch() {
	eval "u_c$1=launched"
	u_active=$((u_active + 1)) u_x=''
	[ -z "$u_others" ] || eval "u_x=\${u_also_$1-}"
	if [ -n "$u_x" ] && [ -z "$u_dry" ]; then
		u_attend "$1" &
		eval "u_job_$1=$!"
	elif [ -n "$u_spawner" ]; then
		u_ordered=$((u_ordered + 1)) u_x="      $1"
		echo "${u_x#"${u_x%???????}"}" >&6
	elif [ -n "$u_dry" ]; then
		u_dry_in="$u_dry_in $1"
	else
		u_job "$1" &
		eval "u_job_$1=$!"
	fi
}

u_job() {
	exec 6>&-
	eval "u_text=\$u_text_$1 u_n=\$u_out/$1"
	u_job_body "$1" &
	trap '' HUP INT TERM
	exec 4>&-
	echo "run $1 $!" >&3
	{ wait "$!"; } 2>/dev/null
	echo "end $1 $?" >&3
}

u_job_body() {
	exec </dev/null >"$u_dir/logs/$1.log" 2>&1 || exit 126
	u_note
	u_become
}

# The next event: from the FIFO, or made up in a dry run, where each unit is started and succeeds.
u_next() {
	u_news=''
	if [ -z "$u_dry" ]; then
		read -r u_news u_n u_x <&3
	elif [ -n "$u_dry_in" ]; then
		u_dry_in=${u_dry_in# } u_news=run
		u_n=${u_dry_in%% *}
		u_dry_in=${u_dry_in#"$u_n"} u_dry_out="$u_dry_out $u_n"
		u_gates_of "$u_n" ', '
		eval "u_x=\$u_n$u_n"
		u_line="would run $u_x${u_r:+ after ${u_r#, }}"
		u_also_of "$u_n" '; '
		eval "u_x=\${u_missing_$u_n-}"
		u_put "$u_line$u_r${u_x:+; $u_x}"
	else
		u_dry_out=${u_dry_out# } u_news=end u_x=0
		u_n=${u_dry_out%% *}
		u_dry_out=${u_dry_out#"$u_n"}
	fi
}

# The body of unit $1 is process $2.
u_started() {
	if [ -n "$u_dry" ]; then
		u_now
	else
		eval "u_x=\$u_c$1 u_b$1=\$2"
		if [ "$u_x" != launched ]; then
			# Its spawner was already taken for dead.
			u_kill KILL "$2"
			return
		fi
		[ -z "$u_spawner" ] || u_ordered=$((u_ordered - 1))
		u_percent_of "$1"
		u_event "$u_x" running -
		[ -z "$u_signal" ] || u_kill "$u_signal" "$2"
	fi
	eval "u_f$1=$u_up.$u_hund"
	u_open_for "$1" s
}

# The body of unit $1 has ended with code $2. $3 are the bytes of its log, or, where the code is -, what went wrong.
u_ended() {
	eval "u_x=\$u_c$1"
	[ "$u_x" = launched ] || return 0
	u_hung_up=''
	if [ -n "$u_late" ]; then eval "u_hung_up=\${u_late_$1-}"; fi
	if [ -z "$u_dry$u_spawner" ]; then
		eval "u_x=\${u_job_$1-}"
		[ -z "$u_x" ] || wait "$u_x" 2>/dev/null
	elif [ -n "$u_spawner" ]; then
		# An order that was refused is no longer on its way.
		eval "u_x=\${u_f$1-}"
		[ -n "$u_x" ] || u_ordered=$((u_ordered - 1))
	fi
	u_active=$((u_active - 1))
	[ -z "$u_signal$u_hung_up" ] || eval "u_rest_of=\"\$u_rest_of \${u_b$1-}\""
	if [ -n "$u_signal" ]; then
		u_over "$1" canceled "$2" "the launcher was sent SIG$u_signal"
	elif [ -n "$u_hung_up" ]; then
		eval "u_x=\$u_timeout_$1"
		u_over "$1" timed_out "$2" "it ran for more than $u_x s"
	elif [ "$2" = 0 ]; then
		u_over "$1" succeeded 0 ''
	elif [ "$2" = - ]; then
		u_over "$1" failed - "$3"
	else
		u_over "$1" failed "$2" ''
	fi
	u_let_go "$1"
	# Dependents come first, output second.
	u_follow
	u_fill
	[ -n "$u_dry" ] || [ "${3-}" = 0 ] || u_show "$1" last "${3-}"
}

# By hand, unit $2 is let go ($1 is release) or skipped, as long as its body may still not begin.
u_by_hand() {
	eval "u_x=\${u_c$2-} u_y=\${u_n$2-}"
	case $1:$u_x in
	release:[1-9]*)
		u_percent_of "$2"
		u_event "$u_x" release -
		u_say "$u_y: released by hand"
		u_ready "$2"
		;;
	skip:[1-9]* | skip:holding | skip:queued)
		u_percent_of "$2"
		u_event "$u_x" skip -
		u_let_go "$2"
		u_over "$2" skipped - "by hand"
		;;
	esac
}

# Once a second, by a word of time $1: looks after timeouts, shells that exited without reporting an outcome, and output
# not yet shown.
u_tick() {
	u_ticks=$((u_ticks + 1)) u_ticked=$1
	u_now
	for u_v in $u_hasty; do
		eval "u_x=\$u_c$u_v u_y=\$u_gate_timeout_$u_v"
		case $u_x:$((u_up - u_begin >= u_y)) in over:* | launched:* | apart:* | *:0) ;; *)
			u_let_go "$u_v"
			u_over "$u_v" timed_out - "it waited for $u_y s"
			;;
		esac
	done
	u_running=''
	for u_v in $u_all; do
		eval "u_x=\$u_c$u_v"
		if [ "$u_x" = launched ]; then
			u_look "$u_v"
			u_running="$u_running $u_v"
		fi
	done
	[ -n "$u_running" ] || return 0
	set --
	for u_v in $u_running; do set -- "$@" "$u_v.log"; done
	u_sizes=$(cd "$u_dir/logs" && wc -c "$@" 2>/dev/null)
	while [ -n "$u_sizes" ]; do
		u_line=${u_sizes%%"$u_nl"*}
		u_sizes=${u_sizes#"$u_line"} && u_sizes=${u_sizes#"$u_nl"}
		set -- $u_line
		case ${2-} in
		*.log)
			eval "u_x=\${u_offset_${2%.log}:-0}"
			[ "$u_x" -ge "$1" ] || u_show "${2%.log}" ''
			;;
		esac
	done
}

# Looks after the launched unit $1.
u_look() {
	eval "u_x=\${u_f$1-} u_y=\${u_timeout_$1-} u_z=\${u_late_$1-} u_body_of=\${u_b$1-} u_attends=\${u_also_$1-}"
	if [ -n "$u_attends" ]; then
		# It kills the body itself in time, if it heard of the signal.
		[ "$u_up" -lt "$((${u_kill_at:-$u_up} + 3))" ] || u_dismiss "$1"
	elif [ -n "$u_x" ] && [ -n "$u_kill_at" ]; then
		[ "$u_up" -lt "$u_kill_at" ] || u_kill KILL "$u_body_of"
	elif [ -n "$u_z" ]; then
		[ "$u_up" -lt "$u_z" ] || u_kill KILL "$u_body_of"
	elif [ -n "$u_x" ] && [ -n "$u_y" ]; then
		u_y=$((u_y - u_up + ${u_x%.*}))
		if [ "$u_y" -lt 0 ] || { [ "$u_y" -eq 0 ] && [ "$u_hund" -ge "${u_x#*.}" ]; }; then
			eval "u_late=1 u_late_$1=$((u_up + 10))"
			u_kill HUP "$u_body_of"
		fi
	fi
	# The report of a shell that has just gone may still be in the FIFO, where many words may wait. So it counts once a
	# tick has come that was posted after a look had found it gone.
	if [ $((u_ticks % 3)) -eq 0 ]; then
		eval "u_job=\${u_job_$1-\$u_spawner}"
		! u_stat "$u_job" || return
		eval "u_x=\${u_gone_$1-}"
		if [ -z "$u_x" ]; then
			u_now
			eval "u_gone_$1=$u_up"
		elif [ "$u_ticked" -le "$u_x" ]; then
			return
		elif [ -n "$u_attends" ]; then
			u_percent_of "$1"
			u_bury "$u_out/$1" "$u_x"
			# Its sentinel may be about to do that, and tell.
			[ $? -eq 1 ] || u_learn failed "$1" lost
		else
			[ -z "$u_body_of" ] || u_kill KILL "$u_body_of"
			# A body that has not told of itself yet notes itself, or finds this.
			u_t=0
			! u_seize "$u_out/$1.buried" || u_slay "$u_out/$1"
			u_ended "$1" - "what waits for it exited without reporting an outcome"
		fi
	fi
}

# Signal $1, written NAME:NUMBER, was sent to the launcher.
u_interrupted() {
	u_signals=$((u_signals + 1))
	[ -n "$u_signal" ] || u_signal=${1%:*} u_number=${1#*:}
	[ -z "$u_watch" ] || echo signal >&3
}

# Passes a signal on: nothing starts any more, running bodies get the first signal, and SIGKILL on a second one.
u_stop() {
	u_now
	u_passed_on=$u_signal
	[ -z "$u_kill_at" ] || u_passed_on=KILL
	u_kill_at=$((u_up + 10))
	u_call_off
	u_make "$u_dir/signaled.$u_mine.$u_signal:$u_number"
	for u_k in $u_all; do
		eval "u_y=\$u_c$u_k\${u_also_$u_k-} u_z=\${u_b$u_k-}"
		case $u_y in
		over*) ;;
		launched) [ -z "$u_z" ] || u_kill "$u_passed_on" "$u_z" ;;
		launched1) u_call "$u_k" ;;
		*) u_over "$u_k" canceled - "the launcher was sent SIG$u_signal" ;;
		esac
	done
}

# Runs the units of graph $1, of runtime $2 and phase $3.
u_supervise() {
	u_code=0 u_unsettled=0 u_active=0 u_ordered=0 u_dry_in='' u_dry_out='' u_spawner='' u_spawned='' u_late=''
	u_signal='' u_signals=0 u_kill_at='' u_ticks=0 u_rest_of='' u_ticking='' u_watch='' u_fifo=''
	u_told='' u_aside='' u_leaving='' u_lingering=''
	u_phase=$3 u_dir='' u_jobs=${u_jobs:-1000000} u_whole=$u_dry$u_only
	u_load_graph "$1"
	"u_bodies_$1"
	[ -z "$u_only" ] || [ -n "$u_found" ] || u_usage "there is no unit $u_only in the $3 phase of $2."
	set -- $u_all
	u_unsettled=$#
	trap u_run_leave EXIT
	if [ -n "$u_dry" ]; then
		u_init
	else
		u_init u_interrupted
		u_need awk tail wc
		u_align
		u_open_run
	fi
	u_now
	u_begin=$u_up u_begin_hund=$u_hund
	[ -z "$u_only" ] || [ -n "$u_dry" ] || for u_k in $u_reverse; do
		eval "u_x=\$u_c$u_k"
		[ "$u_x" != apart ] || u_make "$u_out/$u_k.apart"
	done
	for u_k in $u_all; do
		eval "u_x=\${u_missing_$u_k-}"
		# A dry run needs no body.
		[ -z "$u_x" ] || [ -n "$u_dry" ] || u_over "$u_k" failed - "$u_x"
	done
	[ -z "$u_signal" ] || u_stop
	u_follow
	for u_k in $u_all; do
		eval "u_x=\$u_c$u_k"
		[ "$u_x" != 0 ] || u_ready "$u_k"
	done
	while [ "$u_unsettled" -gt 0 ]; do
		u_next
		case $u_news in
		run) u_started "$u_n" "$u_x" ;;
		attended) u_attended "$u_n" "$u_x" ;;
		running | ready | succeeded | failed | timed_out | canceled) u_learn "$u_news" "$u_n" "$u_x" ;;
		end)
			u_y=${u_x#* }
			[ "$u_y" != "$u_x" ] || u_y=''
			u_ended "$u_n" "${u_x%% *}" "$u_y"
			;;
		release | skip) u_by_hand "$u_news" "$u_n" ;;
		tick) u_tick "$u_n" ;;
		signal) u_stop ;;
		up) u_spawned=1 ;;
		again) u_again ;;
		down) u_lost ;;
		gone) u_fault "no process can be started." ;;
		esac
		u_follow
		u_fill
	done
	if [ -n "$u_dry" ]; then
		u_code=0
		exit 0
	fi
	u_sweep $u_rest_of
	u_now
	u_table
	[ -z "$u_signal" ] || u_code=$((128 + u_number))
	exit "$u_code"
}

# Opens a session of its own for a run, and all that the loop reads from.
u_open_run() {
	u_STATE_DIR=${UNITC_STATE_DIR-}
	unset UNITC_STATE_DIR UNITC_SESSION UNITC_GATES UNITC_TIMEOUT UNITC_GATE_TIMEOUT UNITC_BODY UNITC_BODY_BASE64 \
		UNITC_PROBE UNITC_PROBE_INTERVAL UNITC_NOTIFY UNITC_UNLESS UNITC_RETRIES UNITC_RETRY_DELAY UNITC_OPTIONAL UNITC_READY
	u_open_base
	u_find_agent
	u_agent=$u_boot.$u_mine
	u_open_session "run/$u_agent"
	u_open_phase
	u_open_fifo $$
	exec 8>&1
	# What reads the output may end; the units go on.
	trap '' PIPE
	if command -v perl >/dev/null && mkfifo "$u_fifo.orders" 2>/dev/null; then
		exec 6<>"$u_fifo.orders"
		u_spawn &
		u_spawner=$!
	fi
	u_run_sentinel &
	u_watch=$!
	u_ticker 1 &
	u_ticking=$!
}
