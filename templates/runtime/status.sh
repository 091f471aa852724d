# What has become of the units of a session, for the people who wait for them: the command unitc-status, a file of its
# own in the session's folder, and the command status of the launcher. It reads the files that protocol.sh describes; all
# that it makes is the file by which a unit is released or skipped.
#
# shellcheck shell=sh disable=SC2012,SC2016,SC2034,SC2046,SC2086,SC2154
# Owners are told by ls, a program for awk has dollars of its own, lists are split on purpose, and variables are shared
# with the other parts.

# The program reads units, events and the names of files. A unit is a line (address, name, mutexes in base64, the time of
# its start, its log, and from a launcher its number, with tabs between them) and a line for each gate. Its name is in
# base64 where it doesn't come from a launcher. In what is shown of a name, ? stands for controls of two bytes and for what
# turns the direction of a text around. Versions 5.2 of gawk die of an element without a value that is handed to a
# function, so the state of each unit has one before.
u_program='
function spell(s){
  if (!(s in id)) long[id[s]=percent(shown(s))]=shown(s)
  return id[s]
}
function clean(s){
  gsub(/\302[\200-\237]|\342(\200[\213-\217\250-\256]|\201[\240-\257])/,"?",s)
  return plain(s)
}
function label(p){ return clean(p in name?name[p] (many[name[p]]>1?" (" long[p] ")":""):long[p]) }
function over(s){ return s~/^(succeeded|failed|timed_out|skipped|canceled)$/ }
function opens(r,p,s){
  s=st[p]
  if (r=="failure"&&over(s)) return s~/^[ft]/?1:-1
  if (s=="succeeded"||r=="completion"&&s~/^[fts]/&&over(s)||r=="start"&&p in ran||r=="ready"&&p in ready) return 1
  return over(s)?-1:0
}
function clock(t){
  t=int(t)+(substr(zone,1,1) substr(zone,2,2)*3600+substr(zone,4)*60)
  return sprintf("%02d:%02d:%02d",t / 3600%24,t / 60%60,t%60)
}
function ended(p,s){
  s=st[p]
  gsub(/_/," ",s)
  return s (exits[p]>0?" with exit code " exits[p]:"")
}
function body_of(p){ return p in key?body[key[p]]:"" }
function said(p){
  return ended(p) (since[p]?(over(st[p])?" at ":" since ") clock(since[p]):"") (st[p]=="running"&&body_of(p)?", process " body_of(p):"")
}
function cause(p,j,q,c){
  for (j=1;j<=gates[p];j++) if (opens(needs[p,j],q=on[p,j])<0){
    if (st[q]=="skipped") c=cause(q)
    return c?c:label(q) (st[q]~/^(sk|c)/?" was ":" ") ended(q)
  }
}
function reason(p,s){
  s=st[p]
  if (s=="skipped") return hand[p]=="skip"?"by hand":cause(p)
  if (s=="timed_out") return p in ran?"it ran too long":"it waited too long"
  if (s=="failed"&&exits[p]=="-"&&!(p in ran)) return "its body did not run"
  if (s=="lost"||s=="failed"&&exits[p]=="-") return "its shell exited without reporting an outcome"
  if (s=="running"&&tries[p]) return "attempt " tries[p]+1 " after exit code " last[p]
  if (hand[p]=="release") return "released by hand"
}
function waits(p,i,j,n,x){
  wait=raw=held=by=""
  if (st[p]!="waiting") return
  for (j=1;j<=gates[p];j++) if (!opens(needs[p,j],on[p,j])){
    wait=wait (wait?", ":"") label(on[p,j])
    raw=raw (raw?",":"") on[p,j]
  }
  if (wait||!(n=split(mutexes[p],x," "))) return
  held=x[1]
  for (j=n;j;j--) for (i=1;i<=units;i++) if (st[list[i]]=="running"&&index(" " mutexes[list[i]] " "," " x[j] " ")){ held=x[j]; by=list[i] }
  raw="mutex:" percent(decode(held))
  wait="the mutex " clean(decode(held))
}
function why(p,before,s,j,o){
  o=reason(p)
  put(before,s label(p) ": " said(p) (o?" (" o ")":""))
  before=before "  "
  if (seen[p]++) return
  for (j=1;j<=gates[p];j++){
    o=opens(needs[p,j],on[p,j])
    if (st[p]~/^(waiting|timed_out)$/&&!o||st[p]=="skipped"&&o<0) why(on[p,j],before,"the " (needs[p,j]=="ready"?"readiness":needs[p,j]) " of ")
  }
  waits(p)
  if (by) why(by,before,wait ", held by ")
  else if (held) put(before,wait)
}
function no(s){
  printf "unitc: %s\n",s>"/dev/stderr"
  exit 1
}
BEGIN{
  FS="\t"
  zone=ENVIRON["u_zone"]
  act=ENVIRON["u_do"]
  of=ENVIRON["u_of"]
}
FILENAME=="events.tsv"{
  if ($3~/^(release|skip)$/) hand[$2]=$3
  else{
    if ($3=="running") ran[$2]
    if ($3=="ready") ready[$2]
    if ($3=="retrying"){ tries[$2]++; last[$2]=$4; $3="running"; $4="-" }
    st[$2]=$3
    since[$2]=$1
    exits[$2]=$4
  }
  next
}
/\t/{
  p=spell($1)
  if (!(p in at)){ at[p]; list[++units]=p }
  if ($2!="") name[p]=FILENAME~/about$/?decode($2):$2
  mutexes[p]=$3
  if ($4) begun[p]=$4
  log_of[p]=$5
  if ($6) key[p]=$6
  if (FILENAME~/about$/) key[p]=substr(FILENAME,10,length(FILENAME)-15)
  gates[p]=0
  next
}
/^outcomes\//{
  k=substr($0,10)
  n=split(k,x,".")
  if (sub(/\.owner\.[0-9]+\.[^.]*$/,"",k)) owner[k]=x[n-1]
  else if (sub(/\.body\.[0-9]+\.[^.]*$/,"",k)) body[k]=x[n-1]
  else if (sub(/\.apart$/,"",k)) apart[k]
  else if (over(x[n])) final[substr(k,1,length(k)-length(x[n])-1)]=x[n]
  next
}
NF{
  n=split($0,x," ")
  if (n==2||x[1]==ENVIRON["u_phase"]){
    needs[p,++gates[p]]=x[n-1]
    on[p,gates[p]]=spell(x[n])
  }
}
END{
  for (i=1;i<=units;i++) for (j=1;j<=gates[list[i]];j++){
    asked[p=on[list[i],j]]
    if (!(p in at)){ at[p]; list[++units]=p }
  }
  for (i=1;i<=units;i++){
    p=list[i]
    st[p]=st[p] ""
    if (p in key){
      if (key[p] in final&&!over(st[p])) st[p]=final[key[p]]
      if (!over(st[p])&&begun[p]&&!(key[p] in owner)) st[p]="lost"
      if (!st[p]&&!(key[p] in apart)&&(begun[p]||ENVIRON["u_live"])) st[p]="waiting"
      if (!since[p]) since[p]=begun[p]
    }
    if (!st[p]) st[p]="not_started"
    if (st[p]!="not_started"||p in asked||gates[p]||mutexes[p]){
      list[++n_kept]=p
      if (p in name) many[name[p]]++
      if (p==of||long[p]==of||p in name&&name[p]==of) found[++hits]=p
    }
  }
  units=n_kept
  if (!units) no("no unit has started yet.")
  if (of!=""){
    p=found[1]
    if (!hits) no("there is no unit " clean(of) " here.")
    while (hits>1) c="\n  " clean(long[found[hits--]]) c
    if (c) no("several units are called " clean(of) ". Name one by its address:\n  " clean(long[p]) c)
    if (act=="why") why(p,"")
    if (act=="log"){
      c=log_of[p]
      if (long[p]~/coder_agent[.][^.[]+(\[.*\])?[.](startup|shutdown)_script$/) sub(/[^\/]*$/,long[p]~/p_script$/?"coder-startup-script.log":"coder-shutdown-script.log",c)
      print c
    }
    if (act~/g|w/) exit
    waits(p)
    if (st[p]!="waiting") no(label(p) " is not waiting: " said(p) "." (body_of(p)?" This ends its body: kill -- -" body_of(p):""))
    if (act=="release"&&(held||!wait)) no("all gates of " label(p) " are open" (wait?"; it waits for " wait:"") (by?", held by " label(by):"") ".")
    print key[p],owner[key[p]]+0,label(p)
    exit
  }
  if (act=="tsv") print "address\tstate\tsince\twaits_for\theld_by\texit_code\treason\tname"
  for (i=1;i<=units;i++){
    p=list[i]
    waits(p)
    o=reason(p)
    if (st[p]~/^(waiting|running)$/) live=3
    if (act=="tsv"){
      print p "\t" st[p] "\t" (since[p]?since[p]:"-") "\t" (raw?raw:"-") "\t" (by?by:"-") "\t" (exits[p]!=""?exits[p]:"-") "\t" (o?o:"-") "\t" (p in name?percent(name[p]):"-")
      continue
    }
    exit_code=exits[p]
    exits[p]=""
    cell[i,2]=ended(p)
    if (!sum[cell[i,2]]++) kinds[++n_kinds]=cell[i,2]
    exits[p]=exit_code
    cell[i,1]=label(p)
    cell[i,3]=since[p]?clock(since[p]):""
    cell[i,4]=wait
    cell[i,5]=by?label(by):""
    cell[i,6]=exit_code=="-"?"":exit_code
    cell[i,7]=o
  }
  if (act=="tsv") exit live
  for (i=1;i<=n_kinds;i++) c=c (c?", ":"") sum[kinds[i]] " " kinds[i]
  put("",ENVIRON["u_phase"] " phase: " c)
  split("unit,state,since,waits for,held by,exit,reason",head,",")
  if (!lay(units,7,2))
    for (i=1;i<=units;i++){
      p=list[i]
      put("",cell[i,1] ": " said(p))
      if (cell[i,4]) put("  ","waits for " cell[i,4] (cell[i,5]?", held by " cell[i,5]:""))
      if (cell[i,7]) put("  ",cell[i,7])
    }
  exit live
}'

u_status_help() {
	u_x=$u_typed
	printf '%s\n' "usage: $u_x [--tsv] [--watch]" "       $u_x log|why|release|skip UNIT" '' \
		'What has become of the scripts of this start.' '' "\
log      prints the log of a unit
why      says what a unit waits for, or why it was skipped, down to the cause
release  has a unit that waits go on as if all its gates were open
skip     skips a unit that waits
--tsv    prints a row for each unit, with tabs between the columns
--watch  prints again whenever something has changed, until no unit waits or runs" '' "\
UNIT is a display name or an address.
Exit codes: 0, 1 for no such unit, nothing to show or what can't be done, 2 for a wrong command line."
}

# Ends this shell with code $2, or 1, because of $1.
u_no() {
	printf 'unitc: %s\n' "$1" >&2
	exit "${2-1}"
}

# Reads the command line.
u_ask() {
	u_do=table u_of='' u_again=''
	while [ $# -gt 0 ]; do
		case $1:$# in
		--help:* | -h:*)
			u_status_help
			exit 0
			;;
		--tsv:*) u_do=tsv ;;
		--watch:*) u_again=1 ;;
		log:2 | why:2 | release:2 | skip:2)
			u_do=$1 u_of=$2
			shift
			;;
		log:* | why:* | release:* | skip:*) u_no "$1 takes one unit." 2 ;;
		*) u_no "there is no $1; --help says what there is." 2 ;;
		esac
		shift
	done
}

# Leaves in u_y the folders of phases below folder $1, the one in which something happened last first.
u_phases_below() {
	u_y=$(find "$1" '(' -name events.tsv -o -name outcomes ')' -path '*/st*/*' -exec ls -1td {} + 2>/dev/null | sed 's,/[^/]*$,,')
}

# Leaves in u_r the process whose session this is: the supervisor, or the agent.
u_find_master() {
	set +f
	for u_r in ../agent.*; do u_r=${u_r%.*}; done
	set -f
	u_r=${u_r##*.}
}

# Prints the answer to what u_ask has read, of the phase whose folder this is. u_rows is a command that prints units that
# may not have started yet.
u_answer() {
	u_find_master
	u_live=''
	! kill -0 "$u_r" 2>/dev/null || u_live=1
	set -- $(find outcomes -name '*.about' | LC_ALL=C sort)
	[ ! -e events.tsv ] || set -- events.tsv "$@"
	{
		$u_rows
		find outcomes -type f | while read -r u_x; do
			u_y=${u_x%.*}
			u_y=${u_y##*.}
			# A body leads a group; what watches over one doesn't.
			case $u_x in *.body.*) u_y=-$u_y ;; esac
			case $u_x in *.owner.* | *.body.*) kill -0 "$u_y" 2>/dev/null || continue ;; esac
			printf '%s\n' "$u_x"
		done
	} | u_live=$u_live u_do=$u_do u_of=$u_of u_cols=$u_cols u_zone=$(date +%z) u_phase=${PWD##*/} LC_ALL=C awk "$u_keys$u_layout$u_program" - "$@"
}

# Lets go of unit $1, whose shell is $2 (0 in a run of the supervisor) and which is shown as $3, as u_do says.
u_let_it() {
	u_x=wake u_y=$2
	if [ "$2" = 0 ]; then
		u_find_master
		u_x="$u_do $1" u_y=$u_r
	else
		{ command : >"outcomes/$1.$u_do"; } 2>/dev/null || u_no "no file can be made in $PWD."
	fi
	if [ ! -p "../gates/$u_y" ] || ! kill -0 "$u_y" 2>/dev/null; then u_no "the shell of $3 has exited."; fi
	{ echo "$u_x" >&5; } 5<>"../gates/$u_y"
	case $u_do in
	release) printf 'released %s\n' "$3" ;;
	*) printf 'skipped %s\n' "$3" ;;
	esac
}

# Leaves in u_tty whether people read this on a terminal, and in u_cols how wide that is.
u_measure() {
	u_cols='' u_tty=''
	[ ! -t 1 ] || u_tty=1 u_cols=$({ stty size </dev/tty; } 2>/dev/null)
	u_cols=${u_cols#* }
}

# Answers what u_ask has read, of the phase whose folder is $1.
u_reply() {
	cd "$1" || exit 1
	u_was=''
	case $u_do in
	log)
		u_r=$(u_answer) || exit
		[ -e "$u_r" ] || u_no "there is no log of $u_of here; Coder shows it."
		exec cat "$u_r"
		;;
	release | skip)
		set -- $(ls -ldn .)
		[ "$3" = "$(id -u)" ] || u_no "only the user $3, whose start this is, can $u_do a unit."
		u_r=$(u_answer) || exit
		u_x=${u_r#* }
		u_let_it "${u_r%% *}" "${u_x%% *}" "${u_x#* }"
		exit
		;;
	esac
	while :; do
		u_measure
		u_r=$(u_answer)
		u_code=$?
		if [ "$u_r" != "$u_was" ]; then
			case $u_tty$u_again:$u_was in
			11:*) printf '\033[H\033[J' ;;
			1:?*) echo ;;
			esac
			u_was=$u_r
			printf '%s\n' "$u_r"
		fi
		case $u_code$u_again in
		31) sleep 1 ;;
		[03]*) exit 0 ;;
		*) exit "$u_code" ;;
		esac
	done
}

# What the command does as a file of its own. It shows the session in which it is, or else the newest one.
u_stand_alone() {
	unset IFS
	set -f
	u_typed=unitc-status u_rows=:
	u_ask "$@"
	u_x=$0
	[ ! -L "$u_x" ] || u_x=$(ls -l "$u_x")
	u_x=${u_x##* -> }
	case $u_x in */*) u_x=${u_x%/*} ;; *) u_x=. ;; esac
	if [ ! -d "$u_x/start" ] && [ ! -d "$u_x/stop" ]; then
		for u_x in "${UNITC_STATE_DIR-}" "${CODER_SCRIPT_BIN_DIR:+${CODER_SCRIPT_BIN_DIR%/*}/unitc}" "${TMPDIR:-/tmp}/unitc-$(id -u)"; do
			[ ! -d "$u_x" ] || break
		done
	fi
	[ ! -d "$u_x" ] || [ -x "$u_x" ] || u_no "$u_x belongs to another user."
	u_phases_below "$u_x"
	u_y=$(printf '%s\n' "$u_y" | grep -v '/+*run%s')
	[ -n "$u_y" ] || u_no "there is no start to show."
	u_reply "${u_y%%
*}"
}
