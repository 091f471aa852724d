# Outcomes: how a unit's are published and read, and who publishes for a shell that can't any more.
#
# shellcheck shell=sh disable=SC2154
# Variables are shared with the other parts.

# Appends to events.tsv that the unit whose percent-encoded address is $1 has outcome $2 with exit code $3. This comes
# before the outcome is published, so that the log has events in the order of cause and effect.
u_event() {
	u_now
	{ echo "$u_time	$1	$2	$3" >>"$u_dir/events.tsv"; } 2>&9 || u_full "$u_dir/events.tsv" u_say
}

# Leaves the outcome of unit $1 in u_r, nothing where it hasn't ended.
u_outcome_of() {
	for u_r in succeeded failed timed_out skipped canceled; do
		[ ! -e "$1.$u_r" ] || return 0
	done
	u_r=''
}

# Leaves in u_r what people call the unit at path $1 with address $2: by its name, once it has been started.
u_label() {
	u_line=''
	{ IFS= read -r u_line <"$1.about"; } 2>&9
	u_line=${u_line#*"	"}
	u_line=${u_line%%"	"*}
	u_name "$u_line"
	set -- "$2" "$u_line"
	[ ! -e "$u_dir/names/$u_r.many" ] || set -- "$@" many
	u_spell "$@"
}

# Says $1 of the unit of this shell.
u_remark() {
	[ -n "$u_me" ] || { u_label "$u_n" "$u_UNIT" && u_me=$u_r; }
	[ -z "$1" ] || u_say "$u_me$1"
}

# Wakes those who wait for $1. Opening for reading and writing never blocks, not even where the reader has died.
u_wake() {
	set +f
	for u_x in "$1".waiter.*; do u_rouse "${u_x##*.}"; done
	set -f
}

# Sends a word to shell $1, if it listens.
u_rouse() {
	u_x=$u_session/gates/$1
	[ ! -p "$u_x" ] || { echo wake >&5; } 5<>"$u_x"
}

# Publishes that unit $1 is $2: first the empty file, then a word to those who wait. Returns 1 where it can't.
u_publish() {
	u_make "$1.$2" && u_wake "$1"
}

# Kills the bodies, what watches over them, and helpers, that are named in files beside $1.
u_slay() {
	set +f
	for u_z in "$1".body.* "$1".helper.*; do
		u_z=${u_z#"${u_z%.*.*}".}
		! u_alive "$u_z" || u_end "${u_z%%.*}"
	done
	set -f
}

# Is one of the processes alive that are named in files beside $1?
u_owned() {
	set +f
	set -- "$1".owner.*
	set -f
	for u_z in "$@"; do
		! u_alive "${u_z##*.owner.}" || return 0
	done
	return 1
}

# Takes $1 for this process, as its holder number u_t, which is 0 before the first call. Holders are files with
# ascending numbers, beside each one that says that it is free again; nothing is removed, so two that find a dead
# holder can't both follow it. That is looked for on a tick only. Returns 1 where another process has it, and 2 where no
# file can be made. A body that has not noted itself by now finds a later holder when it does, and ends.
u_seize() {
	while [ -e "$1.$((u_t + 1))" ]; do u_t=$((u_t + 1)); done
	[ "$u_t" -eq 0 ] || [ -e "$1.$u_t.free" ] || { [ "$u_news" = tick ] && ! u_owned "$1.$u_t"; } || return 1
	u_t=$((u_t + 1))
	u_make "$1.$u_t.owner.$u_mine" && u_make "$1.$u_t" && return
	rm -f "$1.$u_t.owner.$u_mine"
	[ -e "$1.$u_t" ]
	return $(($? + 1))
}

# Settles unit $1, spelled $2, whose shell exited without reporting an outcome: its body is killed, and it has failed.
# One who settles it may die as well, and then another does it, also where it had written the event already. Returns what
# u_seize does.
u_bury() {
	u_t=0 u_news=tick
	u_seize "$1.buried" || return
	u_slay "$1"
	u_outcome_of "$1"
	[ -n "$u_r" ] || {
		u_event "$2" failed -
		u_publish "$1" failed
	}
	return 0
}

# Settles unit $1, spelled $2, like u_bury. Where another process is about to, this waits, since that one may die.
u_undertake() {
	until
		u_bury "$1" "$2"
		[ $? -ne 1 ]
	do sleep 1; done
}

# In a sentinel: reads the lifeline until the shell is dead, and returns 1 where it said before that it is over. What the
# shell says besides is what it is about to end.
u_outlive() {
	while u_z='' && read -r u_z <&5; do
		[ "$u_z" != over ] || return 1
		! u_alive "$u_z" || u_fell "${u_z%%.*}"
	done
	return 0
}

# Runs in the background until this shell is over, or has exited without reporting an outcome: then it settles the unit
# and removes what is left. The lifeline ends when no process has it open any more, so a body has noted itself by then.
u_sentinel() {
	trap '' HUP INT TERM
	exec <&9 >&9 2>&9 5<"$u_fifo.life" 3>&- 4>&- 7>&-
	u_outlive || return 0
	u_self
	u_mine=$u_r
	u_undertake "$u_n" "$u_spelled"
	rm -f "$u_fifo" "$u_fifo.life" ${u_bell:+"$u_bell"}
	find "$u_session" -name "*.waiter.$$" -exec rm -f {} +
}
