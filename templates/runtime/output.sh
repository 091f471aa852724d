# What a run prints: the output of its units, and the table at its end.
#
# shellcheck shell=sh disable=SC2154,SC2034,SC2016
# Variables are shared with the other parts and set by eval, and programs for awk have dollars of their own.

# Prints what the log of unit $1 has gained, each line behind the unit's name. An unfinished line is kept back unless
# $2 says that nothing more will come. A log that is known to be short, $3 bytes, costs no process.
u_show() {
	u_log=$u_dir/logs/$1.log
	[ -s "$u_log" ] || return 0
	eval "u_y=\${u_offset_$1:-0}; u_prefix=\"\$u_n$1 | \""
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

# Prints the table at the end of a run.
u_table() {
	for u_k in $u_all; do
		eval "u_put \"\$u_n$u_k	\$u_r$u_k\""
	done | LC_ALL=C awk -F '	' -v begin="$u_begin.$u_begin_hund" '
		# A time is its seconds and its hundredths.
		function span(from, to, a, b) {
			split(from, a, "[.]")
			split(to, b, "[.]")
			return sprintf("%.2f", b[1] - a[1] + (b[2] - a[2]) / 100)
		}
		BEGIN { wide = 4 }
		{
			row[NR] = $0
			if (length($1) > wide) wide = length($1)
		}
		END {
			format = "%-" wide "s  %-9s  %4s  %9s  %9s%s\n"
			printf "\n" format, "unit", "outcome", "exit", "waited", "ran", "  why"
			for (i = 1; i <= NR; i++) {
				split(row[i], x, "\t")
				waited = span(begin, x[4] == "" ? x[5] : x[4])
				printf format, x[1], x[2], x[3], waited, x[4] == "" ? "-" : span(x[4], x[5]), x[6] == "" ? "" : "  " x[6]
			}
		}'
}
