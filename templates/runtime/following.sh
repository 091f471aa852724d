# What follows from the end of a unit in the supervisor: gates open, dependents are skipped, mutexes and places become
# free.
#
# shellcheck shell=sh disable=SC2034,SC2086,SC2154
# Variables are shared with the other parts and set by eval, and lists are split on purpose.

# Takes note that unit $1 is over: outcome $2, exit code $3, for reason $4.
u_over() {
	eval "u_c$1=over u_y=\$u_n$1 u_from=\${u_f$1-}"
	u_unsettled=$((u_unsettled - 1))
	case $2 in
	failed | timed_out)
		u_x=''
		[ -z "$u_others" ] || eval "u_x=\${u_OPTIONAL_$1-}"
		if [ -n "$u_x" ]; then u_aside='it is optional'; else u_code=1; fi
		;;
	esac
	u_x=''
	[ -z "$u_others" ] || eval "u_x=\${u_h$1-}"
	u_settled="$u_settled $1:$2:${u_from:+ran}${u_x:+.ready}"
	if [ "$u_dry$2" = 1skipped ]; then
		u_put "would skip $u_y: $4"
	elif [ -n "$4" ]; then
		u_word "$2"
		u_say "$u_y $u_r: $4"
	elif [ "$u_dry$2" = failed ]; then
		u_say "$u_y failed with exit code $3${u_aside:+; $u_aside}"
	fi
	if [ -z "$u_dir" ] || [ -n "$u_told" ]; then
		u_now
	else
		u_percent_of "$1"
		u_event "$u_x" "$2" "$3"
		u_make "$u_out/$1.$2"
	fi
	eval "u_r$1=\"\$2	\$3	\$u_from	\$u_up.\$u_hund	\$4\${4:+\${u_aside:+; }}\$u_aside\"
		u_aside=''"
}

# Carries on what the end of units means for their dependents, until nothing follows any more.
u_follow() {
	while [ -n "$u_settled" ]; do
		u_batch=$u_settled u_settled=''
		for u_end in $u_batch; do
			u_o=${u_end#*:}
			eval "u_list=\$u_d${u_end%%:*}"
			for u_e in $u_list; do
				case $u_o:$u_e in
				succeeded:*:[0-9]*) u_open "$u_e" ;;
				[!c]*:c*) u_open "${u_e#c}" ;;
				# These were opened when it happened.
				*:ran*:s* | *.ready:r*) ;;
				succeeded:*:r* | failed:*:f* | timed_out:*:f*) u_open "${u_e#[rf]}" ;;
				*)
					eval "u_x=\$u_c${u_e#[a-z]} u_y=\$u_n${u_end%%:*}"
					case $u_x in [0-9]*) u_rule_out ;; esac
					;;
				esac
			done
		done
	done
}

# Skips the dependent u_e of the unit shown as u_y, whose outcome u_o closes its gate for good.
u_rule_out() {
	u_word "${u_o%:*}" sentence
	case $u_e in
	c*) u_k=completion ;;
	s*) u_k=start ;;
	r*) u_k=readiness ;;
	*) u_k=success ;;
	esac
	case $u_e in
	f*) u_k="nothing to do: $u_y $u_r" ;;
	*) u_k="it needs the $u_k of $u_y, which $u_r" ;;
	esac
	u_over "${u_e#[a-z]}" skipped - "$u_k"
}

# Opens the gates of those that wait for unit $1 behind letter $2.
u_open_for() {
	eval "u_list=\$u_d$1"
	case $u_list in *"$2"*)
		for u_e in $u_list; do
			case $u_e in "$2"*) u_open "${u_e#"$2"}" ;; esac
		done
		;;
	esac
}

# Opens one gate of unit $1.
u_open() {
	eval "u_x=\$u_c$1"
	case $u_x in
	1) u_ready "$1" ;;
	[0-9]*) eval "u_c$1=$((u_x - 1))" ;;
	esac
}

# Unit $1 could run: it takes its mutexes, in their order, then a place. It comes here again when a mutex that it waits
# for is free.
u_ready() {
	if [ -n "$u_mutual" ]; then
		eval "u_y=\${u_mutexes_$1-}"
		for u_m in $u_y; do
			eval "u_x=\${u_holder_$u_m-}"
			case $u_x in
			"$1") ;;
			'') eval "u_holder_$u_m=$1" ;;
			*)
				eval "u_c$1=holding u_wanting_$u_m=\"\${u_wanting_$u_m-} $1\""
				return
				;;
			esac
		done
	fi
	if [ "$u_active" -lt "$u_jobs" ] && [ "$u_ordered" -lt 1000 ]; then
		u_launch "$1"
	else
		u_queue="$u_queue$1 "
		eval "u_c$1=queued"
	fi
}

# Lets go of the mutexes of unit $1; the first who waits for one goes on.
u_let_go() {
	[ -n "$u_mutual" ] || return 0
	eval "u_z=\${u_mutexes_$1-}"
	for u_m in $u_z; do
		eval "u_x=\${u_holder_$u_m-} u_y=\${u_wanting_$u_m-}"
		if [ "$u_x" = "$1" ]; then
			eval "u_holder_$u_m=''"
			while [ -n "$u_y" ] && [ "$u_x" != holding ]; do
				u_y=${u_y# }
				u_k=${u_y%% *}
				u_y=${u_y#"$u_k"}
				eval "u_wanting_$u_m=\$u_y u_x=\$u_c$u_k"
			done
			[ "$u_x" != holding ] || u_ready "$u_k"
		fi
	done
}

# Gives the places that have become free to those who wait for one.
u_fill() {
	while [ -n "$u_queue" ] && [ "$u_active" -lt "$u_jobs" ] && [ "$u_ordered" -lt 1000 ]; do
		u_k=${u_queue%% *}
		u_queue=${u_queue#* }
		eval "u_x=\$u_c$u_k"
		[ "$u_x" != queued ] || u_launch "$u_k"
	done
}
