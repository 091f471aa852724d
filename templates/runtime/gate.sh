# The gate runtime: one script that somebody else starts, and that waits for others through shared state.
#
# Every name starts with u_, so that nothing of the caller's environment is overwritten. A function that computes
# something leaves it in u_r, since a command substitution would cost a process; u_x, u_y and u_line are scratch, good
# until the next call of a function. Expansions without quotes are lists of numbers, of file names made by u_name or of
# words of ours; pathname expansion is off but for the loops that need it. File descriptors: 3 the events that this
# shell reads, 4 the lifeline that ends when this shell dies, 5 scratch, 7 the standard input and 8 the standard output
# as given.
#
# shellcheck shell=sh disable=SC2086,SC2046,SC2154,SC2016,SC1003,SC2064,SC2317,SC2329
# The lists described above are split on purpose, eval sets variables, awk has dollars of its own, and traps
# are made from lists and are where some functions are called.

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
		command -v "$u_x" >/dev/null || u_fault "the command $u_x is missing."
	done
}

# Reads what the system knows of process $1: u_line, which begins with its number, u_parent, u_leader (of its session),
# u_birth (when it started) and u_ignored (a mask of signals). Returns 1 where it is gone or a zombie.
u_stat() {
	u_line='' u_birth='' u_state=''
	if [ -n "$u_proc" ]; then
		{
			# A read that fails because the process has just gone may leave its variable as it was.
			while u_x='' && IFS= read -r u_x || [ -n "$u_x" ]; do
				u_line="$u_line$u_x "
			done <"/proc/$1/stat"
		} 2>/dev/null
		set -- ${u_line##*') '}
		case ${1-} in '' | Z | X) return 1 ;; esac
		u_state=$1 u_parent=$2 u_leader=$4 u_birth=${20} u_blocked=${30} u_ignored=${31}
	else
		u_line="$1 "
		set -- $(ps -o stat= -o ppid= -o pgid= -o lstart= -p "$1" 2>/dev/null)
		case ${1-} in '' | Z*) return 1 ;; esac
		u_state=$1 u_parent=$2 u_leader=$3
		shift 3
		for u_x in "$@"; do u_birth=$u_birth-$u_x; done
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
# this shell and given back to bodies by the command in u_back. $1 is the command of the launcher.
u_start() {
	set -f
	u_proc=''
	if [ -r /proc/self/stat ] && [ -r /proc/uptime ]; then u_proc=1; fi
	if [ -n "$u_proc" ]; then
		u_stat $$
	else
		u_ignored=0 u_blocked=0
	fi
	# Where SIGCHLD is blocked dash and busybox wait for ever for whatever they start.
	case $((u_blocked & 1 << 16))${BASH_VERSION-}${KSH_VERSION-}${ZSH_VERSION-} in 65536)
		u_say "SIGCHLD is blocked, so this shell can't wait for what it starts."
		case $1 in exec) exit 125 ;; *) exit 1 ;; esac
		;;
	esac
	case $1 in
	list | plan | status) trap - HUP INT TERM ;;
	*) u_hear "UNITC_EARLY=" ;;
	esac
	UNITC_GIVEN=$(export -p)
	UNITC_REST=$UNITC_GIVEN
	while :; do
		case $UNITC_REST in *' u_'*) ;; *) break ;; esac
		UNITC_REST=${UNITC_REST#*' u_'}
		# What isn't a name stood within a value.
		command unset -v "u_${UNITC_REST%%[!A-Za-z0-9_]*}" 2>/dev/null
	done
	u_back=''
	for u_x in SHELLOPTS BASHOPTS TMOUT FUNCNEST; do
		case $UNITC_GIVEN in *" $u_x="*) ;; *) continue ;; esac
		case $u_x in
		*OPTS) [ -z "${BASH_VERSION-}" ] || eval "u_back=\"\$u_back $u_x=\${UNITC_$u_x-}\"" ;;
		FUNCNEST) u_back="$u_back $u_x=${UNITC_FUNCNEST%%[!0-9-]*}" ;;
		TMOUT)
			case $TMOUT in *[!0-9.]*) continue ;; esac
			u_back="$u_back $u_x=$TMOUT"
			unset -v TMOUT
			;;
		esac
	done
	u_back=${u_back:+env$u_back}
	unset -v UNITC_GIVEN UNITC_REST UNITC_POSIX UNITC_SHELLOPTS UNITC_BASHOPTS UNITC_FUNCNEST
	u_proc='' u_nl='
'
	if [ -r /proc/self/stat ] && [ -r /proc/uptime ]; then u_proc=1; fi
	# zsh adds LOGNAME to its environment.
	u_alien=''
	if [ -n "${ZSH_VERSION-}" ]; then
		case $u_nl$(tr '\0' '\n' </proc/$$/environ) in *"${u_nl}LOGNAME="*) ;; *) u_alien=LOGNAME ;; esac
	fi
}

# Is the process $1, written PID.START, alive? Without a start any process with this number is taken for it.
u_alive() {
	u_stat "${1%%.*}" || return
	case ${1#*.} in '' | "$u_birth") ;; *) return 1 ;; esac
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
	u_default='' u_commas='' u_given='' u_own='' u_undo='' u_shell='' u_shift=0 u_shift_hund=0
	[ -n "$u_proc" ] || u_need ps
	u_stat $$
	u_mine=$$.$u_birth u_sid=$u_leader u_ppid=$u_parent
	[ -n "$u_proc" ] || u_ignored=0
	if [ $# -gt 0 ]; then
		u_hear "$1 "
		[ -z "$UNITC_EARLY" ] || $1 "$UNITC_EARLY"
	fi
	unset -v UNITC_EARLY
	# One substitution a command: bash 5.2 loses a signal that comes between two.
	u_umask=$(umask)
	u_blank=$(printf ' \t\n\v\f\r')
	umask 077
	u_need mkdir mkfifo rm sleep date ls id cat
	if [ -n "$u_proc" ]; then
		u_proc=$(exec cat /proc/self/status /proc/self/limits)
		set -- ${u_proc#*Uid:}
		u_uid=$2 u_line=${u_proc#*SigIgn:????????????}
		# Some shells ignore SIGQUIT for themselves, and only a child shows whether it was given so. A child of zsh shows
		# nothing else.
		u_ignored=$((u_ignored & ~4 | 0x${u_line%%"$u_nl"*} & 4))
		set -- ${u_proc#*Max open files}
	else
		u_uid=$(id -u)
		# shellcheck disable=SC3045 # Where there is a limit, a shell can tell it.
		set -- $(ulimit -n)
	fi
	# Shells keep copies of what they redirect, and a helper that can't would end unheard.
	case ${1-} in [0-9] | 1[0-9]) u_fault "a limit lets only $1 files be open at once, and 20 are needed." ;; esac
	# What the caller ignores stays ignored, the rest goes back to its default for a body.
	for u_x in HUP:1 INT:2 QUIT:3 PIPE:13 TERM:15 XFSZ:25; do
		if [ $((u_ignored & 1 << ${u_x#*:} - 1)) -ne 0 ]; then
			u_given="$u_given ${u_x%:*}"
		else
			u_default="$u_default ${u_x%:*}" u_commas=$u_commas,${u_x%:*}
		fi
	done
	# A write that a limit forbids fails, and kills nobody.
	trap '' XFSZ
	for u_x in perl setsid; do
		! command -v $u_x >/dev/null || u_own=$u_x
	done
	# In dash and busybox a background process ignores SIGINT and SIGQUIT, and only another program can undo that.
	if [ -z "${BASH_VERSION-}${KSH_VERSION-}${ZSH_VERSION-}" ]; then
		if env --default-signal=INT true 2>/dev/null; then
			u_undo="env --default-signal=${u_commas#,}"
		elif command -v perl >/dev/null; then
			u_own=perl
		fi
	fi
	if [ -n "$u_proc" ]; then
		u_now
		u_line=$(date '+%s %N')
		u_shift=$((${u_line% *} - u_up))
		case $u_line in *' '[0-9][0-9]???????) u_line=${u_line%???????} && u_shift_hund=$((1${u_line#* } - 100 - u_hund)) ;; esac
	fi
}

# Turns a text into a file name that is unique even where upper and lower case are the same; a long one becomes a path.
# A character has up to three bytes, and a name in a folder 255 of them with all that is put behind it.
u_name() {
	u_rest=$1 u_path='' u_r=''
	while [ -n "$u_rest" ]; do
		u_tail=${u_rest#?}
		u_c=${u_rest%"$u_tail"}
		u_rest=$u_tail
		u_tail=ABCDEFGHIJKLMNOPQRSTUVWXYZ
		case $u_c in
		/) u_c=%s ;;
		%) u_c=%p ;;
		^) u_c=%c ;;
		"$u_nl") u_c=%n ;;
		*) case $u_tail in *"$u_c"*) u_tail=${u_tail%%"$u_c"*} && u_c=^${#u_tail}. ;; esac ;;
		esac
		u_r=$u_r$u_c
		[ ${#u_r} -lt 70 ] || { u_path=$u_path$u_r/ && u_r=''; }
	done
	u_r=$u_path+$u_r
}

# Decodes base64 where nothing else does, and spells addresses whose keys are base64: first line for people, second line
# percent-encoded.
u_awk='
function decode(s, i, n, k, bits, out) {
  for (i = 1; i <= length(s); i++) {
    k = index(az "0123456789+/", substr(s, i, 1)) - 1
    if (k < 0) continue
    bits = bits * 64 + k
    if (++n % 4 != 1) {
      k = n % 4 == 2 ? 16 : n % 4 == 3 ? 4 : 1
      out = out sprintf("%c", int(bits / k))
      bits %= k
    }
  }
  return out
}
function quoted(s, i, c, out) {
  for (i = 1; i <= length(s); i++) {
    c = substr(s, i, 1)
    if (c ~ /["\\]/) c = "\\" c
    if (c ~ /[$%]/ && substr(s, i + 1, 1) == "{") c = c c
    if (c < " ") c = c == "\n" ? "\\n" : c == "\r" ? "\\r" : c == "\t" ? "\\t" : sprintf("\\u%04x", code[c])
    out = out c
  }
  return out
}
BEGIN {
  az = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
  for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i
}
text { printf "%s", decode($0) }
!text {
  while (match($0, /\["[A-Za-z0-9+\/=]*"\]/)) {
    out = out substr($0, 1, RSTART + 1) quoted(decode(substr($0, RSTART + 2, RLENGTH - 4))) "\"]"
    $0 = substr($0, RSTART + RLENGTH)
  }
  out = out $0
  print out
  for (i = 1; i <= length(out); i++) {
    c = substr(out, i, 1)
    printf c ~ /[A-Za-z0-9_.~-]/ ? "%s" : "%%%02X", c ~ /[A-Za-z0-9_.~-]/ ? c : code[c]
  }
}'

# Spells address $1, whose instance keys are base64, for people: u_r, and percent-encoded: u_percent.
u_spell() {
	u_r=$1 u_percent=$1
	case $1 in *[!A-Za-z0-9_.-]*)
		u_need awk
		u_r=$(printf '%s\n' "$1" | LC_ALL=C awk "$u_awk")
		u_percent=${u_r#*"$u_nl"} u_r=${u_r%"$u_nl"*}
		;;
	esac
}

# Decodes the base64 text $1. The x shows that the text is whole and keeps its last newlines.
u_decode() {
	for u_x in 'base64 -d' 'base64 -D' 'openssl base64 -d -A' 'awk -v text=1'; do
		command -v "${u_x%% *}" >/dev/null || continue
		case $u_x in awk*) set -- "$1" "$u_awk" ;; esac
		u_r=$(echo "$1" | LC_ALL=C $u_x ${2+"$2"} 2>/dev/null && echo x)
		case $u_r in *x) u_r=${u_r%x} && return ;; esac
	done
	u_fault "a text can't be decoded by base64, openssl or awk."
}

# Is folder $1 private to this user? It is made where it isn't there; u_why collects what is wrong with it.
u_private() {
	u_base=${1%/}
	[ -e "$u_base" ] || ! mkdir -m 700 "$u_base" 2>/dev/null || return 0
	set -- $(LC_ALL=C ls -ldn "$u_base" 2>/dev/null)
	case ${1-} in drwx--[-S]---*) [ "$3" = "$u_uid" ] && [ -w "$u_base" ] && return ;; esac
	u_why="$u_why$u_base (${1:-can not be made}${3:+, owner $3}), "
	return 1
}

# Finds the private folder for all state: u_base. It is never below the home folder, which may outlive the machine
# and be shared with others; UNITC_STATE_DIR is the caller's business. The folder that it is made in beside the scripts'
# binaries must be private as well, or whoever can write there could put another one in its place.
u_open_base() {
	u_why='' u_y=${HOME-}
	u_y=${u_y%/}
	if [ -n "$u_STATE_DIR" ]; then
		case $u_STATE_DIR in [!/]*) u_STATE_DIR=$PWD/$u_STATE_DIR ;; esac
		mkdir -p "${u_STATE_DIR%/*}/" 2>/dev/null
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

# Makes the empty file $1, which nobody else may have made. This is atomic, costs no process, and works on a full disk.
u_make() {
	set -C
	{ command : >"$1"; } 2>/dev/null
	u_made=$?
	set +C
	return $u_made
}

# Makes the empty file $1 like u_make, and the folders that it stands in.
u_plant() {
	[ -d "${1%/*}" ] || mkdir -p "${1%/*}" 2>/dev/null
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

# Opens the session named $1 below u_base: u_session. The one who makes it takes away the sessions of this machine
# whose agent is gone. Another container with the same folder has another first process, and what it has may be alive;
# from another boot nothing is. Whatever else may be in the folder isn't ours.
u_open_session() {
	u_name "$1"
	u_session=$u_base/$u_r
	set -- "$u_base/${u_r%%/*}"
	if mkdir "$1" 2>/dev/null; then
		set +f
		for u_old in "$u_base"/*; do
			for u_x in "$u_old"/agent.*; do
				u_x=${u_x##*/agent.}
				u_gone=''
				case $u_x in
				"$u_boot".*) u_alive "${u_x#"$u_boot".}" || u_gone=1 ;;
				"${u_boot%%.*}".*) ;;
				????????-????-*-*-*.*.*.*) u_gone=1 ;;
				esac
				[ -n "$u_gone" ] || break
			done
			[ -z "$u_gone" ] || rm -rf "$u_old"
		done
		set -f
	fi
	u_make "$1/agent.$u_agent"
	[ -e "$1/agent.$u_agent" ] || u_full "$1"
	# A launcher says which template it is of.
	[ -z "$u_template" ] || u_make "$1/template.$u_template" || :
}

# Opens the phase u_phase of the session. Outcomes are empty files in it, see u_publish.
u_open_phase() {
	u_dir=$u_session/$u_phase
	u_out=$u_dir/outcomes
	mkdir -p "$u_session/gates" "$u_out" "$u_dir/logs" 2>/dev/null
	[ -d "$u_dir/logs" ] || u_full "$u_dir"
}

# Opens the events of this shell and its lifeline.
u_open_fifo() {
	u_fifo=$u_session/gates/$$
	mkfifo "$u_fifo" "$u_fifo.life" 2>/dev/null
	[ -p "$u_fifo.life" ] || u_fault "no FIFO can be made in $u_dir. Set UNITC_STATE_DIR to a folder where one can."
	exec 3<>"$u_fifo" 4<>"$u_fifo.life" || u_fault "$u_fifo can't be opened. Can too few files be open at once?"
}

# Appends to events.tsv that the unit whose percent-encoded address is $1 has outcome $2 with exit code $3. This comes
# before the outcome is published, so that the log has events in the order of cause and effect.
u_event() {
	u_now
	{ echo "$u_time	$1	$2	$3" >>"$u_dir/events.tsv"; } 2>/dev/null || u_full "$u_dir/events.tsv" u_say
}

# Leaves the outcome of unit $1 in u_r, nothing where it hasn't ended.
u_outcome_of() {
	for u_r in succeeded failed timed_out skipped canceled; do
		[ ! -e "$u_out/$1.$u_r" ] || return 0
	done
	u_r=''
}

# Wakes those who wait for $1. Opening for reading and writing never blocks, not even where the reader has died.
u_wake() {
	set +f
	for u_x in "$1".waiter.*; do
		u_x=$u_session/gates/${u_x##*.}
		[ ! -p "$u_x" ] || { echo wake >&5; } 5<>"$u_x"
	done
	set -f
}

# Publishes that unit $1 is $2: first the empty file, then a word to those who wait. Returns 1 where it can't.
u_publish() {
	u_make "$u_out/$1.$2" && u_wake "$u_out/$1"
}

# Sends signal $1 to the body whose first process is $2, and to all that it started. No other number than that of a
# process may ever come here: -1 stands for every process that there is.
u_kill() {
	[ "${2:-0}" -gt 1 ] || return 1
	if [ -n "$u_own" ]; then
		kill "-$1" "-$2" 2>/dev/null || kill "-$1" "$2" 2>/dev/null
	else
		for u_victim in $(ps -A -o pid= -o ppid= | awk -v top="$2" '
      { parent[$1] = $2 }
      END {
        for (p in parent) {
          for (q = p; q > 1 && q != top; q = parent[q]);
          if (q == top) print p
        }
      }'); do
			kill "-$1" "$u_victim" 2>/dev/null
		done
	fi
}

# Kills the bodies that are named in files beside $1.
u_slay() {
	set +f
	for u_y in "$1".body.*; do
		u_y=${u_y##*.body.}
		! u_alive "$u_y" || u_kill KILL "${u_y%%.*}"
	done
	set -f
}

# Settles unit $1, spelled $2, whose shell exited without reporting an outcome: its body is killed, and it has failed.
u_bury() {
	u_slay "$u_out/$1"
	u_make "$u_out/$1.buried" || return
	u_event "$2" failed -
	u_publish "$1" failed
}

# Runs in the background until this shell is over, or has exited without reporting an outcome: then it settles the unit and takes away
# what is left. The lifeline ends when no process has it open any more, so a body has noted itself by then.
u_sentinel() {
	trap '' HUP INT TERM
	exec </dev/null >/dev/null 2>&1 5<"$u_fifo.life"
	exec 3>&- 4>&- 7>&-
	read -r u_x <&5
	[ -z "$u_x" ] || return
	u_outcome_of "$u_n"
	[ -n "$u_r" ] || u_bury "$u_n" "$u_mine_percent"
	rm -f "$u_fifo" "$u_fifo.life"
	find "$u_session" -name "*.waiter.$$" -exec rm -f {} +
}

# Makes a background process a helper, which holds nothing open and hears no signal: u_end ends it.
u_assist() {
	trap '' HUP INT TERM
	exec </dev/null >/dev/null 2>&1 4>&- 6>&- 7>&- 8>&-
}

# In a helper: sleeps $1 seconds. It ends where this shell has died meanwhile.
u_nap() {
	sleep "$1"
	u_alive "$u_mine" || exit
}

# Ends the background helper $1, if there is one, and the sleep that it waits for. The caller of this shell may have
# blocked or ignored any signal but two. A helper that stands still starts nothing more, so no sleep is missed.
u_end() {
	[ -n "$1" ] || return 0
	if kill -STOP "$1" 2>/dev/null; then
		while u_stat "$1"; do
			case $u_state in [Tt]*) break ;; esac
		done
		u_x=''
		if [ -e "/proc/$$/task/$$/children" ]; then
			read -r u_x <"/proc/$1/task/$1/children"
		else
			u_x=$(ps -A -o pid= -o ppid= | awk -v top="$1" '$2 == top { print $1 }')
		fi
		kill -KILL "$1" $u_x
	fi 2>/dev/null
	{ wait "$1"; } 2>/dev/null
}

# Runs in the background: posts a tick every $1 seconds, or every 4, and a word when it can't go on.
u_ticker() {
	u_assist
	trap 'echo gone >&3' EXIT
	while :; do
		u_nap "${1:-4}"
		echo tick >&3
	done
}

# Runs in the background: after $1 seconds it tells this shell, sends the body signal $2, and SIGKILL 10 s later.
u_alarm() {
	u_assist
	u_nap "$1"
	# A body that has only just begun ignores SIGINT in some shells, see u_init.
	u_stat "$u_body"
	[ "$2$((u_ignored & 2))" != INT2 ] || u_nap 1
	[ "$2" != HUP ] || echo rang >&3
	u_kill "$2" "$u_body"
	u_nap 10
	u_kill KILL "$u_body"
}

# Replaces this process by the command in the arguments, in a session of its own.
u_replace() {
	case $u_own in
	setsid) exec $u_back $u_undo setsid "$@" ;;
	perl)
		exec $u_back perl -we '
      use POSIX ();
      POSIX::setsid();
      $SIG{$_} = "DEFAULT" for split /,/, shift;
      exec { $ARGV[0] } @ARGV or exit 127' -- "${u_commas#,}" "$@"
		;;
	*) exec $u_back $u_undo "$@" ;;
	esac
}

# Splits the #! line $1 as Coder's agent does: at blanks, with the quotes and backslashes of a shell, expanding nothing.
u_interpret() {
	u_line=${1#??} u_word='' u_quote='' u_some=''
	set --
	case $u_line in *[\'\"\\]*) ;; *) set -- $u_line && u_line='' ;; esac
	while [ -n "$u_line" ]; do
		u_tail=${u_line#?}
		u_c=${u_line%"$u_tail"}
		u_line=$u_tail
		case $u_quote$u_c in
		[\'\"]) u_quote=$u_c u_some=1 ;;
		"''" | '""') u_quote='' ;;
		[' 	'])
			[ -z "$u_some" ] || set -- "$@" "$u_word"
			u_word='' u_some=''
			;;
		*)
			case $u_quote$u_c in '\' | '"\')
				u_tail=${u_line#?}
				u_c=${u_line%"$u_tail"}
				u_line=$u_tail
				case $u_quote$u_c in '"'[!\$\`\"\\]) u_c="\\$u_c" ;; esac
				;;
			esac
			u_word=$u_word$u_c u_some=1
			;;
		esac
	done
	[ -z "$u_some" ] || set -- "$@" "$u_word"
	if [ -n "$u_quote" ] || [ $# -eq 0 ]; then
		$u_go sh -c 'echo "unitc: the #! line names no interpreter, or leaves a quote open." >&2; exit 127'
	else
		$u_go "$@" -c "$u_text"
	fi
}

# Hands the command that runs the body u_text to the command $1. Coder's agent runs a text that begins with #!, blanks
# aside, by the interpreter named there, any other by the login shell, and an empty one as a login shell without a
# command.
u_command() {
	u_go=$1 u_line=$u_text
	while :; do
		case $u_line in [$u_blank]*) u_line=${u_line#?} ;; *) break ;; esac
	done
	case $u_line in
	'#!'*)
		u_line=${u_line%%"$u_nl"*}
		u_interpret "${u_line%["$u_blank"]}"
		;;
	*)
		[ -n "$u_shell" ] || [ ! -r /etc/passwd ] || while IFS=: read -r u_x u_x u_y u_x u_x u_x u_line; do
			[ "$u_y" != "$u_uid" ] || u_shell=${u_shell:-$u_line}
		done </etc/passwd
		u_shell=${u_shell:-${SHELL:-/bin/sh}}
		if [ -n "$u_text" ]; then $u_go "$u_shell" -c "$u_text"; else $u_go "$u_shell" -l; fi
		;;
	esac
}

# Becomes the body, which is the text u_text, or the command in the arguments, with all else as it was given to us.
u_become() {
	trap - EXIT $u_default
	# A signal that came while the traps were those of this shell is lost.
	[ ! -e "$u_dir/signaled.$u_mine" ] || exit 143
	# A copy of zsh forgets what was ignored before it began.
	[ -z "$u_given" ] || trap '' $u_given
	[ -z "$u_alien" ] || unset $u_alien
	umask "$u_umask"
	exec 3>&- 4>&- 5>&- 7>&- 8>&-
	[ $# -eq 0 ] || u_replace "$@"
	u_command u_replace
}

# Signal $1, written NAME:NUMBER: the first goes on to the body, which is killed 10 s later, or at once on a second one.
u_signaled() {
	u_signals=$((u_signals + 1))
	if [ -n "$u_signal" ]; then
		[ -z "$u_body" ] || u_kill KILL "$u_body"
		return
	fi
	u_signal=${1%:*} u_number=${1#*:}
	if [ -n "$u_begun" ]; then
		u_cancel
	elif [ -n "$u_watch" ]; then
		echo signal >&3
	fi
}

# Tells a body that is about to begin that it is over.
u_call_off() {
	{ command : >"$u_dir/signaled.$u_mine"; } 2>/dev/null
}

u_cancel() {
	u_call_off
	u_end "$u_timer"
	u_alarm 0 "$u_signal" &
	u_timer=$!
}

# Publishes how the unit of this shell ended.
u_settle() {
	[ -n "$u_claimed" ] || return 0
	u_claimed=''
	u_event "$u_mine_percent" "$u_outcome" "$u_status"
	u_publish "$u_n" "$u_outcome" && return
	# Where there are no more files to be had, the note of the body makes room for one, or that of the owner becomes it.
	set +f
	rm -f "$u_out/$u_n".body.*
	set -f
	u_publish "$u_n" "$u_outcome" && return
	if mv "$u_out/$u_n.owner.$u_mine" "$u_out/$u_n.$u_outcome" 2>/dev/null; then
		u_wake "$u_out/$u_n"
	else
		u_full "$u_out" u_say
		u_code=125
	fi
}

# Publishes that a unit failed for which no claim can be made. What it has made for itself makes room for one file, or
# else the note of one who waits for it becomes the outcome, since that takes no new file.
u_disclaim() {
	rm -f "$u_out/$u_n.owner.$u_mine"
	! u_publish "$u_n" failed || return 0
	set +f
	for u_y in "$u_out/$u_n".waiter.*; do
		mv "$u_y" "$u_out/$u_n.failed" 2>/dev/null || continue
		u_y=$u_session/gates/${u_y##*.}
		[ ! -p "$u_y" ] || { echo wake >&5; } 5<>"$u_y"
		u_wake "$u_out/$u_n"
		break
	done
	set -f
}

# Leaves this shell, wherever it stands: publishes, and takes away all that it made for itself.
u_leave() {
	trap - EXIT
	trap '' HUP INT TERM
	[ -n "$u_explained" ] || u_say "$u_me failed: its shell could not go on."
	[ -z "$u_body" ] || u_kill KILL "$u_body"
	u_settle
	for u_lock in $u_held; do u_release "$u_lock"; done
	u_end "$u_timer"
	if [ -n "$u_watch" ]; then
		echo over >&4
		wait "$u_watch"
	fi
	set -- ${u_fifo:+"$u_fifo" "$u_fifo.life"} ${u_signal:+"$u_dir/signaled.$u_mine"}
	for u_x in $u_joined; do set -- "$@" "$u_session/$u_x.waiter.$$"; done
	[ $# -eq 0 ] || rm -f "$@"
	exit "$u_code"
}

# Leaves in u_r outcome $1 as people write it, with was before it where $2 is a sentence that needs that.
u_word() {
	u_r=$1
	case $1 in
	timed_out) u_r='timed out' ;;
	skipped | canceled) u_r=${2+was }$1 ;;
	esac
}

# Ends this shell without having run its body, as outcome $1 with exit code $2, for reason $3.
u_pass() {
	u_word "$1"
	u_say "$u_me $u_r: $3"
	u_explained=1
	u_outcome=$1 u_code=$2
	exit "$2"
}

# Ends this shell as canceled where a signal has come.
u_heed() {
	[ -z "$u_signal" ] || u_pass canceled $((128 + u_number)) "it was sent SIG$u_signal."
}

# Has a word sent to this shell when something happens to $1, a path in the session without its end.
u_join() {
	u_plant "$u_session/$1.waiter.$$" || u_full "$u_session"
	u_joined="$u_joined $1"
}

# Sleeps until there is news, then returns. Meanwhile it says each 30 s what it waits for, $1, and watches the time.
u_pause() {
	if [ -z "$u_timer" ]; then
		u_now
		u_since=$u_up u_said=$u_up
		u_ticker ${u_GATE_TIMEOUT:+1} &
		u_timer=$!
	fi
	[ -n "$u_signal" ] || read -r u_news <&3
	u_heed
	[ "$u_news" != gone ] || u_fault "no process can be started."
	[ "$u_news" = tick ] || return 0
	[ -d "$u_out" ] || u_pass canceled 125 "its session is over."
	u_now
	if [ -n "$u_GATE_TIMEOUT" ] && [ $((u_up - u_since)) -ge "$u_GATE_TIMEOUT" ]; then
		u_pass timed_out 124 "it waited $u_GATE_TIMEOUT s for$1."
	fi
	if [ $((u_up - u_said)) -ge 30 ]; then
		u_said=$u_up
		u_say "$u_me has waited $((u_up - u_since)) s for$1."
	fi
}

# Waits until the gates $1 are open, lines of a requirement and an address. One that can't open any more ends this
# shell as skipped.
u_await() {
	u_left='' u_i=0 u_rows=$1
	while [ -n "$u_rows" ]; do
		u_line=${u_rows%%"$u_nl"*}
		u_rows=${u_rows#"$u_line"} && u_rows=${u_rows#"$u_nl"}
		case $u_line in
		"$u_phase "*' '*) u_line=${u_line#* } ;;
		'' | 'start '*' '* | 'stop '*' '*) continue ;;
		esac
		case $u_line in 'start '?* | 'completion '?* | 'success '?*) ;; *) u_fault "this is no gate: $u_line" ;; esac
		u_i=$((u_i + 1)) u_left="$u_left $u_i"
		u_name "${u_line#* }"
		eval "u_requires_$u_i=\${u_line%% *} u_address_$u_i=\${u_line#* } u_name_$u_i=\$u_r"
		u_join "$u_phase/outcomes/$u_r"
	done
	while :; do
		u_still='' u_what=''
		for u_i in $u_left; do
			eval "u_q=\$u_requires_$u_i u_a=\$u_address_$u_i u_g=\$u_name_$u_i"
			u_outcome_of "$u_g"
			[ -n "$u_r" ] || [ "$u_news" != tick ] || u_inspect "$u_g" "$u_a"
			u_was=$u_r
			case $u_q:$u_was in
			success:succeeded | completion:[!c]*) continue ;;
			start:*) [ ! -e "$u_out/$u_g.running" ] || continue ;;
			esac
			u_spell "$u_a"
			if [ -n "$u_was" ]; then
				u_what=$u_r
				u_word "$u_was" sentence
				u_pass skipped 0 "it needs the $u_q of $u_what, which $u_r."
			fi
			u_still="$u_still $u_i" u_what="$u_what the $u_q of $u_r,"
		done
		u_left=$u_still
		[ -n "$u_left" ] || break
		u_pause "${u_what%,}"
	done
}

# Is one of the processes alive that are named in files beside $1?
u_owned() {
	set +f
	set -- "$1".owner.*
	set -f
	for u_y in "$@"; do
		! u_alive "${u_y##*.owner.}" || return 0
	done
	return 1
}

# Looks whether the shell of unit $1, at address $2, has exited without reporting an outcome: then u_r is failed, also where that can't
# be written down.
u_inspect() {
	[ -e "$u_out/$1.claim" ] && ! u_owned "$u_out/$1" || return 0
	u_outcome_of "$1"
	[ -z "$u_r" ] || return
	u_spell "$2"
	u_say "the shell of $u_r exited without reporting an outcome, so $u_r failed."
	u_bury "$1" "$u_percent"
	u_r=failed
}

# Takes mutex $1, whose name is base64. Its holders are files with ascending numbers, beside each one that says that it
# is free again; nothing is taken away, so two who find a dead holder can't both follow it.
u_hold() {
	u_name "$1"
	u_m=mutexes/$u_r u_t=0 u_news=''
	u_join "$u_m"
	while :; do
		while [ -e "$u_session/$u_m.$((u_t + 1))" ]; do u_t=$((u_t + 1)); done
		u_y=$u_session/$u_m.$u_t
		if [ "$u_t" -eq 0 ] || [ -e "$u_y.free" ] ||
			{ [ "$u_news" = tick ] && ! u_owned "$u_y" && u_slay "$u_session/$u_m.$u_t"; }; then
			u_t=$((u_t + 1)) u_y=$u_session/$u_m.$u_t
			if u_make "$u_y.owner.$u_mine" && u_make "$u_y"; then
				u_held="$u_held $u_m.$u_t"
				return
			fi
			[ -e "$u_y" ] || u_full "$u_session"
			rm -f "$u_y.owner.$u_mine"
		else
			u_decode "$1"
			u_pause " the mutex $u_r"
		fi
	done
}

# Lets go of the mutex whose holder is file $1.
u_release() {
	u_make "$u_session/$1.free"
	u_wake "$u_session/${1%.*}"
}

# The body of gate mode gets the standard input of this shell; a background process would get none. It notes itself
# while it still holds the lifeline, so that whoever settles the unit, or takes one of its mutexes, finds it.
u_gate_body() {
	exec <&7
	if [ -n "$u_claimed" ]; then
		u_y=self
		[ -n "$u_proc" ] || u_y=$(exec sh -c 'echo $PPID')
		u_stat "$u_y"
		u_y=${u_line%% *}.$u_birth
		for u_lock in $u_held; do u_make "$u_session/$u_lock.body.$u_y"; done
		u_make "$u_out/$u_n.body.$u_y" || { trap - EXIT && u_full "$u_out"; }
	fi
	u_become "$@"
}

# Learns from the events that are left whether the alarm rang.
u_drain() {
	echo over >&3
	while :; do
		u_news=''
		read -r u_news <&3
		case $u_news in
		rang) u_rang=1 ;;
		over) return ;;
		esac
	done
}

# Runs the body, or the command in the arguments, and learns how it ended.
u_run() {
	u_gate_body "$@" &
	u_body=$!
	if [ -n "$u_claimed" ]; then
		u_event "$u_mine_percent" running -
		u_publish "$u_n" running
	fi
	# The ticker of the waiting ends only now, since the body needn't wait for that.
	u_end "$u_timer"
	u_timer=''
	if [ -n "$u_TIMEOUT" ]; then
		u_alarm "$u_TIMEOUT" HUP &
		u_timer=$!
	fi
	# One command, so that a signal comes either before it or after it.
	u_begun=1 u_x=$u_signal
	[ -z "$u_x" ] || u_cancel
	{ wait "$u_body"; } 2>/dev/null
	u_status=$?
	# A signal makes wait return early, and a shell may have forgotten a body that it told of before.
	while [ "$u_signals" -ne "$u_heard" ]; do
		u_heard=$u_signals
		{ wait "$u_body"; } 2>/dev/null
		u_x=$?
		[ "$u_x" -eq 127 ] || u_status=$u_x
	done
	u_explained=1 u_ended=$u_body u_body='' u_begun='' u_code=$u_status u_outcome=failed
	u_end "$u_timer"
	u_timer='' u_rang=''
	[ -z "$u_TIMEOUT" ] || u_drain
	if [ -n "$u_signal" ]; then
		u_outcome=canceled u_code=$((128 + u_number))
	elif [ -n "$u_rang" ]; then
		u_outcome=timed_out u_code=124
		u_say "$u_me timed out: it ran for more than $u_TIMEOUT s."
	else
		[ "$u_code" -ne 0 ] || u_outcome=succeeded
		return
	fi
	u_settle
	# What the body started may need a moment more.
	for u_x in 1 1; do
		kill -0 "-$u_ended" 2>/dev/null || return
		sleep 1
	done
	u_kill KILL "$u_ended"
}

# Decodes the body where it came as base64.
u_find_body() {
	[ -z "$u_BODY_BASE64" ] || { u_decode "$u_BODY_BASE64" && u_text=$u_r u_missing=''; }
	[ -z "$u_missing" ] || u_fault "$u_me can't run here: $u_missing."
}

# Becomes the body at once, as UNITC_DISABLE asks for.
u_bypass() {
	u_spell "$u_UNIT"
	u_me=$u_r u_shell='' u_uid=$(id -u) u_blank=$(printf ' \t\n\v\f\r')
	[ $# -gt 0 ] || u_find_body
	u_say "UNITC_DISABLE is set: $u_me runs at once, without its gates, mutexes and timeouts."
	[ -z "$u_alien" ] || unset $u_alien
	[ -z "$UNITC_EARLY" ] || exit $((128 + ${UNITC_EARLY#*:}))
	unset -v UNITC_EARLY
	trap - HUP INT TERM
	[ $# -eq 0 ] || exec $u_back "$@"
	u_command "exec $u_back"
}

# Gate mode: one unit from its start to its end. The arguments are a command that replaces its body. u_text is the body
# where it is known, and u_missing says why where it is not. All else comes in variables: UNITC_UNIT is the address, with
# instance keys as base64; UNITC_PHASES are the phases that it runs in; UNITC_GATES has a line REQUIRES ADDRESS for each
# gate, or PHASE REQUIRES ADDRESS; UNITC_BODY is the body, or UNITC_BODY_BASE64, and the names in UNITC_MUTEXES are base64; UNITC_TIMEOUT and
# UNITC_GATE_TIMEOUT are seconds; UNITC_STATE_DIR is the folder for state and UNITC_SESSION the name of the session.
u_gate() {
	u_claimed='' u_body='' u_begun='' u_signal='' u_held='' u_joined='' u_timer='' u_watch='' u_fifo='' u_news=''
	for u_x in UNIT PHASES GATES MUTEXES BODY BODY_BASE64 TIMEOUT GATE_TIMEOUT STATE_DIR SESSION; do
		eval "u_$u_x=\${UNITC_$u_x-}"
		unset "UNITC_$u_x"
	done
	[ -z "$u_BODY" ] || u_text=$u_BODY u_missing=''
	case ${UNITC_DISABLE:-0} in 0) ;; *) u_bypass "$@" ;; esac
	u_outcome=failed u_code=125 u_explained='' u_me=$u_UNIT u_status=- u_signals=0 u_heard=0
	u_init u_signaled
	trap u_leave EXIT
	if ! { command : 5<&0; } 2>/dev/null; then exec </dev/null; fi
	exec 7<&0
	case $u_TIMEOUT$u_GATE_TIMEOUT in *[!0123456789]*) u_fault "a timeout is a number of seconds." ;; esac
	u_open_base
	u_find_agent
	u_SESSION=${u_SESSION:+@$u_SESSION}
	u_open_session "${u_SESSION:-$u_agent/${CODER_WORKSPACE_NAME-}/${CODER_WORKSPACE_AGENT_NAME-}}"
	u_spell "$u_UNIT"
	u_me=$u_r u_mine_percent=$u_percent
	u_name "$u_UNIT"
	u_n=$u_r
	# A unit of both phases has the same text in both: its first start is the one of the start phase, and the next one,
	# once that has ended, is the one of the stop phase. Any other start is one more (cron) that nobody waits for.
	for u_phase in $u_PHASES; do
		u_open_phase
		if u_plant "$u_out/$u_n.owner.$u_mine" && u_make "$u_out/$u_n.claim"; then
			u_claimed=1
			break
		fi
		[ -e "$u_out/$u_n.claim" ] || {
			u_disclaim
			u_full "$u_out"
		}
		rm -f "$u_out/$u_n.owner.$u_mine"
		u_outcome_of "$u_n"
		[ -n "$u_r" ] || break
	done
	[ -z "$u_claimed$u_TIMEOUT" ] || u_open_fifo
	if [ -n "$u_claimed" ]; then
		u_sentinel &
		u_watch=$!
	fi
	if [ $# -eq 0 ]; then
		u_find_body
	fi
	if [ -n "$u_claimed" ]; then
		u_await "$u_GATES"
		for u_x in $u_MUTEXES; do u_hold "$u_x"; done
	fi
	u_heed
	u_run "$@"
	exit "$u_code"
}
