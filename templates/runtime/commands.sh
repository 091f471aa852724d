# The command line of the launcher.
#
# shellcheck shell=sh disable=SC2086,SC2154,SC2034,SC2030,SC2031 # Lists are split on purpose; the other parts share the variables.

u_help() {
	cat <<'END'
Runs the scripts of a Coder workspace template in the order that the template declares.

usage: sh launcher.sh [run] [--phase start|stop] [--agent ADDRESS] [--jobs N] [--only UNIT] [--dry-run]
       sh launcher.sh exec UNIT [-- COMMAND ARGUMENT...]
       sh launcher.sh list | plan  [--phase start|stop] [--agent ADDRESS]
       sh launcher.sh status  [--phase start|stop] [--agent ADDRESS] [--tsv] [--watch] [log|why|release|skip UNIT]

run     starts each unit the moment its gates are open and waits for all of them
exec    is one unit that something else has started: it waits for its gates through shared state, runs its body, or
        the command, and publishes the outcome
list    the units with their gates, mutexes and limits
plan    the order in waves, with mutexes and limits on waiting
status  what has become of the units of the newest session of this template; status --help says more

--phase    start (the default of run) or stop
--agent    the runtime, needed where there are several
--jobs     how many bodies run at the same time at most; a unit that has become ready gives its place back
--only     this unit and what it needs
--dry-run  says what would run, in which order, and runs nothing

Exit codes: of run 0, 1 where a unit that isn't optional failed or timed out, 2 for a wrong command line, 128 + n after signal n;
of exec the code of the body, 0 where it was skipped or is optional, 124 where it timed out, 125 for a fault of the launcher.

Environment: UNITC_STATE_DIR is the folder for state (mode 0700), UNITC_SESSION names the session of exec;
UNITC_GATES, UNITC_TIMEOUT, UNITC_GATE_TIMEOUT and UNITC_BODY (or UNITC_BODY_BASE64) replace what the launcher knows of
a unit, and so do UNITC_PROBE, UNITC_PROBE_INTERVAL, UNITC_NOTIFY, UNITC_UNLESS, UNITC_RETRIES, UNITC_RETRY_DELAY and
UNITC_OPTIONAL of what it says of itself. With UNITC_DISABLE=1, exec runs the body at once: no gates, no mutexes, no timeouts, no outcome.
END
}

# Notes graph $1 of runtime $2 and phase $3 where it was asked for.
u_choose() {
	case $u_nl$u_runtimes in *"$u_nl$2$u_nl"*) ;; *) u_runtimes=$u_runtimes$2$u_nl u_count=$((u_count + 1)) ;; esac
	if [ "$2" = "${u_agent_asked:-$2}" ] && [ "$3" = "${u_phase_asked:-$3}" ]; then
		u_chosen="$u_chosen $1"
		eval "u_graph_runtime_$1=\$2 u_graph_phase_$1=\$3"
	fi
	[ "$2" != "$u_agent_asked" ] || u_known=1
}

# Prints the mutexes of unit $1, each behind $2.
u_put_mutexes() {
	eval "u_m=\${u_mutexes_$1-}"
	for u_m in $u_m; do eval "u_put \"\$2holds \$u_mutex_shown_$u_m\""; done
}

# Prints graph $1 with its units, their gates and mutexes.
u_list_graph() {
	u_load_graph "$1"
	eval "u_put \"\$u_graph_runtime_$1, \$u_graph_phase_$1 phase:\""
	for u_k in $u_all; do
		eval "u_x=\${u_timeout_$u_k-} u_z=\${u_gate_timeout_$u_k-} u_name=\$u_n$u_k"
		u_put "  $u_name${u_x:+ (timeout $u_x s)}${u_z:+ (waits $u_z s at most)}"
		u_gates_of "$u_k" "$u_nl    needs "
		[ -z "$u_r" ] || u_put "${u_r#"$u_nl"}"
		u_put_mutexes "$u_k" '    '
		u_also_of "$u_k" "$u_nl    "
		[ -z "$u_r" ] || u_put "${u_r#"$u_nl"}"
	done
}

# Prints graph $1 in waves: a unit stands in the wave after the last of those that it waits for.
u_plan_graph() {
	u_load_graph "$1"
	eval "u_put \"\$u_graph_runtime_$1, \$u_graph_phase_$1 phase:\""
	u_wave=1 u_some=1
	while [ -n "$u_some" ]; do
		u_some=''
		for u_k in $u_all; do
			eval "u_x=\$u_wave_$u_k u_y=\$u_n$u_k u_z=\${u_gate_timeout_$u_k-}"
			if [ "$u_x" -eq "$u_wave" ]; then
				[ -n "$u_some" ] || u_put "  wave $u_wave"
				u_some=1
				u_put "    $u_y${u_z:+ (waits $u_z s at most)}"
				u_put_mutexes "$u_k" '      '
			fi
		done
		u_wave=$((u_wave + 1))
	done
}

# Prints the units of the graphs that were asked for, as unitc-status reads them. A run of the supervisor has numbers for
# names of files.
u_rows_of_graphs() {
	for u_g in $u_chosen; do
		u_load_graph "$u_g"
		"u_names_$u_g"
		for u_k in $u_all; do
			eval "u_list=\${u_mutexes_$u_k-} u_r=\$u_coded_$u_k u_y=\$u_gates_$u_k u_x=\${u_named_$u_k-}"
			u_r="$u_r	$u_x	"
			for u_m in $u_list; do eval "u_r=\"\$u_r \$u_mutex_coded_$u_m\""; done
			u_r="$u_r		${u_numbered:+logs/$u_k.log	$u_k}"
			for u_x in $u_y; do eval "u_r=\"\$u_r\$u_nl\${u_x%:*} \$u_coded_${u_x#*:}\""; done
			u_put "$u_r"
		done
	done
}

# Shows the newest session of this template. Where no launcher has been, the scripts of the workspace have, and they don't
# know their template.
u_status() {
	u_typed='sh launcher.sh status' u_rows=u_rows_of_graphs
	u_ask "$@"
	u_init
	u_code=0 u_STATE_DIR=${UNITC_STATE_DIR-}
	u_open_base
	u_need find awk sed
	u_phases_below "$u_base"
	u_x=''
	while [ -z "$u_x" ]; do
		[ -n "$u_y" ] || u_no "there is no session in $u_base that is of this template."
		u_x=${u_y%%"$u_nl"*}
		u_y=${u_y#"$u_x"} && u_y=${u_y#"$u_nl"}
		u_z=${u_x#"$u_base/"}
		set +f
		set -- "$u_base/${u_z%%/*}"/template.*
		set -f
		case ${u_x##*/} in "${u_phase_asked:-${u_x##*/}}") ;; *) u_x='' ;; esac
		[ ! -e "$1" ] || [ -e "${1%.*}.$u_template" ] || u_x=''
	done
	case $u_z in run%s* | +run%s*) u_numbered=1 ;; *) u_numbered='' ;; esac
	u_phase_asked=${u_x##*/} u_chosen=''
	u_graphs
	[ "$u_do" != table ] || u_put "session ${u_x%/*}"
	u_reply "$u_x"
}

# Notes graph u_g and number of a row whose address is the one asked for.
u_find() {
	[ "$5" != "$u_unit_asked" ] || u_found_in="$u_found_in $u_g:$1"
}

# Decodes the base64 text $1, a body: in wrapped scripts bodies stand as they are. The x shows that the text is whole and keeps its last newlines.
u_decode() {
	for u_x in 'base64 -d' 'base64 -D' 'openssl base64 -d -A' awk; do
		if command -v "${u_x%% *}" >/dev/null; then
			case $u_x in awk) set -- "$1" "$u_keys{printf \"%s\", decode(\$0)}" ;; esac
			u_r=$(echo "$1" | LC_ALL=C $u_x ${2+"$2"} 2>/dev/null && echo x)
			case $u_r in *x) u_r=${u_r%x} && return ;; esac
		fi
	done
	u_fault "a text can't be decoded by base64, openssl or awk."
}

# Gate mode for the unit with address $1, with what the environment says in place of what is known of it.
u_exec() {
	u_unit_asked=$1 u_found_in='' u_each=u_find UNITC_NAME='' UNITC_PHASES='' UNITC_MUTEXES='' u_launched=1
	shift
	if [ $# -gt 0 ]; then
		[ "$1" = -- ] || u_usage "a command stands behind --."
		shift
	fi
	for u_g in $u_chosen; do "u_units_$u_g"; done
	[ -n "$u_found_in" ] || u_usage "there is no unit $u_unit_asked."
	u_r=''
	for u_pair in $u_found_in; do
		u_g=${u_pair%:*}
		u_load_graph "$u_g"
		"u_bodies_$u_g"
		u_k=${u_pair#*:}
		eval "u_list=\$u_gates_$u_k u_x=\$u_graph_phase_$u_g"
		UNITC_PHASES="$UNITC_PHASES $u_x"
		for u_y in $u_list; do eval "u_r=\"\$u_r\$u_x \${u_y%:*} \$u_coded_${u_y#*:}\$u_nl\""; done
	done
	eval "UNITC_UNIT=\$u_coded_$u_k UNITC_GATES=\${UNITC_GATES-\$u_r} u_text=\${u_text_$u_k-} u_missing=\${u_missing_$u_k-}
		u_list=\${u_mutexes_$u_k-} UNITC_TIMEOUT=\${UNITC_TIMEOUT-\${u_timeout_$u_k-}}
		UNITC_GATE_TIMEOUT=\${UNITC_GATE_TIMEOUT-\${u_gate_timeout_$u_k-}}"
	for u_m in $u_list; do eval "UNITC_MUTEXES=\"\$UNITC_MUTEXES \$u_mutex_coded_$u_m\""; done
	for u_x in PROBE PROBE_INTERVAL NOTIFY UNLESS RETRIES RETRY_DELAY OPTIONAL; do
		eval "UNITC_$u_x=\${UNITC_$u_x-\${u_${u_x}_$u_k-}}"
	done
	u_BODY_BASE64=${UNITC_BODY_BASE64-}
	unset -v UNITC_BODY_BASE64
	u_gate "$@"
}

# In gate mode: the body, if that is to run, and what the environment says. u_missing says why a body isn't known.
u_find_body() {
	if [ $# -eq 0 ]; then
		[ -z "$u_BODY" ] || u_missing=''
		[ -z "$u_BODY_BASE64" ] || { u_decode "$u_BODY_BASE64" && u_text=$u_r u_missing=''; }
		[ -z "$u_missing" ] || u_fault "$u_UNIT can't run here: $u_missing."
	fi
	# In an emergency the rest is of no consequence.
	[ -n "$u_fifo" ] || return 0
	case $u_PROBE_INTERVAL$u_RETRIES$u_RETRY_DELAY in *[!0-9]*) u_fault "a timeout is a number of seconds." ;; esac
	u_rows=$u_GATES
	while [ -n "$u_rows" ]; do
		u_line=${u_rows%%"$u_nl"*}
		u_rows=${u_rows#"$u_line"} && u_rows=${u_rows#"$u_nl"}
		case $u_line in 'start '*' '* | 'stop '*' '*) u_y=${u_line#* } ;; *) u_y=$u_line ;; esac
		case $u_y in '' | 'start '?* | 'ready '?* | 'completion '?* | 'success '?* | 'failure '?*) ;; *) u_fault "this is no gate: $u_line" ;; esac
	done
}

# The only graph of all that were asked for, or a usage error that says how to name one.
u_the_graph() {
	if [ -z "$u_agent_asked" ] && [ "$u_count" -gt 1 ]; then
		u_usage "there are several runtimes; name one by --agent:$u_nl${u_runtimes%"$u_nl"}"
	fi
	if [ -z "$u_chosen" ]; then
		u_say "there are no units in the $u_phase_asked phase."
		exit 0
	fi
	u_g=${u_chosen# }
	eval "u_supervise \"\$u_g\" \"\$u_graph_runtime_$u_g\" \"\$u_graph_phase_$u_g\""
}

u_main() {
	u_nl='
'
	u_agent_asked='' u_phase_asked='' u_jobs='' u_only='' u_dry='' u_code=0
	u_command=run
	case ${1-} in
	run) u_command=run && shift ;;
	list | plan | status)
		u_command=$1 && shift
		trap - HUP INT TERM
		[ -z "$UNITC_EARLY" ] || exit $((128 + ${UNITC_EARLY#*:}))
		;;
	exec)
		[ $# -gt 1 ] || u_usage "exec needs a unit."
		u_command='exec'
		shift
		;;
	-*) ;;
	?*) u_usage "there is no command $1." ;;
	esac
	while [ $# -gt 0 ] && case $u_command:$1 in status:--phase* | status:--agent*) ;; exec:* | status:*) false ;; esac do
		case $1 in
		--help | -h)
			u_help
			exit 0
			;;
		--dry-run)
			u_x=$1 u_y=''
			shift
			;;
		--*=*)
			u_x=${1%%=*} u_y=${1#*=}
			shift
			;;
		*)
			[ $# -gt 1 ] || u_usage "$1 needs a value, or isn't known."
			u_x=$1 u_y=$2
			shift 2
			;;
		esac
		case $u_x in
		--phase) u_phase_asked=$u_y ;;
		--agent) u_agent_asked=$u_y ;;
		--jobs) u_jobs=$u_y ;;
		--only) u_only=$u_y ;;
		--dry-run) u_dry=1 && [ -z "$u_y" ] || u_usage "--dry-run takes no value." ;;
		*) u_usage "there is no option $u_x." ;;
		esac
		case $u_x:$u_command in --jobs:run | --only:run | --dry-run:run | --phase:* | --agent:*) ;; *) u_usage "$u_x belongs to run." ;; esac
	done
	case $u_phase_asked in '' | start | stop) ;; *) u_usage "a phase is start or stop, not $u_phase_asked." ;; esac
	case $u_jobs in *[!0123456789]* | 0) u_usage "--jobs is a number from 1." ;; esac
	[ "$u_command" != run ] || u_phase_asked=${u_phase_asked:-start}
	u_pick=u_choose u_whole=1 u_runtimes='' u_count=0 u_chosen='' u_known=''
	u_graphs
	u_mutexes
	[ -z "$u_agent_asked" ] || [ -n "$u_known" ] || u_usage "there is no runtime $u_agent_asked."
	case $u_command in
	run) u_the_graph ;;
	exec) u_exec "$@" ;;
	status) u_status "$@" ;;
	*) for u_g in $u_chosen; do "u_${u_command}_graph" "$u_g"; done ;;
	esac
}
