# zsh is told to behave like sh. Bash takes functions and options from the environment; where there are any it reads this
# text once more as a privileged shell, which takes none and hands all of them on. Until then only what no function can
# replace is used: words of the language and, in POSIX mode, the special built-ins.
#
# shellcheck shell=sh disable=SC2034,SC3012,SC3028,SC3045,SC3054
# Bash alone gets to what only bash knows.
case ${ZSH_VERSION-} in ?*) emulate -R sh ;; esac
# A signal that comes before it can be heeded is kept in UNITC_EARLY.
case ${BASH_VERSION+$-} in
*p*) ;;
'') UNITC_EARLY='' ;;
*)
	UNITC_EARLY='' UNITC_POSIX=${POSIXLY_CORRECT+1} UNITC_SHELLOPTS=$SHELLOPTS UNITC_BASHOPTS=${BASHOPTS-}
	POSIXLY_CORRECT=${POSIXLY_CORRECT-}
	set +aeu
	trap 'UNITC_EARLY=HUP:1' HUP
	trap 'UNITC_EARLY=INT:2' INT
	trap 'UNITC_EARLY=TERM:15' TERM
	case $UNITC_POSIX in '') export -n POSIXLY_CORRECT ;; esac
	case $(export -p && export -pf) in *' SHELLOPTS='* | *' BASHOPTS='* | *' GLOBIGNORE='* | *'export -f '* | *'declare -fx '*)
		export UNITC_SHELLOPTS UNITC_BASHOPTS UNITC_EARLY
		case ${BASH_EXECUTION_STRING+text}${BASH_SOURCE:+file} in
		text*) exec "$BASH" -p -c "$BASH_EXECUTION_STRING" "$0" "$@" ;;
		file) exec "$BASH" -p "$0" "$@" ;;
		esac
		;;
	esac
	case $UNITC_POSIX in '') unset -v POSIXLY_CORRECT ;; esac
	;;
esac
set +aeuCm
# These two limit how deep functions may call each other; zero and less is no limit.
case ${BASH_VERSION-}${ZSH_VERSION-} in ?*) UNITC_FUNCNEST=${FUNCNEST-} FUNCNEST=-1 ;; esac
