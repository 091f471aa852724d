# The limits of a unit: how long its body may run, and how long it may wait. Only the script of a unit that has one holds
# this part, or of one that may run its body again.
#
# shellcheck shell=sh disable=SC2034,SC2154
# Variables are shared with the other parts.

u_check_limits() {
	case $u_TIMEOUT$u_GATE_TIMEOUT in *[!0-9]*) u_fault "a timeout is a number of seconds." ;; esac
}

# Has the body ended when its time is over.
u_limit() {
	u_now
	# The clock has whole seconds, and all attempts together have no less time than one.
	u_alarm $((${u_until:-$((u_up + u_TIMEOUT))} - u_up)) HUP &
	u_timer=$! u_until=${u_until:-$((u_up + u_TIMEOUT + 1))}
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

# The body has run for too long.
u_overrun() {
	u_outcome=timed_out u_code=124
	u_remark " timed out: it ran for more than $u_TIMEOUT s."
}

# Ends this shell where it has waited for too long.
u_tire() {
	[ $((u_up - u_since)) -ge "$u_GATE_TIMEOUT" ] || return 0
	u_hint
	u_pass timed_out 124 "it waited $u_GATE_TIMEOUT s."
}
