# The platform: what the shell, the system and the caller are like, and how the runtime speaks. It makes one out of six
# shells and of systems with and without /proc: processes and their birth, clocks, signals as they were given.
#
# shellcheck shell=sh disable=SC2034,SC2046,SC2064,SC2086,SC2154,SC2317,SC2329
# Variables are shared with the other parts; lists of words are split on purpose, and traps are made from lists and are
# where some functions are called.

u_say() {
	printf 'unitc: %s\n' "$1" >&2
}

# In zsh a trap that runs in the middle of an echo or printf makes it write twice, unless it writes without a buffer.
if [ -n "${ZSH_VERSION-}" ] && zmodload zsh/system 2>/dev/null; then
	eval 'echo() { syswrite "$*
"; }
u_say() { echo "unitc: $1" >&2; }'
fi

# Ends this shell with a fault of the launcher, of its machine or of its caller; the unit has failed.
u_fault() {
	u_say "$1"
	u_outcome=failed u_code=125 u_explained=1
	exit 125
}

# Says that $1 can't be written, by the command $2 or as a fault.
u_full() {
	${2-u_fault} "can't write to $1. Is the disk full?"
}

u_need() {
	for u_x in "$@"; do
		command -v "$u_x" >&9 || u_fault "the command $u_x is missing."
	done
}

# Reads what the system knows of process $1: u_line, which begins with its number, u_parent, u_leader (of its session),
# u_birth (when it started) and u_ignored (a mask of signals). Returns 1 where it is gone or a zombie.
u_stat() {
	u_line='' u_birth='' u_state=''
	if [ -n "$u_proc" ]; then
		{
			while IFS= read -r u_x; do
				u_line="$u_line$u_x "
			done <"/proc/$1/stat"
		} 2>/dev/null
		set -- ${u_line##*') '}
		case ${1-} in '' | Z | X) return 1 ;; esac
		u_state=$1 u_parent=$2 u_leader=$4 u_birth=${20} u_blocked=${30} u_ignored=${31}
	else
		u_line="$1 "
		set -- $(ps -o stat= -o ppid= -o pgid= -o lstart= -p "$1" 2>&9)
		case ${1-} in '' | Z*) return 1 ;; esac
		u_state=$1 u_parent=$2 u_leader=$3 u_birth=-$4-$5-$6-$7-$8
	fi
}

# Has the signals that end this shell told to $1, what comes before their name and number.
u_hear() {
	for u_x in HUP:1 INT:2 TERM:15; do
		[ $((u_ignored & 1 << ${u_x#*:} - 1)) -ne 0 ] || trap "$1$u_x" "${u_x%:*}"
	done
}

# Comes first: what the environment or the caller's options could change is put right. A variable of ours that comes
# from the environment is forgotten; what bash and zsh would heed of it, each of them for a body as well, is kept from
# this shell and given back to bodies by the command in u_back. So a variable of ours is empty until it is set. $1 is
# the exit code of one that can't go on.
u_start() {
	set -f
	u_proc='' u_ignored=0 u_blocked=0
	if [ -r /proc/self/stat ] && [ -r /proc/uptime ]; then u_proc=1 && u_stat $$; fi
	set -- "$1" $u_proc
	# Where SIGCHLD is blocked dash and busybox wait for ever for whatever they start.
	case $((u_blocked & 1 << 16))$BASH_VERSION$KSH_VERSION$ZSH_VERSION in 65536)
		u_say "SIGCHLD is blocked, so this shell can't wait for what it starts."
		exit "$1"
		;;
	esac
	# Before anything is started, so that no signal from here on is lost.
	u_hear "UNITC_EARLY="
	# Shells keep copies of what they redirect, and a helper that can't would end unheard.
	# shellcheck disable=SC3045 # Where there is a limit, a shell can tell it.
	u_x=$(ulimit -n)
	case $u_x in [0-9] | 1[0-9])
		u_say "a limit lets only $u_x files be open at once, and 20 are needed."
		exit "$1"
		;;
	esac
	exec 9<>/dev/null
	UNITC_GIVEN=$(export -p)
	for u_x in $UNITC_GIVEN; do
		# What isn't a name stood within a value.
		case $u_x in u_*) command unset -v "${u_x%%[!A-Za-z0-9_]*}" 2>&9 ;; esac
	done
	for u_x in SHELLOPTS BASHOPTS TMOUT FUNCNEST; do
		case $UNITC_GIVEN in *" $u_x="*) eval "u_y=\${UNITC_$u_x-\$$u_x}" ;; *) u_y=/ ;; esac
		# None that they heed has another character.
		case $u_y in *[!A-Za-z0-9.:_-]*) ;; *)
			u_back="${u_back:-env} $u_x=$u_y"
			[ $u_x != TMOUT ] || unset -v TMOUT
			;;
		esac
	done
	unset -v UNITC_GIVEN UNITC_POSIX UNITC_SHELLOPTS UNITC_BASHOPTS UNITC_FUNCNEST
	u_proc=${2-} u_nl='
'
	u_set_keys
	# zsh adds LOGNAME to its environment.
	if [ -n "$ZSH_VERSION" ]; then
		case $u_nl$({ tr '\0' '\n' </proc/$$/environ; } 2>&9) in *"${u_nl}LOGNAME="*) ;; *) unset -v LOGNAME ;; esac
	fi
}

# Is the process $1, written PID.BORN, alive? Another one with its number would have started later. Without a time any
# process with this number is taken for it.
u_alive() {
	u_stat "${1%%.*}" || return
	case ${1#*.} in '' | "$u_birth") ;; *) [ "$u_birth" -le "${1#*.}" ] 2>&9 ;; esac
}

# Leaves in u_r this process, which may be a copy of the shell that $$ names, as PID.BORN. Shells read byte by byte, and
# a body is about to begin: where the clock is the one that tells when processes start, the present serves as well.
u_self() {
	if [ -n "$u_quick" ]; then
		set +f
		set -- /proc/self/task/*
		set -f
		u_now
		u_r=${1##*/}.$((u_up * 100 + u_hund))
	else
		u_r=self
		[ -n "$u_proc" ] || u_r=$(exec sh -c 'echo $PPID')
		u_stat "$u_r"
		u_r=${u_line%% *}.$u_birth
	fi
}

# Leaves a clock that only goes forward in u_up (seconds) and u_hund (hundredths), and the time of day in u_time.
u_now() {
	if [ -n "$u_proc" ]; then
		read -r u_x u_line </proc/uptime
		u_up=${u_x%.*} u_hund=$((1${u_x#*.} - 100))
	else
		u_up=$(date +%s) u_hund=0
	fi
	u_x=$((u_hund + u_shift_hund + 100))
	u_time=$((u_up + u_shift + u_x / 100 - 1)).$((u_x / 10 % 10))$((u_x % 10))
}

# Learns what both modes need to know of this process and its machine. From the first moment on the signals that end
# this shell are told to the command $1, if there is one.
u_init() {
	[ -n "$u_proc" ] || u_need ps
	u_stat $$
	u_mine=$$.$u_birth u_sid=$u_leader u_ppid=$u_parent
	if [ $# -gt 0 ]; then
		u_hear "$1 "
		[ -z "$UNITC_EARLY" ] || $1 "$UNITC_EARLY"
	fi
	unset -v UNITC_EARLY
	# One substitution a command: bash 5.2 loses a signal that comes between two.
	u_umask=$(umask)
	umask 077
	u_need mkdir mkfifo rm sleep date ls id cat
	u_uid=$(id -u)
	if [ -n "$u_proc" ]; then
		u_proc=$(exec cat /proc/self/status)
		u_line=${u_proc#*SigIgn:????????????}
		# Some shells ignore SIGQUIT for themselves, and only a child shows whether it was given so. A child of zsh shows
		# nothing else.
		u_ignored=$((u_ignored & ~4 | 0x${u_line%%"$u_nl"*} & 4))
	fi
	# What the caller ignores stays ignored, the rest goes back to its default for a body.
	for u_x in HUP:1 INT:2 QUIT:3 PIPE:13 TERM:15 XFSZ:25; do
		if [ $((u_ignored & 1 << ${u_x#*:} - 1)) -ne 0 ]; then
			u_given="$u_given ${u_x%:*}"
		else
			u_default="$u_default ${u_x%:*}" u_commas=$u_commas,${u_x%:*}
		fi
	done
	# A write that a limit forbids fails, and kills nothing.
	trap '' XFSZ
	for u_x in perl setsid; do
		! command -v $u_x >&9 || u_own=$u_x
	done
	# In dash and busybox a background process ignores SIGINT and SIGQUIT, and only another program can undo that.
	if [ -z "$BASH_VERSION$KSH_VERSION$ZSH_VERSION" ]; then
		if env --default-signal=INT true 2>&9; then
			u_undo="env --default-signal=${u_commas#,}"
		elif command -v perl >&9; then
			u_own=perl
		fi
	fi
	if [ -n "$u_proc" ]; then
		u_now
		# In a container these may be the clocks of two machines.
		[ $((u_up * 100 + u_hund)) -lt "${u_mine#*.}" ] || u_quick=1
		u_line=$(date '+%s %N')
		u_shift=$((${u_line% *} - u_up))
		case $u_line in *' '[0-9][0-9]???????) u_line=${u_line%???????} && u_shift_hund=$((1${u_line#* } - 100 - u_hund)) ;; esac
	fi
}
