# Waiting: for the gates of a unit, and for its mutexes, asleep until a word comes.
#
# shellcheck shell=sh disable=SC2034,SC2154
# Variables are shared with the other parts and set by eval.

# Has a word sent to this shell when something happens to $1, a path in the session without its end.
u_join() {
	u_plant "$u_session/$1.waiter.$$" || u_full "$u_session"
	u_joined="$u_joined $1"
}

# Reads a word, unless a signal has come.
u_next_word() {
	[ -n "$u_signal" ] || read -r u_news u_x <&3
	[ "$u_news" != gone ] || u_fault "no process can be started."
}

# Says for what this shell waits: the gates u_still, or else u_what.
u_hint() {
	u_now
	u_said=$u_up u_list=''
	[ -z "$u_still" ] || u_what=''
	for u_i in $u_still; do
		u_list=$u_list${u_what:+${u_list:+, }$u_what}
		eval "u_label \"\$u_g_$u_i\" \"\$u_a_$u_i\""
		u_what=$u_r
		u_tell_time
	done
	u_say "waiting for $u_list${u_list:+ and }$u_what"
}

# Sleeps until there is news, then returns. It says at once and then each 30 s for what, and watches the time.
u_pause() {
	if [ -z "$u_timer" ]; then
		u_hint
		u_since=$u_up
		u_ticker ${u_GATE_TIMEOUT:+1} &
		u_timer=$!
	fi
	u_next_word
	u_heed
	if [ -e "$u_n.skip" ]; then
		u_event "$u_spelled" skip -
		u_pass skipped 0 "by hand."
	fi
	[ "$u_news" = tick ] || return 0
	[ -d "$u_out" ] || u_pass canceled 125 "its session is over."
	u_now
	[ -z "$u_GATE_TIMEOUT" ] || u_tire
	[ $((u_up - u_said)) -lt 30 ] || u_hint
}

# Ends this shell as skipped, since the unit at path u_g with address u_a has the outcome u_r, by which the gate that
# requires u_q of it is closed for good.
u_give_up() {
	u_was=$u_r u_list=''
	u_label "$u_g" "$u_a"
	u_a=$u_r
	u_word "$u_was" sentence
	u_what="$u_a $u_r"
	[ "$u_q" != failure ] || u_pass skipped 0 "nothing to do: $u_what."
	u_tell_cause
	u_pass skipped 0 "$u_what, so $u_list${u_list:+ and }this one can't run."
}

# Adds gate $1, written REQUIRES ADDRESS, to those that this unit waits for.
u_require() {
	u_i=$((u_i + 1)) u_left="$u_left $u_i"
	u_name "${1#* }"
	eval "u_q_$u_i=\${1%% *} u_a_$u_i=\${1#* } u_g_$u_i=\$u_out/\$u_r"
	u_join "$u_phase/outcomes/$u_r"
}

# Gate u_i, on a unit with outcome u_r, is closed: for good where there is one.
u_keep() {
	[ -z "$u_r" ] || u_give_up
	u_still="$u_still $u_i"
}

# Waits until the gates of this unit are open: of each, by its number, u_q is what it requires of the unit at path u_g with
# address u_a. One that can't open any more ends this shell as skipped.
u_await() {
	u_i=0 u_rows=$u_GATES
	while [ -n "$u_rows" ]; do
		u_line=${u_rows%%"$u_nl"*}
		u_rows=${u_rows#"$u_line"} && u_rows=${u_rows#"$u_nl"}
		case $u_line in
		"$u_phase "*' '*) u_require "${u_line#* }" ;;
		'' | 'start '*' '* | 'stop '*' '*) ;;
		*) u_require "$u_line" ;;
		esac
	done
	while :; do
		u_still=''
		for u_i in $u_left; do
			eval "u_q=\$u_q_$u_i u_a=\$u_a_$u_i u_g=\$u_g_$u_i"
			u_outcome_of "$u_g"
			[ -n "$u_r" ] || [ "$u_news" != tick ] || u_inspect "$u_g" "$u_a"
			case $u_q:$u_r in
			[!f]*:succeeded | completion:[!c]* | failure:failed | failure:timed_out) ;;
			start:*) [ -e "$u_g.running" ] || u_keep ;;
			ready:*) [ -e "$u_g.ready" ] || u_keep ;;
			*) u_keep ;;
			esac
		done
		u_left=$u_still
		[ -n "$u_left" ] || return 0
		u_pause
		if [ -e "$u_n.release" ]; then
			u_event "$u_spelled" release -
			u_by_hand="; released by hand" u_still=''
			return
		fi
	done
}

# Looks whether the shell of unit $1, at address $2, has exited without reporting an outcome: then u_r is failed, also
# where that can't be written down. Where another process is about to settle it, a word will come.
u_inspect() {
	[ -e "$1.claim" ] && ! u_owned "$1" || return 0
	u_outcome_of "$1"
	[ -z "$u_r" ] || return
	u_label "$1" "$2"
	set -- "$1" "$u_r"
	u_bury "$1" "$u_percent"
	if [ $? -ne 1 ]; then
		u_say "the shell of $2 exited without reporting an outcome, so $2 failed."
		u_r=failed
	else
		u_r=''
	fi
}
