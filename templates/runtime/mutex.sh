# The mutexes of a unit. Only the script of one that has any holds this part.
#
# shellcheck shell=sh disable=SC2034,SC2154
# Variables are shared with the other parts.

# Takes the mutexes of this unit, whose names are base64.
u_hold() {
	for u_mutex in $u_MUTEXES; do
		u_name "$u_mutex"
		u_m=mutexes/$u_r u_t=0 u_news=''
		u_lock=$u_session/$u_m
		u_join "$u_m"
		until u_seize "$u_lock"; do
			[ -e "$u_lock.$u_t" ] || u_full "$u_session"
			u_z=''
			{ IFS= read -r u_z <"$u_lock.$u_t.by"; } 2>&9
			u_spell x "$u_mutex"
			u_what="the mutex $u_r${u_z:+ (held by $u_z)}"
			u_pause
		done
		# One who died about here may have left the bodies of those before it.
		u_i=$((u_t - 1))
		until [ "$u_i" -eq 0 ] || [ -e "$u_lock.$u_i.free" ]; do
			u_slay "$u_lock.$u_i"
			u_i=$((u_i - 1))
		done
		u_remark ''
		{ printf '%s\n' "$u_me" >"$u_lock.$u_t.by"; } 2>&9
		u_held="$u_held $u_m.$u_t"
	done
}

# Notes this process, a body, as u_note does, with the mutexes of its unit.
u_note_mutexes() {
	for u_lock in $u_held; do
		u_make "$u_session/$u_lock.body.$u_r"
		[ ! -e "$u_session/${u_lock%.*}.$((${u_lock##*.} + 1))" ] || exit
	done
}

# Lets go of the mutexes.
u_release() {
	for u_lock in $u_held; do
		u_make "$u_session/$u_lock.free"
		u_wake "$u_session/${u_lock%.*}"
	done
}
