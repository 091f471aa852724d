# The state: a private folder, in it a session for each start of the agent, in that a folder for each phase.
#
# shellcheck shell=sh disable=SC2046,SC2154
# What ls says is split on purpose, and variables are shared with the other parts.

# Is folder $1 private to this user? It is made where it isn't there; u_why collects what is wrong with it.
u_private() {
	u_base=${1%/}
	[ -e "$u_base" ] || ! mkdir -m 700 "$u_base" 2>&9 || return 0
	set -- $(LC_ALL=C ls -ldn "$u_base" 2>&9)
	case ${1-} in drwx--[-S]---*) [ "$3" = "$u_uid" ] && [ -w "$u_base" ] && return ;; esac
	u_why="$u_why$u_base (${1:-can not be made}${3:+, owner $3}), "
	return 1
}

# Finds the private folder for all state: u_base. It is never below the home folder, which may outlive the machine
# and be shared with others; UNITC_STATE_DIR is the caller's business. The folder that it is made in beside the scripts'
# binaries must be private as well, or a user who can write there could put another one in its place.
u_open_base() {
	u_y=${HOME%/}
	if [ -n "$u_STATE_DIR" ]; then
		case $u_STATE_DIR in [!/]*) u_STATE_DIR=$PWD/$u_STATE_DIR ;; esac
		mkdir -p "${u_STATE_DIR%/*}/" 2>&9
		u_private "$u_STATE_DIR" && return
	else
		for u_x in "${CODER_SCRIPT_BIN_DIR:+${CODER_SCRIPT_BIN_DIR%/*}/unitc}" "${TMPDIR:-/tmp}/unitc-$u_uid"; do
			case $u_x in
			"${u_y:-/}"/* | [!/]*) u_why="$u_why$u_x (relative, or below HOME), " ;;
			*/unitc) u_private "${u_x%/*}" && u_private "$u_x" && return ;;
			/*) u_private "$u_x" && return ;;
			esac
		done
	fi
	u_fault "no folder for state is mode 0700, yours and writable: ${u_why}set UNITC_STATE_DIR to one that is."
}

# Makes the empty file $1, which must not exist. This is atomic, costs no process, and works on a full disk.
u_make() {
	set -C
	{ command : >"$1"; } 2>&9
	u_made=$?
	set +C
	return $u_made
}

# Makes the empty file $1 like u_make, and the folders that it stands in.
u_plant() {
	[ -d "${1%/*}" ] || mkdir -p "${1%/*}" 2>&9
	u_make "$1"
}

# Leaves in u_agent the process that all the scripts of one start have in common: the parent of their session, or its
# leader where the parent can't be seen, as that of a command sent into a container.
u_find_agent() {
	u_boot=-
	[ ! -r /proc/sys/kernel/random/boot_id ] || read -r u_boot </proc/sys/kernel/random/boot_id
	u_stat 1
	u_boot=$u_boot.$u_birth u_agent=$u_ppid
	! u_stat "$u_sid" || u_agent=$u_parent
	u_stat "$u_agent" || { u_agent=$u_sid && u_stat "$u_sid"; }
	u_agent=$u_boot.$u_agent.$u_birth
}

# Opens the session named $1 below u_base: u_session. The one who makes it tidies up.
u_open_session() {
	u_name "$1"
	u_session=$u_base/$u_r
	set -- "$u_base/${u_r%%/*}"
	! mkdir "$1" 2>&9 || u_prune
	u_make "$1/agent.$u_agent"
	[ -e "$1/agent.$u_agent" ] || u_full "$1"
	# A launcher says which template it is of.
	[ -z "$u_template" ] || u_make "$1/template.$u_template" || :
}

# Opens the phase u_phase of the session. Outcomes are empty files in it, see u_publish.
u_open_phase() {
	u_dir=$u_session/$u_phase
	u_out=$u_dir/outcomes
	mkdir -p "$u_session/gates" "$u_out" "$u_dir/logs" 2>&9
	[ -d "$u_dir/logs" ] || u_full "$u_dir"
}

# Opens the events of this shell, process $1, and its lifeline.
u_open_fifo() {
	u_fifo=$u_session/gates/$1
	mkfifo "$u_fifo" "$u_fifo.life" 2>&9
	[ -p "$u_fifo.life" ] || u_fault "no FIFO can be made in $u_dir. Set UNITC_STATE_DIR to a folder where one can."
	exec 3<>"$u_fifo" 4<>"$u_fifo.life" || u_full "$u_fifo"
}
