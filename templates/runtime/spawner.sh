# How the supervisor uses the spawner, the program for perl in u_perl, and what becomes of a run where that goes.
#
# shellcheck shell=sh disable=SC2086,SC2154,SC2034
# Lists are split on purpose, and variables are shared with the other parts and set by eval.

# Runs the spawner in the background, and tells when it has gone.
u_spawn() {
	trap '' HUP INT TERM $u_given
	umask "$u_umask"
	exec </dev/null >/dev/null 4>&- 6>&- 8>&- 9>&-
	# Perl complains of a locale that isn't installed; a body must not see how it was told not to.
	u_x=${PERL_BADLANG+given} PERL_BADLANG=${PERL_BADLANG-0}
	export PERL_BADLANG
	u_commands 2>/dev/null |
		$u_back perl -e "$u_perl" -- "$u_fifo.orders" "$u_dir/logs" "${u_commas#,}" "$u_x" >&3 3>&-
	echo down >&3
}

# Tells the spawner the commands of all bodies.
u_commands() {
	for u_k in $u_all; do
		eval "u_x=\${u_missing_$u_k-}\${u_also_$u_k-} u_text=\${u_text_$u_k-}"
		[ -n "$u_x" ] || u_command u_tell
	done
	u_fields 0
}

u_tell() {
	u_fields $# "$u_k" "$@"
}

# Gives the spawner all orders again that it has told nothing of, since one of its children was killed with one of them.
u_again() {
	echo "     -1" >&6
	for u_v in $u_all; do
		eval "u_x=\$u_c$u_v\${u_job_$u_v-}\${u_f$u_v-} u_y=\"      \$u_v\""
		[ "$u_x" != launched ] || echo "${u_y#"${u_y%???????}"}" >&6
	done
}

# The spawner has gone: before it was up nothing is lost, and later it takes with it what it has started.
u_lost() {
	u_spawner='' u_ordered=0 u_running=''
	for u_v in $u_all; do
		# What has a shell of its own is not the spawner's.
		eval "u_x=\$u_c$u_v\${u_job_$u_v-}"
		[ "$u_x" != launched ] || u_running="$u_running $u_v"
	done
	for u_v in $u_running; do
		if [ -n "$u_spawned" ]; then
			eval "u_kill KILL \"\${u_b$u_v-}\""
			u_ended "$u_v" - "what waits for it exited without reporting an outcome"
		else
			u_active=$((u_active - 1))
			u_launch "$u_v"
		fi
	done
}
