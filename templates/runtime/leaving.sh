# How a run of the supervisor is left: by its end, in its middle, and by a sentinel where it exited without reporting an
# outcome.
#
# shellcheck shell=sh disable=SC2086,SC2154,SC2034,SC2016
# Lists are split on purpose; variables are shared with the other parts and set by eval; programs for awk have dollars of
# their own.

# Settles the units of a supervisor that exited without reporting an outcome, and kills their bodies; the spawner kills its own.
u_run_sentinel() {
	trap '' HUP INT TERM
	exec </dev/null >/dev/null 2>&1 5<"$u_fifo.life"
	exec 3>&- 4>&- 6>&- 8>&-
	u_outlive || return 0
	u_self
	u_mine=$u_r
	u_line=$u_nl$(awk -F '	' '
		$3 == "ready" || $3 == "retrying" { next }
		{ last[$2] = $3 }
		END { for (address in last) print address "\t" last[address] }' "$u_dir/events.tsv")$u_nl
	for u_k in $u_all; do
		set +f
		set -- "$u_out/$u_k".owner.* "$u_out/$u_k".body.*
		set -f
		u_y=${1##*.owner.}
		u_a=${u_y%%.*}
		if [ -e "$1" ]; then
			if u_alive "$u_y"; then
				kill -KILL "$u_a"
			fi
			rm -f "$u_session/gates/$u_a" "$u_session/gates/$u_a.life"
		fi
		u_percent_of "$u_k"
		u_a=${u_line#*"$u_nl$u_x	"}
		if [ "$u_a" = "$u_line" ]; then u_a=''; else u_a=${u_a%%"$u_nl"*}; fi
		u_outcome_of "$u_out/$u_k"
		[ -n "$u_a" ] || [ ! -e "$2" ] || u_a=running
		# What the supervisor has written of an end holds. A unit that is attended to is left to who seizes it.
		if [ -z "$u_r" ]; then
			if [ -e "$1" ] || [ "$u_a" = running ]; then
				u_undertake "$u_out/$u_k" "$u_x"
			elif [ -n "$u_a" ]; then
				u_make "$u_out/$u_k.$u_a"
			fi
		fi
	done
	rm -f "$u_fifo" "$u_fifo.life" "$u_fifo.orders"
}

# Ends unit $1 where a run is left in the middle.
u_abandon() {
	eval "u_x=\$u_c$1\${u_also_$1-} u_y=\${u_b$1-}"
	if [ "$u_x" = launched1 ]; then
		u_dismiss "$1"
		u_t=0
		u_seize "$u_out/$1.buried" || u_told=1
	else
		[ -z "$u_y" ] || u_kill KILL "$u_y"
	fi
	u_over "$1" failed - "the launcher could not go on"
	u_told=''
}

# Leaves a run, wherever it stands.
u_run_leave() {
	trap - EXIT
	trap '' HUP INT TERM
	[ "$u_unsettled" -eq 0 ] || u_code=1
	for u_k in $u_all; do
		eval "u_x=\${u_c$u_k-}"
		case $u_x in over | apart | '') ;; *) u_abandon "$u_k" ;; esac
	done
	u_end "$u_ticking"
	[ -z "$u_watch" ] || echo over >&4
	exec 3>&- 4>&- 6>&-
	wait $u_spawner $u_watch $u_leaving $u_lingering 2>/dev/null
	[ -z "$u_fifo" ] || rm -f "$u_fifo" "$u_fifo.life" "$u_fifo.orders" ${u_signal:+"$u_dir/signaled.$u_mine" "$u_dir/signaled.$u_mine.$u_signal:$u_number"}
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
