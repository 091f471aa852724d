# The conduct of a unit: what it says of itself. Only a script whose unit does holds this part. Here are what watches over
# the body until that is ready, unless, and attempts.
#
# shellcheck shell=sh disable=SC2016,SC2034,SC2154,SC2317,SC2329
# A text for another shell has dollars of its own, variables are shared with the other parts, and other parts call what
# is defined here.

# Learns what the unit says of itself.
u_listen() {
	u_take_over PROBE PROBE_INTERVAL NOTIFY UNLESS RETRIES RETRY_DELAY OPTIONAL
	[ -z "$u_NOTIFY" ] || export UNITC_READY=true
}

# Runs in the background beside the body until that is ready: says so. Whatever a probe left running goes with it.
u_probe() {
	u_note
	set -- "$u_n.body.$u_r"
	# The body of the shell above is none of this one.
	u_body='' u_outcome=ready
	[ -z "$u_NOTIFY" ] || exec 5<&6
	u_assist
	if [ -n "$u_NOTIFY" ]; then
		read -r u_x <&5
		[ "$u_x" != over ] || return
	else
		u_text=$u_PROBE u_via=u_hurry
		until
			sleep 10 &
			u_hurry=$!
			u_become &
			u_body=$!
			! wait "$u_hurry" || u_kill KILL "$u_body"
			wait "$u_body"
		do
			u_kill KILL "$u_body"
			u_nap "${u_PROBE_INTERVAL:-1}"
		done
	fi
	u_event "$u_spelled" ready -
	# Where there are no more files to be had, the note of this process becomes what it says.
	u_publish "$u_n" ready || { mv "$1" "$u_n.ready" && u_wake "$u_n"; }
	u_kill KILL "$u_body"
}

# Replaces this process by the command in the arguments, in a session of its own, and ends the sleep that bounds it.
u_hurry() {
	u_replace sh -c '"$@"; set $?; kill -KILL "$0"; exit $1' "$u_hurry" "$@"
}

# Makes the command UNITC_READY, by which the body says that it is ready. It is a file that can be executed, which isn't
# possible below each folder, so it is tried out; it needs nothing from its caller, and does nothing where nothing
# listens any more. The FIFO that it writes to has its name, less what is behind the last dot.
u_open_ready() {
	u_need chmod
	for u_r in "$u_session/ready" "/var/tmp/unitc-$u_uid" "/run/user/$u_uid/unitc" "/dev/shm/unitc-$u_uid"; do
		u_private "$u_r" && UNITC_READY=$u_base/$u_mine.0 && echo '#!/bin/sh
[ ! -p "${0%.*}" ] || echo "ready ${0##*.}" 1<>"${0%.*}"' >"$UNITC_READY" &&
			chmod 700 "$UNITC_READY" && "$UNITC_READY" && u_bell=${UNITC_READY%.*} && mkfifo "$u_bell" && return
	done 2>&9
	u_fault "no folder of yours lets UNITC_READY be made and executed."
}

# One that may fail exits with 0 where it has.
u_excuse() {
	case $u_outcome in failed | timed_out) u_code=0 ;; esac
}

# Starts what watches over the body, if that is what runs and it isn't ready yet.
u_watch_over() {
	[ -n "$u_begins" ] || return 0
	u_probe &
	u_prober=$!
	exec 6>&-
	u_stat "$u_prober"
	u_prober=$u_prober.$u_birth
}

# Ends what watches over the body. It may have gone long ago, and its number be that of another process. What the body
# said of itself before it ended counts, and so does what a probe has found and written into the log. Bash misses an end
# that comes just with a signal, and would wait for ever for what is gone.
u_end_probe() {
	u_y=${u_prober%%.*}
	[ -z "$u_NOTIFY" ] || { echo over && kill -0 "$u_y" 2>&9 && wait "$u_y"; } 1<>"$u_bell"
	if u_alive "$u_prober"; then
		u_end "$u_y"
		u_percent=$u_spelled u_r=$u_outcome
		u_recall ready
		[ -z "$u_z" ] || {
			u_outcome=ready
			u_make "$u_n.ready"
			u_wake "$u_n"
		}
		u_outcome=$u_r
	fi
	u_prober=''
}

# Sleeps u_delay seconds before the next attempt, until a signal comes or the time of all attempts is over.
u_rest() {
	u_x=$u_delay
	[ $((u_up + u_delay)) -lt "${u_until:-$((u_up + u_delay + 1))}" ] || u_x=$((u_until - u_up)) u_rang=1
	u_ticker "$u_x" &
	u_timer=$!
	until [ -n "$u_signal" ] || [ "$u_news" = tick ]; do u_next_word; done
	# Twice as long next time, up to a minute.
	u_delay=$((u_delay > 60 ? u_delay : u_delay > 30 ? 60 : u_delay * 2))
}

# Runs the body, or the command in the arguments, as often as it takes, unless it needn't run, and leaves in u_status how
# that ended.
u_attempts() {
	u_tries=0 u_delay=${u_RETRY_DELAY:-5}
	# A second start says nothing to anybody.
	[ -n "$u_claimed" ] || u_PROBE='' u_NOTIFY='' u_UNLESS='' u_RETRIES=''
	if [ -n "$u_UNLESS" ]; then
		u_script=$u_text u_text=$u_UNLESS
		u_attempt
		u_text=$u_script
		[ -z "$u_signal$u_rang" ] || return
		if [ "$u_status" -eq 0 ]; then
			u_remark " succeeded without running, since this exited with 0: $u_UNLESS"
			return
		fi
	fi
	u_begins=first
	while
		[ ! -e "$u_n.ready" ] || u_PROBE='' u_NOTIFY=''
		[ -z "$u_NOTIFY" ] || exec 6<>"$u_bell"
		u_attempt "$@"
		[ "$u_status" -ne 0 ] && [ -z "$u_signal$u_rang" ] && [ "$u_tries" -lt "${u_RETRIES:-0}" ]
	do
		u_tries=$((u_tries + 1))
		u_event "$u_spelled" retrying "$u_status"
		u_remark ": attempt $u_tries of $((u_RETRIES + 1)) failed with exit code $u_status. The next one starts in $u_delay s."
		u_rest
		[ -z "$u_signal$u_rang" ] || return
	done
}
