# The supervisor: one loop that takes events from one FIFO, and what it knows of each unit is in variables that end in
# the unit's number. The table of units is made of calls of u_unit, which hands each row to the command in u_each; the
# list of graphs of calls of u_graph, which hands each to the command in u_pick.
#
# A unit is waiting (for its gates), holding (waits for a mutex), queued (for a place among --jobs), launched, or over.
# The events are: run N PID, end N CODE, tick, signal.
#
# shellcheck shell=sh disable=SC2086,SC2154,SC2034,SC2059
# Lists are split on purpose; variables are shared with the gate runtime and set by eval; one format has a width in it.

u_unit() {
	$u_each "$@"
}

u_graph() {
	$u_pick "$@"
}

# Mutex $1 is named $2 in base64, and shown as $3.
u_mutex() {
	eval "u_mutex_coded_$1=\$2 u_mutex_shown_$1=\$3"
}

# Prints line $1, whatever is in it. mksh has no printf of its own, and its print does without a process.
u_put() {
	printf '%s\n' "$1"
}
[ -z "${KSH_VERSION-}" ] || eval 'u_put() { print -r -- "$1"; }'

u_usage() {
	u_say "$1"
	u_say "sh launcher.sh --help says what can be asked for."
	u_code=2
	exit 2
}

# Keeps one row: number, wave, timeout, gate timeout, address, gates, dependents, mutexes; and where the address isn't
# plain how it is shown, its form with base64 keys, and its percent-encoded form.
u_load() {
	eval "u_wave_$1=\$2 u_timeout_$1=\${3#-} u_gate_timeout_$1=\${4#-} u_gates_$1=\$6 u_dependents_$1=\$7
		u_mutexes_$1=\${8-} u_shown_$1=\${9:-\$5} u_coded_$1=\${10:-\$5} u_percent_$1=\${11:-\$5} u_state_$1=waiting"
	u_all="$u_all $1" u_reverse="$1 $u_reverse"
	[ "$5" != "$u_only" ] || u_found=$1
}

# Loads graph $1, restricted to the unit of --only and what it needs, where that was given.
u_load_graph() {
	u_all='' u_reverse='' u_found='' u_each=u_load
	"u_units_$1"
	[ -n "$u_found" ] || return 0
	eval "u_needed_$u_found=1"
	u_all=''
	# Prerequisites stand before their dependents in the table, so one walk back finds them all.
	for u_k in $u_reverse; do
		eval "u_x=\${u_needed_$u_k-} u_y=\$u_gates_$u_k"
		if [ -n "$u_x" ]; then
			u_all="$u_k $u_all"
			for u_x in $u_y; do eval "u_needed_${u_x#*:}=1"; done
		else
			eval "u_state_$u_k=apart"
		fi
	done
}

# Leaves in u_r the gates of unit $1 as people read them, each behind $2.
u_gates_of() {
	eval "u_y=\$u_gates_$1"
	u_r=''
	for u_x in $u_y; do
		eval "u_r=\"\$u_r\$2\${u_x%:*} of \$u_shown_${u_x#*:}\""
	done
}

# Takes note that unit $1 is over: outcome $2, exit code $3, for reason $4.
u_over() {
	eval "u_state_$1=over u_outcome_$1=\$2 u_code_$1=\$3 u_why_$1=\$4 u_x=\$u_percent_$1 u_y=\$u_shown_$1"
	u_unsettled=$((u_unsettled - 1))
	case $2 in failed | timed_out) u_code=1 ;; esac
	u_last=$((u_last + 1))
	eval "u_over_$u_last=$1"
	[ -z "$4" ] || u_say "$u_y $2: $4"
	if [ -z "$u_dir" ]; then
		u_now
	else
		u_event "$u_x" "$2" "$3"
		u_make "$u_out/$1.$2"
	fi
	eval "u_until_$1='$u_up $u_hund'"
}

# Carries on what the end of units means for their dependents, until nothing follows any more.
u_follow() {
	while [ "$u_first" -lt "$u_last" ]; do
		u_first=$((u_first + 1))
		eval "u_k=\$u_over_$u_first"
		eval "u_list=\$u_dependents_$u_k u_o=\$u_outcome_$u_k u_ran=\${u_from_$u_k:+ran} u_name=\$u_shown_$u_k"
		for u_d in $u_list; do
			case ${u_d%:*}:$u_o:$u_ran in
			success:succeeded:* | completion:[!c]*) u_open "${u_d#*:}" ;;
			start:*:ran) ;;
			*)
				eval "u_x=\$u_state_${u_d#*:}"
				[ "$u_x" != waiting ] ||
					u_over "${u_d#*:}" skipped - "it needs the ${u_d%:*} of $u_name, which is $u_o"
				;;
			esac
		done
	done
}

# Opens one gate of unit $1.
u_open() {
	eval "u_closed_$1=\$((u_closed_$1 - 1)) && u_x=\$u_closed_$1 u_y=\$u_state_$1"
	if [ "$u_x" -eq 0 ] && [ "$u_y" = waiting ]; then u_ready "$1"; fi
}

# Unit $1 could run: it takes its mutexes, in their order, then a place among the jobs. It comes here again when a
# mutex that it waits for is free.
u_ready() {
	eval "u_y=\$u_mutexes_$1"
	for u_m in $u_y; do
		eval "u_x=\${u_holder_$u_m-}"
		case $u_x in
		"$1") ;;
		'') eval "u_holder_$u_m=$1" ;;
		*)
			eval "u_state_$1=holding u_wanting_$u_m=\"\${u_wanting_$u_m-} $1\""
			return
			;;
		esac
	done
	if [ -n "$u_jobs" ] && [ "$u_active" -ge "$u_jobs" ]; then
		u_queue_in=$((u_queue_in + 1))
		eval "u_state_$1=queued u_queue_$u_queue_in=$1"
	else
		u_launch "$1"
	fi
}

# Lets go of the mutexes of unit $1; the first who waits for one goes on.
u_let_go() {
	eval "u_z=\$u_mutexes_$1"
	for u_m in $u_z; do
		eval "u_x=\${u_holder_$u_m-} u_y=\${u_wanting_$u_m-}"
		[ "$u_x" = "$1" ] || continue
		eval "u_holder_$u_m=''"
		while [ -n "$u_y" ]; do
			u_y=${u_y# }
			u_k=${u_y%% *}
			u_y=${u_y#"$u_k"}
			eval "u_wanting_$u_m=\$u_y u_x=\$u_state_$u_k"
			if [ "$u_x" = holding ]; then
				u_ready "$u_k"
				break
			fi
		done
	done
}

# Starts unit $1: in the background a shell that waits for the body and reports. A dry run only takes note.
u_launch() {
	eval "u_state_$1=launched u_text=\${u_text_$1-}"
	u_active=$((u_active + 1))
	if [ -n "$u_dry" ]; then
		u_dry_in=$((u_dry_in + 1))
		eval "u_dry_$u_dry_in=$1"
	else
		u_job "$1" &
		eval "u_job_$1=$!"
	fi
}

u_job() {
	exec 4>&-
	u_job_body "$1" &
	trap '' HUP INT TERM
	echo "run $1 $!" >&3
	{ wait "$!"; } 2>/dev/null
	echo "end $1 $?" >&3
}

u_job_body() {
	exec </dev/null >"$u_dir/logs/$1.log" 2>&1 || exit 126
	u_become
}

# The next event: from the FIFO, or made up in a dry run, where each unit is started and succeeds.
u_next() {
	u_news=''
	if [ -z "$u_dry" ]; then
		read -r u_news u_n u_x <&3
	elif [ "$u_dry_out" -lt "$u_dry_in" ]; then
		u_dry_out=$((u_dry_out + 1)) u_news=run
		eval "u_n=\$u_dry_$u_dry_out"
		u_gates_of "$u_n" ', '
		eval "u_x=\$u_shown_$u_n"
		u_put "would run $u_x${u_r:+ after ${u_r#, }}"
	else
		u_dry_ended=$((u_dry_ended + 1)) u_news=end u_x=0
		eval "u_n=\$u_dry_$u_dry_ended"
	fi
}

# The body of unit $1 is process $2.
u_started() {
	if [ -n "$u_dry" ]; then
		u_now
	else
		eval "u_body_$1=$2 u_x=\$u_percent_$1"
		u_make "$u_out/$1.body.$2."
		u_event "$u_x" running -
		[ -z "$u_signal" ] || u_kill "$u_signal" "$2"
	fi
	eval "u_from_$1='$u_up $u_hund' u_list=\$u_dependents_$1"
	for u_d in $u_list; do
		case $u_d in start:*) u_open "${u_d#*:}" ;; esac
	done
}

# The body of unit $1 has ended with code $2; $3 says what else went wrong.
u_ended() {
	eval "u_x=\$u_state_$1"
	[ "$u_x" = launched ] || return 0
	u_hung_up=''
	if [ -z "$u_dry" ]; then
		eval "u_x=\$u_job_$1 u_hung_up=\${u_late_$1-}"
		wait "$u_x" 2>/dev/null
	fi
	u_active=$((u_active - 1))
	[ -z "$u_signal$u_hung_up" ] || eval "u_rest_of=\"\$u_rest_of \${u_body_$1-}\""
	if [ -n "$u_signal" ]; then
		u_over "$1" canceled "$2" "the launcher was sent SIG$u_signal"
	elif [ -n "$u_hung_up" ]; then
		eval "u_x=\$u_timeout_$1"
		u_over "$1" timed_out "$2" "it ran for more than $u_x s"
	elif [ "$2" = 0 ]; then
		u_over "$1" succeeded 0 ''
	else
		u_over "$1" failed "$2" "${3-}"
	fi
	u_let_go "$1"
	while [ "$u_queue_out" -lt "$u_queue_in" ] && [ "$u_active" -lt "$u_jobs" ]; do
		u_queue_out=$((u_queue_out + 1))
		eval "u_k=\$u_queue_$u_queue_out"
		eval "u_x=\$u_state_$u_k"
		[ "$u_x" != queued ] || u_launch "$u_k"
	done
	# Dependents come first, output second.
	u_follow
	[ -n "$u_dry" ] || u_show "$1" last
}

# Prints what the log of unit $1 has gained, each line behind the unit's name. An unfinished line is kept back unless
# $2 says that nothing more will come. A short log costs no process.
u_show() {
	u_log=$u_dir/logs/$1.log
	[ -s "$u_log" ] || return 0
	eval "u_y=\${u_offset_$1:-0}; u_prefix=\"\$u_shown_$1 | \""
	if [ "$u_y" -eq 0 ] && [ -n "$2" ]; then
		{
			u_i=0
			while [ "$u_i" -lt 20 ] && IFS= read -r u_line; do
				u_put "$u_prefix$u_line"
				u_i=$((u_i + 1)) u_line=''
			done
			if [ "$u_i" -eq 20 ]; then
				u_prefix=$u_prefix LC_ALL=C awk '{ print ENVIRON["u_prefix"] $0 }'
			elif [ -n "$u_line" ]; then
				u_put "$u_prefix$u_line"
			fi
		} <"$u_log"
		return
	fi
	u_x=$({
		tail -c "+$((u_y + 1))" "$u_log"
		echo .
	} | u_prefix=$u_prefix LC_ALL=C awk -v last="$2" '
		NR > 1 { print ENVIRON["u_prefix"] line; size += length(line) + 1 }
		{ line = $0 }
		END {
			if (last && line != ".") print ENVIRON["u_prefix"] substr(line, 1, length(line) - 1)
			printf "%.0f\n", size >"/dev/stderr"
		}' 2>&1 >&8)
	eval "u_offset_$1=\$((u_y + \${u_x##*\"\$u_nl\"}))"
}

# Once a second: looks after timeouts, shells that died without a word, and output that nobody has seen.
u_tick() {
	u_ticks=$((u_ticks + 1))
	u_now
	u_running=''
	for u_v in $u_all; do
		eval "u_x=\$u_state_$u_v"
		case $u_x in
		over) ;;
		launched)
			u_look "$u_v"
			u_running="$u_running $u_v"
			;;
		*)
			eval "u_x=\$u_gate_timeout_$u_v"
			if [ -n "$u_x" ] && [ $((u_up - u_begin)) -ge "$u_x" ]; then
				u_let_go "$u_v"
				u_over "$u_v" timed_out - "it waited for $u_x s"
			fi
			;;
		esac
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
	eval "u_x=\${u_from_$1-} u_y=\$u_timeout_$1 u_z=\${u_late_$1-} u_job=\$u_job_$1 u_body_of=\${u_body_$1-}"
	if [ -n "$u_x" ] && [ -n "$u_signal" ]; then
		[ "$u_up" -lt "$u_kill_at" ] || u_kill KILL "$u_body_of"
	elif [ -n "$u_z" ]; then
		[ "$u_up" -lt "$u_z" ] || u_kill KILL "$u_body_of"
	elif [ -n "$u_x" ] && [ -n "$u_y" ]; then
		u_y=$((u_y - u_up + ${u_x% *}))
		if [ "$u_y" -lt 0 ] || { [ "$u_y" -eq 0 ] && [ "$u_hund" -ge "${u_x#* }" ]; }; then
			eval "u_late_$1=$((u_up + 10))"
			u_kill HUP "$u_body_of"
		fi
	fi
	# The report of a shell that has just gone may still be in the FIFO, so only the second look counts.
	if [ $((u_ticks % 3)) -eq 0 ] && ! u_stat "$u_job"; then
		eval "u_x=\${u_gone_$1-} u_gone_$1=1"
		if [ -n "$u_x" ]; then
			[ -z "$u_body_of" ] || u_kill KILL "$u_body_of"
			u_ended "$1" - "its shell died without a word"
		fi
	fi
}

# Signal $1, number $2, was sent to the launcher.
u_interrupted() {
	u_signals=$((u_signals + 1))
	[ -n "$u_signal" ] || u_signal=$1 u_number=$2
	echo signal >&3
}

# Passes a signal on: nothing starts any more, running bodies get the first signal, and SIGKILL on a second one.
u_stop() {
	u_now
	u_x=$u_signal
	[ -n "$u_kill_at" ] && u_x=KILL
	u_kill_at=$((u_up + 10))
	for u_k in $u_all; do
		eval "u_y=\$u_state_$u_k u_z=\${u_body_$u_k-}"
		case $u_y in
		over) ;;
		launched) [ -z "$u_z" ] || u_kill "$u_x" "$u_z" ;;
		*) u_over "$u_k" canceled - "the launcher was sent SIG$u_signal" ;;
		esac
	done
}

# Kills the bodies of a supervisor that died without a word.
u_run_sentinel() {
	trap '' HUP INT TERM
	exec </dev/null >/dev/null 2>&1 5<"$u_fifo.life"
	exec 3>&- 4>&- 8>&-
	read -r u_x <&5
	[ "$u_x" != over ] || return 0
	for u_k in $u_all; do
		set +f
		set -- "$u_out/$u_k".body.*
		set -f
		[ -e "$1" ] || continue
		u_outcome_of "$u_k"
		eval "u_x=\$u_percent_$u_k"
		[ -n "$u_r" ] || u_bury "$u_k" "$u_x"
	done
	rm -f "$u_fifo" "$u_fifo.life"
}

# Leaves a run, wherever it stands.
u_run_leave() {
	trap - EXIT
	trap '' HUP INT TERM
	[ "$u_unsettled" -eq 0 ] || u_code=1
	for u_k in $u_all; do
		eval "u_x=\${u_state_$u_k-} u_y=\${u_body_$u_k-}"
		case $u_x in over | apart | '') continue ;; esac
		[ -z "$u_y" ] || u_kill KILL "$u_y"
		u_over "$u_k" failed - "the launcher could not go on"
	done
	u_end "$u_ticking"
	[ -z "$u_watch" ] || echo over >&4
	exec 3>&- 4>&-
	[ -z "$u_watch" ] || wait "$u_watch"
	[ -z "$u_fifo" ] || rm -f "$u_fifo" "$u_fifo.life"
	exit "$u_code"
}

# After bodies that were told to end, ends what is left of their groups $*.
u_sweep() {
	for u_grace in 1 1 ''; do
		u_list=''
		for u_x in "$@"; do
			if [ "$u_x" -gt 1 ] && kill -0 "-$u_x" 2>/dev/null; then u_list="$u_list $u_x"; fi
		done
		[ -n "$u_list" ] || return 0
		[ -z "$u_grace" ] || sleep 1
	done
	for u_k in $u_list; do u_kill KILL "$u_k"; done
}

# Leaves in u_r the time from $1 s $2 to $3 s $4 (hundredths), as seconds.
u_span() {
	u_r=$((($3 - $1) * 100 + $4 - $2))
	if [ $((u_r % 100)) -lt 10 ]; then u_r=$((u_r / 100)).0$((u_r % 100)); else u_r=$((u_r / 100)).$((u_r % 100)); fi
}

# Prints the table at the end of a run.
u_table() {
	u_wide=4
	for u_k in $u_all; do
		eval "u_x=\$u_shown_$u_k"
		[ ${#u_x} -le "$u_wide" ] || u_wide=${#u_x}
	done
	u_wide="%-${u_wide}s  %-9s  %4s  %9s  %9s%s\n"
	u_put ''
	printf "$u_wide" unit outcome exit waited ran '  why'
	for u_k in $u_all; do
		eval "u_x=\${u_from_$u_k-} u_y=\$u_until_$u_k u_w=\$u_why_$u_k"
		u_span $u_begin $u_begin_hund ${u_x:-$u_y}
		set -- "$u_r"
		u_r=-
		[ -z "$u_x" ] || u_span $u_x $u_y
		eval "set -- \"\$u_shown_$u_k\" \"\$u_outcome_$u_k\" \"\$u_code_$u_k\" \"\$1\""
		printf "$u_wide" "$@" "$u_r" "${u_w:+  $u_w}"
	done
}

# Runs the units of graph $1, of runtime $2 and phase $3.
u_supervise() {
	u_code=0 u_unsettled=0 u_active=0 u_first=0 u_last=0 u_queue_in=0 u_queue_out=0 u_dry_in=0 u_dry_out=0 u_dry_ended=0
	u_signal='' u_signals=0 u_kill_at='' u_ticks=0 u_rest_of='' u_ticking='' u_watch='' u_fifo=''
	u_phase=$3 u_dir=''
	u_load_graph "$1"
	[ -z "$u_only" ] || [ -n "$u_found" ] || u_usage "there is no unit $u_only in the $3 phase of $2."
	for u_k in $u_all; do
		eval "set -- \$u_gates_$u_k; u_closed_$u_k=\$#"
		u_unsettled=$((u_unsettled + 1))
	done
	trap u_run_leave EXIT
	u_init
	if [ -z "$u_dry" ]; then
		u_need awk tail wc
		u_open_run
	fi
	u_now
	u_begin=$u_up u_begin_hund=$u_hund
	for u_k in $u_all; do
		eval "u_x=\${u_missing_$u_k-}"
		[ -z "$u_x" ] || u_over "$u_k" failed - "$u_x"
	done
	u_follow
	for u_k in $u_all; do
		eval "u_x=\$u_closed_$u_k u_y=\$u_state_$u_k"
		if [ "$u_x" -eq 0 ] && [ "$u_y" = waiting ]; then u_ready "$u_k"; fi
	done
	u_follow
	while [ "$u_unsettled" -gt 0 ]; do
		u_next
		case $u_news in
		run) u_started "$u_n" "$u_x" ;;
		end) u_ended "$u_n" "$u_x" ;;
		tick) u_tick ;;
		signal) u_stop ;;
		esac
		u_follow
	done
	if [ -n "$u_dry" ]; then
		u_code=0
		exit 0
	fi
	u_sweep $u_rest_of
	u_table
	[ -z "$u_signal" ] || u_code=$((128 + u_number))
	exit "$u_code"
}

# Opens a session of its own for a run, and all that the loop reads from.
u_open_run() {
	u_STATE_DIR=${UNITC_STATE_DIR-}
	unset UNITC_STATE_DIR UNITC_SESSION UNITC_GATES UNITC_TIMEOUT UNITC_GATE_TIMEOUT UNITC_BODY
	u_open_base
	u_find_agent
	u_agent=$u_boot.$u_mine
	u_open_session "run/$u_agent"
	u_open_phase
	u_open_fifo
	exec 8>&1
	u_trap u_interrupted
	# Whoever reads the output may go, the units go on.
	trap '' PIPE
	u_run_sentinel &
	u_watch=$!
	u_ticker 1 &
	u_ticking=$!
}
