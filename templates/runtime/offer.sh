# How a script leaves unitc-status to people. It holds this part, and the text of that command, where there is room.
#
# shellcheck shell=sh disable=SC2016,SC2154
# A text for another shell has dollars of its own, and variables are shared with the other parts.

# Leaves unitc-status to people, once a session: in its folder, and on the path of scripts and terminals. No unit minds
# whether that works. $1 is its text without the keys.
u_leave_status() {
	u_x=$u_session/unitc-status
	u_make "$u_x" || return 0
	{
		u_assist
		printf '#!/bin/sh\nu_keys=\047%s\047\n%s\n' "$u_keys" "$1" >"$u_x"
		chmod 755 "$u_x"
		[ -z "$CODER_SCRIPT_BIN_DIR" ] || ln -sf "$u_x" "$CODER_SCRIPT_BIN_DIR/unitc-status"
	} &
}
