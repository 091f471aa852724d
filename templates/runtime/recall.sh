# What the log says of a unit.
#
# shellcheck shell=sh disable=SC2034,SC2154
# Variables are shared with the other parts.

# Leaves in u_z, behind the last of its events named $1, the exit code of the unit spelled u_percent, and before a colon
# when that was; nothing where there is none. It looks through all of the log, so it comes once in a while only.
u_recall() {
	u_z=''
	{
		while read -r u_x u_y u_line u_c; do
			[ "$u_y $u_line" != "$u_percent $1" ] || u_z=$u_x:$u_c
		done <"$u_dir/events.tsv"
	} 2>&9
}
