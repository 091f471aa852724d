# The interpreter of a body whose #! line has quotes or backslashes. Only the script of one whose line may have any holds
# this part.
#
# shellcheck shell=sh disable=SC1003,SC2034,SC2086,SC2154
# A lone backslash is meant, lists are split on purpose, and variables are shared with the other parts.

# Takes the first character of u_rest off: u_c.
u_take() {
	u_tail=${u_rest#?}
	u_c=${u_rest%"$u_tail"}
	u_rest=$u_tail
}

# Splits the #! line $1 as Coder's agent does: at blanks, with the quotes and backslashes of a shell, expanding nothing.
# The blank at its end ends the last word.
u_interpret() {
	u_rest="${1#??} " u_word='' u_quote='' u_some=''
	set --
	while [ -n "$u_rest" ]; do
		u_take
		case $u_quote$u_c in
		[\'\"]) u_quote=$u_c u_some=1 ;;
		"''" | '""') u_quote='' ;;
		[' 	'])
			[ -z "$u_some" ] || set -- "$@" "$u_word"
			u_word='' u_some=''
			;;
		*)
			case $u_quote$u_c in '\' | '"\')
				u_take
				case $u_quote$u_c in '"'[!\$\`\"\\]) u_c="\\$u_c" ;; esac
				;;
			esac
			u_word=$u_word$u_c u_some=1
			;;
		esac
	done
	if [ -n "$u_some" ] || [ $# -eq 0 ]; then
		set -- sh -c 'echo "unitc: the #! line names no interpreter, or leaves a quote open." >&2; exit 127'
	fi
	$u_go "$@" -c "$u_text"
}
