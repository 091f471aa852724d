# The table of units, which is made of calls of u_unit: each hands its row to the command in u_each. Behind it may stand
# a call of u_also, with what the unit says of itself. The list of graphs is made of calls of u_graph, which hands each
# to the command in u_pick.
#
# What the supervisor knows of unit N is in variables with short names, and there are few of them: some shells look for
# a variable among all that there are.
#   u_nN  the address as it is shown           u_pN  the same percent-encoded, where that is another text
#   u_dN  the dependents: a number alone waits for success, behind c for completion, behind s for the start, behind r
#         until the unit is ready, behind f for failure
#   u_cN  how many gates are closed; after that holding (waits for a mutex), queued (for a place), launched, or over,
#         and apart where the unit takes no part
#   u_fN  when its body started                u_bN  the process of its body, or the shell that attends to it
#   u_hN  that it has become ready             u_rN  how it ended, for the table at the end
# Only of a unit with a call of u_also: u_also_N, that there is one, and the end of its row as variables of gate mode with
# the number behind the name, u_RETRIES_N and so on.
#
# shellcheck shell=sh disable=SC2086,SC2154,SC2034
# Lists are split on purpose, and variables are shared with the other parts and set by eval.

u_unit() {
	$u_each "$@"
}

# Keeps what unit $1 says of itself, in the order of the variables that protocol.sh has for it.
u_also() {
	u_others=1
	eval "u_also_$1=1 u_PROBE_$1=\$2 u_PROBE_INTERVAL_$1=\$3 u_NOTIFY_$1=\$4 u_UNLESS_$1=\$5 u_RETRIES_$1=\$6
		u_RETRY_DELAY_$1=\$7 u_OPTIONAL_$1=\$8"
}

u_graph() {
	$u_pick "$@"
}

# Mutex $1 is named $2 in base64, and shown as $3.
u_mutex() {
	eval "u_mutex_coded_$1=\$2 u_mutex_shown_$1=\$3"
}

# Prints line $1, whatever is in it, or with u_fields each argument and a NUL behind it. mksh has no printf of its own,
# and its print does without a process; the echo of zsh is ours.
u_put() {
	printf '%s\n' "$1"
}
u_fields() {
	printf '%s\0' "$@"
}
if [ -n "${KSH_VERSION-}" ]; then
	eval 'u_put() { print -r -- "$1"; }
		u_fields() { for u_x in "$@"; do print -nr -- "$u_x" && print -n "\0"; done; }'
elif [ -n "${ZSH_VERSION-}" ] && command -v syswrite >/dev/null; then
	u_put() { echo "$1"; }
fi

u_usage() {
	u_say "$1"
	u_say "sh launcher.sh --help says what can be asked for."
	u_code=2
	exit 2
}

# Keeps one row: number, wave, timeout, gate timeout, address, gates, dependents, mutexes; and where the address isn't
# plain how it is shown, its form with base64 keys, and its percent-encoded form. What only lists and the search for
# prerequisites need is kept where u_whole is set.
u_load() {
	u_all="$u_all $1"
	eval "u_n$1=\${9:-\$5} u_d$1=\$7"
	[ $# -lt 9 ] || eval "u_odd=1 u_p$1=\${11}"
	[ "$3" = - ] || eval "u_timeout_$1=\$3"
	[ "$4" = - ] || eval "u_hasty=\"\$u_hasty \$1\" u_gate_timeout_$1=\$4"
	[ -z "${8-}" ] || eval "u_mutual=1 u_mutexes_$1=\$8"
	if [ -n "$u_whole" ]; then
		u_reverse="$1 $u_reverse"
		eval "u_wave_$1=\$2 u_gates_$1=\$6 u_coded_$1=\${10:-\$5}"
		[ "$5" != "$u_only" ] || u_found=$1
	fi
	u_x=$1
	set -- $6
	eval "u_c$u_x=$#"
}

# Loads graph $1, restricted to the unit of --only and what it needs, where that was given. The variables that the loop
# uses all the time come first, where they are found at once.
u_load_graph() {
	u_x='' u_y='' u_k='' u_news='' u_n='' u_list='' u_settled='' u_batch='' u_end='' u_e='' u_o='' u_from='' u_queue=''
	u_up='' u_hund='' u_time='' u_line='' u_made='' u_log=''
	u_all='' u_reverse='' u_found='' u_odd='' u_hasty='' u_mutual='' u_others='' u_each=u_load
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
			eval "u_c$u_k=apart"
		fi
	done
}

# Leaves in u_r the gates of unit $1 as people read them, each behind $2.
u_gates_of() {
	eval "u_y=\$u_gates_$1"
	u_r=''
	for u_x in $u_y; do
		eval "u_r=\"\$u_r\$2\${u_x%:*} of \$u_n${u_x#*:}\""
	done
}

# Leaves in u_x the percent-encoded address of unit $1.
u_percent_of() {
	eval "u_x=\$u_n$1"
	[ -z "$u_odd" ] || eval "u_x=\${u_p$1-\$u_x}"
}

# Leaves in u_r what unit $1 says of itself as people read it, each behind $2. A command may have several lines.
u_also_of() {
	u_r=''
	eval "u_x=\${u_also_$1-}"
	[ -n "$u_x" ] || return 0
	eval "u_x=\$u_PROBE_$1"
	[ -z "$u_x" ] || u_r="$u_r$2ready once this exits with 0: $u_x"
	eval "u_x=\$u_NOTIFY_$1"
	[ -z "$u_x" ] || u_r="$u_r$2ready once its body says so"
	eval "u_x=\$u_UNLESS_$1"
	[ -z "$u_x" ] || u_r="$u_r$2unless this exits with 0: $u_x"
	eval "u_x=\$u_RETRIES_$1 u_y=\$u_RETRY_DELAY_$1"
	[ -z "$u_x" ] || u_r="$u_r$2up to $u_x more attempts, the first after $u_y s"
	eval "u_x=\$u_OPTIONAL_$1"
	[ -z "$u_x" ] || u_r="$u_r$2optional"
}
