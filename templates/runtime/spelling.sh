# Spelling: addresses as file names, as people read them, and as events have them.
#
# shellcheck shell=sh disable=SC2016,SC2034,SC2154
# The program for awk has dollars of its own, and variables are shared with the other parts.

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

# Spells address $1, whose instance keys are base64, for people: u_r, and percent-encoded: u_percent. People know it by the
# name $2, in base64, if it has one; where $3 says that others have that, too, by both.
u_spell() {
	u_r=$1 u_percent=$1
	case ${2:+ }$1 in *[!A-Za-z0-9_.-]*)
		u_need awk
		u_r=$(printf '%s\n' "$1" | LC_ALL=C awk -v name="${2-}" -v many="${3-}" "$u_keys"'
      {
        $0=shown($0)
        print (name==""?$0:plain(decode(name)) (many?" (" $0 ")":""))
        printf "%s",percent($0)
      }')
		u_percent=${u_r#*"$u_nl"} u_r=${u_r%"$u_nl"*}
		;;
	esac
}
