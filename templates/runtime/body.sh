# The body: the command that Coder's agent would run for a text, and all that the runtime changed put back before it.
#
# shellcheck shell=sh disable=SC1003,SC2016,SC2034,SC2086,SC2154
# The program for perl has dollars of its own, a lone backslash is meant, lists are split on purpose, and variables are
# shared with the other parts.

# Replaces this process by the command in the arguments, in a session of its own.
u_replace() {
	[ "$u_own" = perl ] || exec $u_back $u_undo $u_own "$@"
	exec $u_back perl -we '
      use POSIX ();
      POSIX::setsid();
      $SIG{$_}="DEFAULT" for split /,/,shift;
      exec {$ARGV[0]}@ARGV or exit 127' -- "${u_commas#,}" "$@"
}

# Hands the command that the #! line $1 names for the body to the command u_go. It is split at blanks; for lines with quotes
# or backslashes this is defined anew.
u_interpret() {
	set -- ${1#??}
	[ $# -gt 0 ] || set -- sh -c 'echo "unitc: the #! line names no interpreter." >&2; exit 127'
	$u_go "$@" -c "$u_text"
}

# Hands the command that runs the body u_text to the command $1. Coder's agent runs a text that begins with #!, blanks
# aside, by the interpreter named there, any other by the login shell, and an empty one as a login shell without a
# command.
u_command() {
	u_go=$1 u_line=$u_text
	while [ "$u_line" != "${u_line#[[:space:]]}" ]; do u_line=${u_line#?}; done
	case $u_line in
	'#!'*)
		u_line=${u_line%%"$u_nl"*}
		u_interpret "${u_line%[[:space:]]}"
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

# Becomes the body, which is the text u_text, or the command in the arguments, with all else as it was given to us. The
# text becomes a process by the command u_via, or u_replace.
u_become() {
	trap - EXIT $u_default
	# A signal that came while the traps were those of this shell is lost.
	[ ! -e "$u_dir/signaled.$u_mine" ] || exit 143
	# A copy of zsh forgets what was ignored before it began.
	[ -z "$u_given" ] || trap '' $u_given
	umask "$u_umask"
	exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
	[ $# -eq 0 ] || u_replace "$@"
	u_command "${u_via:-u_replace}"
}
