# What a run prints: the output of its units, and the table at its end.
#
# shellcheck shell=sh disable=SC2154,SC2034,SC2016
# Variables are shared with the other parts and set by eval, and programs for awk have dollars of their own.

# Leaves in u_wide how wide the names of units are where they stand before their output, and in u_paint the beginning of
# what colours them, where people want that.
u_align() {
	u_wide=0 u_paint=''
	for u_k in $u_all; do
		eval "u_x=\$u_n$u_k"
		[ ${#u_x} -le "$u_wide" ] || u_wide=${#u_x}
	done
	[ "$u_wide" -le 40 ] || u_wide=40
	u_measure
	case $u_tty:${NO_COLOR-}:${TERM-dumb} in *:dumb) ;; 1::*) u_paint=$(printf '\033[') ;; esac
}

# Prints what the log of unit $1 has gained, each line behind the unit's name. An unfinished line is kept back unless
# $2 says that nothing more will come. A log that is known to be short, $3 bytes, costs no process.
u_show() {
	u_log=$u_dir/logs/$1.log
	[ -s "$u_log" ] || return 0
	eval "u_y=\${u_offset_$1:-0} u_prefix=\$u_n$1"
	while [ ${#u_prefix} -lt "$u_wide" ]; do u_prefix="$u_prefix "; done
	[ -z "$u_paint" ] || u_prefix="${u_paint}3$(($1 % 6 + 1))m$u_prefix${u_paint}0m"
	u_prefix="$u_prefix | "
	case $u_y:${3-} in 0:[0-9] | 0:[0-9][0-9] | 0:[0-9][0-9][0-9])
		while u_line='' && IFS= read -r u_line || [ -n "$u_line" ]; do
			u_put "$u_prefix$u_line"
		done <"$u_log"
		return
		;;
	esac
	u_x=$({
		tail -c "+$((u_y + 1))" "$u_log"
		echo .
	} | u_prefix=$u_prefix LC_ALL=C awk -v last="$2" '
		NR > 1 { print ENVIRON["u_prefix"] line; size += length(line) + 1 }
		{ line = $0 }
		END {
			if (last && line != ".") print ENVIRON["u_prefix"] substr(line, 1, length(line) - 1)
			printf "%.0f\n", size >"/dev/stderr"
		}' 2>&1 >&8)
	eval "u_offset_$1=\$((u_y + \${u_x##*\"\$u_nl\"}))"
}

# Prints the table at the end of a run, and how many units ended how.
u_table() {
	for u_k in $u_all; do
		eval "u_put \"\$u_n$u_k	\$u_r$u_k\""
	done | u_cols=$u_cols u_from=$u_begin.$u_begin_hund u_until=$u_up.$u_hund LC_ALL=C awk "$u_layout"'
		# A time is its seconds and its hundredths.
		function span(from, to, a, b) {
			split(from, a, "[.]")
			split(to, b, "[.]")
			return b[1] - a[1] + (b[2] - a[2]) / 100
		}
		BEGIN {
			FS = "\t"
			begin = ENVIRON["u_from"]
			split("unit,outcome,exit,waited,ran,why", head, ",")
			kinds = split("succeeded,failed,timed out,skipped,canceled", kind, ",")
		}
		{
			gsub(/_/, " ", $2)
			sum[$2]++
			cell[NR, 1] = $1
			cell[NR, 2] = $2
			cell[NR, 3] = $3 == "-" ? "" : $3
			cell[NR, 4] = sprintf("%.2f", span(begin, $4 == "" ? $5 : $4))
			cell[NR, 5] = $4 == "" ? "" : sprintf("%.2f", span($4, $5))
			cell[NR, 6] = $6
		}
		END {
			if (!lay(NR, 6, 2))
				for (i = 1; i <= NR; i++) {
					line = cell[i, 1] ": " cell[i, 2] (cell[i, 3] > 0 ? " with exit code " cell[i, 3] : "")
					put("", line (cell[i, 6] == "" ? "" : ": " cell[i, 6]))
				}
			line = ""
			for (i = 1; i <= kinds; i++)
				if (kind[i] in sum) line = line (line == "" ? "" : ", ") sum[kind[i]] " " kind[i]
			print ""
			put("", line sprintf(" in %.1f s", span(begin, ENVIRON["u_until"])))
		}'
}
