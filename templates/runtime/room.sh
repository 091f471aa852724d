# What scripts hold where there is room for it: more words about why they wait and why they are skipped, and tidying up.
#
# shellcheck shell=sh disable=SC2034,SC2154
# Variables are shared with the other parts.

# Adds to u_what, which is waited for, how long that has been running by the log.
u_tell_time() {
	u_recall running
	[ -z "$u_z" ] || u_what="$u_what (running for $((${u_time%.*} - ${u_z%%.*})) s)"
}

# Adds to u_what, that the prerequisite u_a at path u_g has the outcome u_was, how that came: the exit code, or why it
# was skipped, which it has left in a file. The first cause is told, and up to three of the units between: u_list.
u_tell_cause() {
	u_t=0 u_x=''
	[ "$u_was" != skipped ] || { IFS='	' read -r u_t u_x u_list <"$u_g.why"; } 2>&9
	if [ -n "$u_x" ]; then
		u_what=$u_x u_t=$((u_t + 1))
		[ "$u_t" -gt 3 ] || u_list=$u_list${u_list:+, }$u_a
	else
		u_t=0
		u_recall "$u_was"
		case $u_was:${u_z#*:} in failed:[0-9]*) u_what="$u_what with exit code ${u_z#*:}" ;; esac
	fi
	{ printf '%s\n' "$u_t	$u_what	$u_list" >"$u_n.why"; } 2>&9
	[ "$u_t" -le 3 ] || u_list="$u_list, $((u_t - 3)) more"
}

# Removes the sessions of this machine whose agent has ended. Another container with the same folder has another first
# process, and what it has may be alive; from another boot nothing is. Whatever else may be in the folder isn't ours.
u_prune() {
	set +f
	for u_old in "$u_base"/*; do
		u_gone=1
		for u_x in "$u_old"/agent.*; do
			u_x=${u_x##*/agent.}
			case $u_x in
			"$u_boot".*) ! u_alive "${u_x#"$u_boot".}" || u_gone='' ;;
			"${u_boot%%.*}".*) u_gone='' ;;
			????????-????-*-*-*.*.*.*) ;;
			*) u_gone='' ;;
			esac
		done
		[ -z "$u_gone" ] || rm -rf "$u_old"
	done
	set -f
}
