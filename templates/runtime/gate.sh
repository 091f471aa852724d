# The gate runtime: one script that somebody else starts, and that waits for others through shared state.
#
# Every name starts with u_, so that nothing of the caller's environment is overwritten. A function that computes
# something leaves it in u_r, since a command substitution would cost a process. Expansions without quotes are lists
# of numbers, of file names made by u_name or of words of ours; pathname expansion is off but for the loops that
# need it. File descriptors: 3 the events that this shell reads, 4 the lifeline that ends when this shell dies,
# 5 scratch, 6 the event log, 7 the standard input as given.
#
# shellcheck shell=sh disable=SC2086,SC2046,SC2154,SC2016,SC1003
# The lists described above are split on purpose, eval sets variables, and awk has dollars of its own.

u_say() {
	printf 'unitc: %s\n' "$1" >&2
}

u_full() {
	u_fault "$1 can't be written to. Is the disk full?"
}

# Ends this shell with a fault of the launcher, of its machine or of its caller; the unit has failed.
u_fault() {
	u_say "$1"
	u_outcome=failed u_code=125
	exit 125
}

u_need() {
	for u_x in "$@"; do
		command -v "$u_x" >/dev/null 2>&1 || u_fault "the command $u_x is missing, and the launcher can't do without."
	done
}

# Reads what the system knows of process $1: u_parent, u_leader (of its session), u_birth (when it started) and
# u_ignored (a mask of signals). Returns 1 where it is gone or a zombie.
u_stat() {
	u_line='' u_birth='' u_ignored=0
	if [ -n "$u_proc" ]; then
		{
			# A read that fails because the process has just gone may leave its variable as it was.
			while u_x='' && IFS= read -r u_x || [ -n "$u_x" ]; do
				u_line="$u_line$u_x "
			done
		} 2>/dev/null <"/proc/$1/stat"
		set -- ${u_line##*') '}
		case ${1-} in '' | Z | X) return 1 ;; esac
		u_parent=$2 u_leader=$4 u_birth=${20} u_ignored=${31}
	else
		set -- $(ps -o stat= -o ppid= -o pgid= -o lstart= -p "$1" 2>/dev/null)
		case ${1-} in '' | Z*) return 1 ;; esac
		u_parent=$2 u_leader=$3
		shift 3
		for u_x in "$@"; do u_birth=$u_birth.$u_x; done
	fi
}

# Is process $1, started at $2, alive? Nothing as second argument means that the start isn't known.
u_alive() {
	u_stat "$1" && [ "$u_birth" = "${2:-$u_birth}" ]
}

# Leaves a clock that only goes forward in u_up (seconds) and u_hund (hundredths), and the time of day in u_time.
u_now() {
	if [ -n "$u_proc" ]; then
		read -r u_x u_line </proc/uptime
		u_up=${u_x%.*} u_hund=$((1${u_x#*.} - 100))
	else
		u_up=$(date +%s) u_hund=0
	fi
	u_x=$((u_hund + u_shift_hund)) u_time=$((u_up + u_shift))
	if [ "$u_x" -lt 0 ]; then
		u_x=$((u_x + 100)) u_time=$((u_time - 1))
	elif [ "$u_x" -gt 99 ]; then
		u_x=$((u_x - 100)) u_time=$((u_time + 1))
	fi
	[ "$u_x" -gt 9 ] || u_x=0$u_x
	u_time=$u_time.$u_x
}

# Learns what both modes need to know of this process and its machine.
u_init() {
	u_umask=$(umask)
	umask 077
	set -f
	u_nl='
'
	u_cr=$(printf '\r') u_blank=$(printf ' \t\n\v\f\r')
	u_need mkdir mkfifo rm sleep date ls id
	u_uid=$(id -u)
	u_proc=''
	if [ -r /proc/self/stat ] && [ -r /proc/uptime ]; then u_proc=1; else u_need ps; fi
	u_stat "$$"
	u_mine=$$.$u_birth
	u_sid=$u_leader u_ppid=$u_parent
	# What the caller ignores stays ignored; of the rest u_traps are trapped here and u_default go back for a body.
	u_traps='' u_keyboard=''
	[ $((u_ignored & 1)) -ne 0 ] || u_traps=HUP
	[ $((u_ignored & 2)) -ne 0 ] || { u_traps="$u_traps INT" && u_keyboard=INT; }
	[ $((u_ignored & 16384)) -ne 0 ] || u_traps="$u_traps TERM"
	[ $((u_ignored & 4)) -ne 0 ] || u_keyboard=${u_keyboard:+$u_keyboard,}QUIT
	u_default=$u_traps
	[ $((u_ignored & 4096)) -ne 0 ] || u_default="$u_default PIPE"
	case $u_keyboard in *QUIT) u_default="$u_default QUIT" ;; esac
	u_own='' u_undo=''
	if command -v setsid >/dev/null 2>&1; then
		u_own=setsid
	elif command -v perl >/dev/null 2>&1; then
		u_own=perl
	fi
	# In dash and busybox a background process ignores SIGINT and SIGQUIT, and only another program can undo that.
	if [ -z "${BASH_VERSION-}${KSH_VERSION-}${ZSH_VERSION-}" ] && [ -n "$u_keyboard" ]; then
		if env --default-signal=INT true 2>/dev/null; then
			u_undo="env --default-signal=$u_keyboard"
		elif command -v perl >/dev/null 2>&1; then
			u_own=perl
		fi
	fi
	u_shift=0 u_shift_hund=0
	if [ -n "$u_proc" ]; then
		u_now
		u_line=$(date '+%s %N')
		u_shift=$((${u_line% *} - u_up))
		u_line=${u_line#* }
		case $u_line in [0-9][0-9]???????) u_shift_hund=$((1${u_line%???????} - 100 - u_hund)) ;; esac
	fi
}

# Turns a text into a file name that is unique even where upper and lower case are the same; a long one becomes a path.
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
		*) case $u_tail in *"$u_c"*) u_tail=${u_tail%%"$u_c"*} && u_c=^${#u_tail}. ;; esac ;;
		esac
		u_r=$u_r$u_c
		if [ ${#u_r} -gt 70 ]; then
			u_path=$u_path$u_r/ u_r=''
		fi
	done
	u_r=$u_path+$u_r
}

# The program that decodes base64 where nothing else does, and spells addresses whose keys are base64.
# The second line of a spelled address is the percent-encoded form.
u_awk='
function decode(s, i, n, k, bits, out) {
  for (i = 1; i <= length(s); i++) {
    k = index(alphabet, substr(s, i, 1)) - 1
    if (k < 0) continue
    bits = bits * 64 + k
    if (++n % 4 != 1) {
      k = n % 4 == 2 ? 16 : n % 4 == 3 ? 4 : 1
      out = out sprintf("%c", int(bits / k))
      bits = bits % k
    }
  }
  return out
}
function spell(s, key, i, j, c) {
  for (i = 1; i <= length(s); i++) {
    c = substr(s, i, 1)
    if (key && c ~ /["\\]/) c = "\\" c
    if (key && c ~ /[$%]/ && substr(s, i + 1, 1) == "{") c = c c
    if (key && c < " ") c = c == "\n" ? "\\n" : c == "\r" ? "\\r" : c == "\t" ? "\\t" : sprintf("\\u%04x", code[c])
    shown = shown c
    for (j = 1; j <= length(c); j++)
      percent = percent (substr(c, j, 1) ~ /[A-Za-z0-9_.~-]/ ? substr(c, j, 1) : sprintf("%%%02X", code[substr(c, j, 1)]))
  }
}
BEGIN {
  alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  for (i = 1; i < 256; i++) code[sprintf("%c", i)] = i
}
what == "text" { printf "%s", decode($0) }
what == "address" {
  while (match($0, /\["[A-Za-z0-9+\/=]*"\]/)) {
    spell(substr($0, 1, RSTART + 1), 0)
    spell(decode(substr($0, RSTART + 2, RLENGTH - 4)), 1)
    spell("\"]", 0)
    $0 = substr($0, RSTART + RLENGTH)
  }
  spell($0, 0)
  print shown
  print percent
}
'

# Spells address $1, whose instance keys are base64, for people: u_r, and percent-encoded: u_percent.
u_spell() {
	u_r=$1 u_percent=$1
	case $1 in
	*[!abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-]*)
		u_r=$(printf '%s\n' "$1" | LC_ALL=C awk -v what=address "$u_awk")
		u_percent=${u_r#*"$u_nl"}
		u_r=${u_r%"$u_nl"*}
		;;
	esac
}

# Decodes the base64 text $1. The x shows that the text is whole and keeps its last newlines.
u_decode() {
	for u_x in 'base64 -d' 'base64 -D' 'openssl base64 -d -A' 'awk -v what=text'; do
		command -v "${u_x%% *}" >/dev/null 2>&1 || continue
		case $u_x in awk*) set -- "$1" "$u_awk" ;; esac
		u_r=$(echo "$1" | LC_ALL=C $u_x ${2+"$2"} 2>/dev/null && echo x)
		case $u_r in
		*x)
			u_r=${u_r%x}
			return
			;;
		esac
	done
	u_fault "the body can't be decoded: base64, openssl and awk are missing, or it isn't base64."
}

# Is folder $1 private to this user? It is made where it isn't there; u_why collects what is wrong with it.
u_private() {
	u_base=$1
	while :; do
		case $u_base in ?*/) u_base=${u_base%/} ;; *) break ;; esac
	done
	mkdir -m 700 "$u_base" 2>/dev/null && return 0
	set -- $(LC_ALL=C ls -ldn "$u_base" 2>/dev/null)
	case ${1-} in
	drwx--[-S]---*)
		if [ "$3" != "$u_uid" ]; then
			u_why="$u_why $u_base belongs to user $3."
		elif [ ! -w "$u_base" ]; then
			u_why="$u_why $u_base can't be written to."
		else
			return 0
		fi
		;;
	'') u_why="$u_why $u_base can't be made." ;;
	*) u_why="$u_why $u_base isn't a folder with mode 0700." ;;
	esac
	return 1
}

# Finds the private folder for all state: u_base. It is never below the home folder, which may outlive the machine
# and be shared with others; UNITC_STATE_DIR is the caller's business.
u_open_base() {
	u_why=''
	if [ -n "$u_state_dir" ]; then
		case $u_state_dir in
		/*) ;;
		*) u_state_dir=$PWD/$u_state_dir ;;
		esac
		mkdir -p "${u_state_dir%/*}/" 2>/dev/null
		u_private "$u_state_dir" && return
	else
		for u_x in "${CODER_SCRIPT_BIN_DIR:+${CODER_SCRIPT_BIN_DIR%/*}/unitc}" "${TMPDIR:-/tmp}/unitc-$u_uid" \
			"/tmp/unitc-$u_uid"; do
			case $u_x in
			"${HOME:-/}"/*) ;;
			/*) u_private "$u_x" && return ;;
			esac
		done
	fi
	u_fault "there is no private folder for state:$u_why Set UNITC_STATE_DIR to a folder of your own, mode 0700."
}

# Makes the empty file $1, which nobody else may have made. This is atomic, costs no process, and works on a full disk.
u_make() {
	set -C
	{ command : >"$1"; } 2>/dev/null
	u_made=$?
	set +C
	return $u_made
}

# Leaves in u_agent the process that all the scripts of one start have in common: the parent of their session.
u_find_agent() {
	u_boot=''
	[ ! -r /proc/sys/kernel/random/boot_id ] || read -r u_boot </proc/sys/kernel/random/boot_id
	u_stat 1
	u_boot=$u_boot.$u_birth u_agent=$u_ppid
	if [ "$u_sid" != "$$" ] && u_stat "$u_sid"; then u_agent=$u_parent; fi
	u_stat "$u_agent"
	u_agent=$u_boot.$u_agent.$u_birth
}

# Opens the session named $1 below u_base: u_session. The one who makes it takes away the sessions of this machine
# whose agent is gone.
u_open_session() {
	u_name "$1"
	u_session=$u_base/$u_r
	if mkdir "$u_base/${u_r%%/*}" 2>/dev/null; then
		set +f
		for u_old in "$u_base"/*; do
			u_gone=''
			for u_x in "$u_old"/agent.*; do
				u_x=${u_x##*/agent.}
				u_pid=${u_x#"$u_boot".}
				if [ "$u_pid" = "$u_x" ]; then
					# Another boot, or another container with the same folder. Only the former is known to be over.
					case $u_x in "${u_boot%%.*}".* | '*') u_gone='' && break ;; esac
				elif u_alive "${u_pid%%.*}" "${u_pid#*.}"; then
					u_gone='' && break
				fi
				u_gone=1
			done
			[ -z "$u_gone" ] || rm -rf "$u_old"
		done
		set -f
	fi
	mkdir -p "$u_session" 2>/dev/null
	u_make "$u_base/${u_r%%/*}/agent.$u_agent"
	[ -e "$u_base/${u_r%%/*}/agent.$u_agent" ] || u_full "$u_session"
}

# Opens the phase u_phase of the session. Outcomes are empty files in it, see u_publish.
u_open_phase() {
	u_phase_dir=$u_session/$u_phase u_out=$u_session/$u_phase/outcomes
	mkdir -p "$u_out" "$u_phase_dir/logs" "$u_phase_dir/gates" "$u_session/mutexes" 2>/dev/null
	[ -d "$u_phase_dir/gates" ] || u_full "$u_phase_dir"
}

# Opens the events of this shell and its lifeline.
u_open_fifo() {
	u_fifo=$u_phase_dir/gates/$$
	mkfifo "$u_fifo" "$u_fifo.life" 2>/dev/null
	if [ ! -p "$u_fifo" ] || [ ! -p "$u_fifo.life" ]; then
		u_fault "no FIFO can be made in $u_phase_dir. Set UNITC_STATE_DIR to a folder where one can."
	fi
	exec 3<>"$u_fifo" 4<>"$u_fifo.life"
}

# Appends to events.tsv that the unit whose percent-encoded address is $1 has outcome $2 with exit code $3.
u_event() {
	u_now
	{ echo "$u_time	$1	$2	$3" >>"$u_phase_dir/events.tsv"; } 2>/dev/null ||
		u_say "$u_phase_dir/events.tsv can't be written to. Is the disk full?"
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
		u_x=$u_phase_dir/gates/${u_x##*.}
		[ ! -p "$u_x" ] || { echo wake >&5; } 5<>"$u_x"
	done
	set -f
}

# Publishes that unit $1 is $2: first the empty file, then a word to those who wait. Its event comes before, so that the
# log of events has them in the order of cause and effect.
u_publish() {
	u_make "$u_out/$1.$2"
	u_wake "$u_out/$1"
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
          for (q = p; q in parent && q != top; q = parent[q]) if (q + 0 < 2) break
          if (q == top) print p
        }
      }'); do
			[ "$u_victim" -lt 2 ] || kill "-$1" "$u_victim" 2>/dev/null
		done
	fi
}

# After a body that was told to end, ends what is left of the groups of the processes in the arguments.
u_sweep() {
	[ -n "$u_own" ] || return 0
	for u_grace in 1 1 ''; do
		u_groups=''
		for u_group in "$@"; do
			if [ "$u_group" -gt 1 ] && kill -0 "-$u_group" 2>/dev/null; then u_groups="$u_groups $u_group"; fi
		done
		[ -n "$u_groups" ] || return 0
		if [ -n "$u_grace" ]; then
			sleep 1
		else
			for u_group in $u_groups; do u_kill KILL "$u_group"; done
		fi
	done
}

# Settles unit $1, spelled $2, whose shell died without a word: its body is killed, and it has failed.
u_bury() {
	set +f
	for u_y in "$u_out/$1".body.*; do
		u_y=${u_y##*.body.}
		u_alive "${u_y%%.*}" "${u_y#*.}" && u_kill KILL "${u_y%%.*}"
	done
	set -f
	if u_make "$u_out/$1.buried"; then
		u_event "$2" failed -
		u_publish "$1" failed
	fi
}

# Makes a helper outlive the signals that are meant for this shell.
u_ignore() {
	[ -z "$u_traps" ] || trap '' $u_traps
}

# Runs in the background until this shell has died. Where no outcome was published by then, it settles the unit.
u_sentinel() {
	u_ignore
	exec </dev/null >/dev/null 2>&1 5<"$u_fifo.life"
	exec 3>&- 4>&- 7>&-
	read -r u_x <&5
	u_outcome_of "$u_n"
	if [ -z "$u_r" ]; then
		u_bury "$u_n" "$u_mine_percent"
		rm -f "$u_fifo" "$u_fifo.life"
	fi
}

# In a helper: sleeps $1 seconds, or until u_end ends the helper.
u_nap() {
	sleep "$1" &
	u_napping=$!
	[ -z "$u_done" ] || kill -KILL "$u_napping"
	wait "$u_napping"
	if [ -n "$u_done" ]; then
		wait "$u_napping"
		exit
	fi
	u_napping=''
}

# Makes a background process a helper, which holds nothing open and hears u_end only. The signal is one that bash
# doesn't catch by itself: a copy of this shell that it meets before its trap is set ends without a word.
u_assist() {
	u_ignore
	u_napping='' u_done=''
	trap 'u_done=1; [ -z "$u_napping" ] || kill -KILL "$u_napping"' PROF
	exec </dev/null >/dev/null 2>&1 4>&- 7>&- 8>&-
}

# Runs in the background: posts a tick every $1 seconds.
u_ticker() {
	u_assist
	while kill -0 "$$"; do
		u_nap "$1"
		echo tick >&3
	done
}

# Runs in the background: after $1 seconds it marks the body as late and ends it, after 10 more it kills it.
# With KILL as second argument it only kills.
u_alarm() {
	u_assist
	u_nap "$1"
	if [ "$2" = HUP ]; then
		u_make "$u_late"
		u_kill HUP "$u_body"
		u_nap 10
	fi
	u_kill KILL "$u_body"
}

# Ends the background helper $1.
u_end() {
	kill -PROF "$1" 2>/dev/null
	wait "$1" 2>/dev/null
}

# Replaces this process by the command in the arguments, in a session of its own.
u_replace() {
	case $u_own in
	setsid) exec $u_undo setsid "$@" ;;
	perl)
		exec perl -e '
        use POSIX ();
        POSIX::setsid();
        $SIG{$_} = "DEFAULT" for split /,/, shift;
        exec { $ARGV[0] } @ARGV;
        print STDERR "unitc: $ARGV[0]: $!\n";
        exit 127' -- "$u_keyboard" "$@"
		;;
	*) exec $u_undo "$@" ;;
	esac
}

# Splits the #! line $1 as Coder's agent does: at blanks, with the quotes and backslashes of a shell, expanding nothing.
u_interpret() {
	u_line=${1#??} u_word='' u_quote='' u_some=''
	set --
	while [ -n "$u_line" ]; do
		u_tail=${u_line#?}
		u_c=${u_line%"$u_tail"}
		u_line=$u_tail
		case $u_quote$u_c in
		[\'\"]) u_quote=$u_c u_some=1 ;;
		"''" | '""') u_quote='' ;;
		'\' | '"\')
			u_tail=${u_line#?}
			u_c=${u_line%"$u_tail"}
			u_line=$u_tail
			case $u_quote$u_c in '"'[!\$\`\"\\]) u_c="\\$u_c" ;; esac
			u_word=$u_word$u_c u_some=1
			;;
		[' 	'])
			[ -z "$u_some" ] || set -- "$@" "$u_word"
			u_word='' u_some=''
			;;
		*) u_word=$u_word$u_c u_some=1 ;;
		esac
	done
	[ -z "$u_some" ] || set -- "$@" "$u_word"
	if [ -n "$u_quote" ] || [ $# -eq 0 ]; then
		u_say "the #! line of the body can't be read: it names no interpreter, or a quote is open."
		exit 127
	fi
	u_replace "$@" -c "$u_text"
}

# Becomes the body, which is the text u_text, or the command in the arguments: as Coder's agent runs it, with all else
# as it was given to us. The agent runs a text that begins with #!, blanks aside, by the interpreter named there, any
# other by the login shell, and an empty one as a login shell without a command.
u_become() {
	trap - EXIT $u_default
	umask "$u_umask"
	exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&-
	[ $# -eq 0 ] || u_replace "$@"
	u_line=$u_text
	while :; do
		case $u_line in [$u_blank]*) u_line=${u_line#?} ;; *) break ;; esac
	done
	case $u_line in
	'#!'*)
		u_line=${u_line%%"$u_nl"*}
		u_interpret "${u_line%"$u_cr"}"
		;;
	*)
		u_shell=''
		while IFS=: read -r u_x u_x u_id u_x u_x u_x u_line; do
			if [ "$u_id" = "$u_uid" ]; then u_shell=$u_line && break; fi
		done 2>/dev/null </etc/passwd
		u_shell=${u_shell:-${SHELL:-/bin/sh}}
		[ -n "$u_text" ] || u_replace "$u_shell" -l
		u_replace "$u_shell" -c "$u_text"
		;;
	esac
}

# Has the signals that end this shell told to the command in u_told.
u_trap() {
	for u_x in $u_traps; do
		case $u_x in
		HUP) trap '$u_told HUP 1' HUP ;;
		INT) trap '$u_told INT 2' INT ;;
		TERM) trap '$u_told TERM 15' TERM ;;
		esac
	done
}

# Signal $1, number $2: the first goes on to the body, which is killed 10 s later, or at once on a second one.
u_signaled() {
	u_signals=$((u_signals + 1))
	if [ -n "$u_signal" ]; then
		[ -z "$u_body" ] || u_kill KILL "$u_body"
		return
	fi
	u_signal=$1 u_number=$2
	if [ -n "$u_body" ]; then
		u_cancel
	elif [ -n "$u_listens" ]; then
		echo signal >&3
	fi
}

u_cancel() {
	u_kill "$u_signal" "$u_body"
	[ -z "$u_alarm" ] || u_end "$u_alarm"
	u_alarm 10 KILL &
	u_alarm=$!
}

# Publishes how the unit of this shell ended.
u_settle() {
	[ -n "$u_claimed" ] || return 0
	u_claimed=''
	u_event "$u_mine_percent" "$u_outcome" "$u_status"
	u_publish "$u_n" "$u_outcome"
}

# Leaves this shell, wherever it stands: publishes, and takes away all that it made for itself.
u_leave() {
	trap - EXIT
	u_ignore
	[ -z "$u_body" ] || u_kill KILL "$u_body"
	u_settle
	for u_lock in $u_held; do u_release "$u_lock"; done
	[ -z "$u_ticking" ] || u_end "$u_ticking"
	[ -z "$u_alarm" ] || u_end "$u_alarm"
	exec 3>&- 4>&-
	[ -z "$u_watch" ] || wait "$u_watch"
	set -- ${u_fifo:+"$u_fifo" "$u_fifo.life"}
	for u_x in $u_joined; do set -- "$@" "$u_session/$u_x.waiter.$$"; done
	[ ! -e "$u_late" ] || set -- "$@" "$u_late"
	[ $# -eq 0 ] || rm -f "$@"
	exit "$u_code"
}

# Ends this shell without having run its body, as outcome $1 with exit code $2, for reason $3.
u_pass() {
	u_say "$u_me $1: $3"
	u_outcome=$1 u_code=$2
	exit "$2"
}

# Has a word sent to this shell when something happens to $1, a path in the session without its end.
u_join() {
	case $1 in */*/*) mkdir -p "$u_session/${1%/*}" 2>/dev/null ;; esac
	u_make "$u_session/$1.waiter.$$" || u_full "$u_session"
	u_joined="$u_joined $1"
}

# Sleeps until there is news, then returns. Meanwhile it says each 30 s what it waits for, $1, and watches the time.
u_pause() {
	if [ -z "$u_ticking" ]; then
		u_now
		u_since=$u_up u_said=$u_up
		if [ -n "$u_gate_timeout" ]; then u_ticker 1 & else u_ticker 4 & fi
		u_ticking=$!
	fi
	[ -n "$u_signal" ] || read -r u_news <&3
	[ -z "$u_signal" ] || u_pass canceled $((128 + u_number)) "it was sent SIG$u_signal."
	[ "$u_news" = tick ] || return 0
	u_now
	if [ -n "$u_gate_timeout" ] && [ $((u_up - u_since)) -ge "$u_gate_timeout" ]; then
		u_pass timed_out 124 "it waited $u_gate_timeout s for$1."
	fi
	if [ $((u_up - u_said)) -ge 30 ]; then
		u_said=$u_up
		u_say "$u_me has waited $((u_up - u_since)) s for$1."
	fi
}

# Waits until the gates $1 are open, lines of a requirement and an address. One that can't open any more ends this
# shell as skipped.
u_await() {
	u_left='' u_i=0 u_lines=$1
	while [ -n "$u_lines" ]; do
		u_line=${u_lines%%"$u_nl"*}
		u_lines=${u_lines#"$u_line"} && u_lines=${u_lines#"$u_nl"}
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
			[ "$u_news" != tick ] || u_inspect "$u_g" "$u_a"
			u_outcome_of "$u_g"
			u_was=$u_r
			case $u_q:$u_was in
			success:succeeded | completion:[!c]*) continue ;;
			start:*) [ ! -e "$u_out/$u_g.running" ] || continue ;;
			esac
			u_spell "$u_a"
			[ -z "$u_was" ] || u_pass skipped 0 "it needs the $u_q of $u_r, which is $u_was."
			u_still="$u_still $u_i" u_what="$u_what the $u_q of $u_r,"
		done
		u_left=$u_still
		[ -n "$u_left" ] || break
		u_pause "${u_what%,}"
	done
}

# Looks whether the shell of unit $1, at address $2, has died without a word.
u_inspect() {
	[ -e "$u_out/$1.claim" ] || return 0
	set +f
	set -- "$1" "$2" "$u_out/$1".owner.*
	set -f
	u_x=${3##*.owner.}
	if [ "$u_x" = '*' ]; then
		# Between its claim and its name a shell can only be for a moment, so it is dead where that is seen twice.
		case $u_nameless in *" $1 "*) ;; *) u_nameless="$u_nameless $1 " && return 0 ;; esac
	elif u_alive "${u_x%%.*}" "${u_x#*.}"; then
		return 0
	fi
	u_outcome_of "$1"
	if [ -z "$u_r" ]; then
		u_spell "$2"
		u_say "the shell of $u_r died without a word, so it has failed."
		u_bury "$1" "$u_percent"
	fi
}

# Takes mutex $1, whose name is base64. Its holders are files with ascending numbers, beside each one that says that it
# is free again; nothing is taken away, so two who find a dead holder can't both follow it.
u_hold() {
	u_name "$1"
	u_m=mutexes/$u_r u_t=0 u_news=''
	u_join "$u_m"
	while :; do
		while [ -e "$u_session/$u_m.$((u_t + 1))" ]; do u_t=$((u_t + 1)); done
		if [ "$u_news" = tick ] && [ "$u_t" -gt 0 ]; then
			set +f
			for u_x in "$u_session/$u_m.$u_t.owner".*; do
				u_x=${u_x##*.owner.}
				u_alive "${u_x%%.*}" "${u_x#*.}" || u_release "$u_m.$u_t"
			done
			set -f
		fi
		if [ "$u_t" -eq 0 ] || [ -e "$u_session/$u_m.$u_t.free" ]; then
			u_t=$((u_t + 1))
			if u_make "$u_session/$u_m.$u_t"; then
				u_held="$u_held $u_m.$u_t"
				u_make "$u_session/$u_m.$u_t.owner.$u_mine"
				return
			fi
			[ -e "$u_session/$u_m.$u_t" ] || u_full "$u_session"
		else
			u_pause " the mutex $1"
		fi
	done
}

# Lets go of the mutex whose holder is file $1.
u_release() {
	u_make "$u_session/$1.free"
	u_wake "$u_session/${1%.*}"
}

# The body of gate mode gets the standard input of this shell; a background process would get none.
u_gate_body() {
	if [ -n "$u_stdin" ]; then exec <&7; else exec <&-; fi
	u_become "$@"
}

# Runs the body, or the command in the arguments, and learns how it ended.
u_run() {
	u_gate_body "$@" &
	u_body=$!
	if [ -n "$u_claimed" ]; then
		u_stat "$u_body"
		u_make "$u_out/$u_n.body.$u_body.$u_birth"
		u_event "$u_mine_percent" running -
		u_publish "$u_n" running
	fi
	if [ -n "$u_signal" ]; then
		[ -n "$u_alarm" ] || u_cancel
	elif [ -n "$u_timeout" ]; then
		u_alarm "$u_timeout" HUP &
		u_alarm=$!
	fi
	wait "$u_body"
	u_status=$?
	# A signal makes wait return early, and a shell may have forgotten a body that it told of before.
	while [ "$u_signals" -ne "$u_heard" ]; do
		u_heard=$u_signals
		wait "$u_body"
		u_x=$?
		[ "$u_x" -eq 127 ] || u_status=$u_x
	done
	u_ended=$u_body u_body='' u_code=$u_status
	if [ -n "$u_signal" ]; then
		u_outcome=canceled u_code=$((128 + u_number))
	elif [ -e "$u_late" ]; then
		u_outcome=timed_out u_code=124
		u_say "$u_me timed_out: it ran for more than $u_timeout s."
	elif [ "$u_status" -eq 0 ]; then
		u_outcome=succeeded
		return
	else
		u_outcome=failed
		return
	fi
	u_settle
	u_sweep "$u_ended"
}

# Gate mode: one unit from its start to its end. The arguments are a command that replaces its body. u_text is the body
# where it is known, and u_missing says why where it is not. All else comes in variables: UNITC_UNIT is the address, with
# instance keys as base64; UNITC_PHASES are the phases that it runs in; UNITC_GATES has a line REQUIRES ADDRESS for each
# gate, or PHASE REQUIRES ADDRESS; UNITC_BODY is base64, and so are the names in UNITC_MUTEXES; UNITC_TIMEOUT and
# UNITC_GATE_TIMEOUT are seconds; UNITC_STATE_DIR is the folder for state and UNITC_SESSION the name of the session.
u_gate() {
	u_traps='' u_outcome=failed u_code=125 u_status=- u_claimed='' u_body='' u_signal='' u_signals=0 u_heard=0 u_listens=''
	u_held='' u_joined='' u_ticking='' u_alarm='' u_watch='' u_fifo='' u_news='' u_nameless=' ' u_late=.
	u_gate_timeout=${UNITC_GATE_TIMEOUT-} u_timeout=${UNITC_TIMEOUT-} u_state_dir=${UNITC_STATE_DIR-}
	u_key=${UNITC_SESSION-} u_gates=${UNITC_GATES-} u_mutexes=${UNITC_MUTEXES-} u_coded=${UNITC_BODY-}
	u_address=$UNITC_UNIT u_phases=$UNITC_PHASES
	unset UNITC_GATE_TIMEOUT UNITC_TIMEOUT UNITC_STATE_DIR UNITC_SESSION UNITC_GATES UNITC_MUTEXES UNITC_BODY \
		UNITC_UNIT UNITC_PHASES
	trap u_leave EXIT
	u_init
	u_told=u_signaled
	u_trap
	u_stdin=''
	if { : <&0; } 2>/dev/null; then exec 7<&0 && u_stdin=7; fi
	case $u_timeout$u_gate_timeout in *[!0123456789]*) u_fault "a timeout is a number of seconds." ;; esac
	u_open_base
	u_find_agent
	u_key=${u_key:+@$u_key}
	u_open_session "${u_key:-$u_agent/${CODER_WORKSPACE_NAME-}/${CODER_WORKSPACE_AGENT_NAME-}}"
	u_spell "$u_address"
	u_me=$u_r u_mine_percent=$u_percent u_late=$u_session/late.$$
	u_name "$u_address"
	u_n=$u_r
	# A unit of both phases has the same text in both: its first start is the one of the start phase, and the next one,
	# once that has ended, is the one of the stop phase. Any other start is one more (cron) that nobody waits for.
	for u_phase in $u_phases; do
		u_open_phase
		case $u_n in */*) mkdir -p "$u_out/${u_n%/*}" 2>/dev/null ;; esac
		if u_make "$u_out/$u_n.claim"; then
			u_claimed=1
			break
		fi
		[ -e "$u_out/$u_n.claim" ] || u_full "$u_out"
		u_outcome_of "$u_n"
		[ -n "$u_r" ] || break
	done
	if [ -n "$u_claimed" ]; then
		u_make "$u_out/$u_n.owner.$u_mine"
		u_open_fifo
		u_listens=1
		u_sentinel &
		u_watch=$!
	fi
	if [ $# -eq 0 ]; then
		[ -z "$u_coded" ] || { u_decode "$u_coded" && u_text=$u_r u_missing=''; }
		[ -z "$u_missing" ] || u_fault "$u_me can't run here: $u_missing."
	fi
	if [ -n "$u_claimed" ]; then
		u_await "$u_gates"
		for u_x in $u_mutexes; do u_hold "$u_x"; done
		[ -z "$u_ticking" ] || u_end "$u_ticking"
		u_ticking=''
	fi
	u_run "$@"
	exit "$u_code"
}
