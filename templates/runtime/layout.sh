# Texts and tables that keep to a width, where there is one: functions for the programs for awk of status.sh and output.sh.
# put prints a text behind what goes before its lines. lay prints the cells below their heads, none of a column that is
# empty, narrows what is widest but column kept, and returns 0 where they don't fit.
#
# shellcheck shell=sh disable=SC2016,SC2034
# A program for awk has dollars of its own, and other parts use it.

u_layout='
function wide(s){
  gsub(/[\200-\277]/,"",s)
  return length(s)
}
function fold(s,w,out,line,i,k,a,j,c){
  if (wide(s)<=w) return s
  k=split(s,a," ")
  for (i=1;i<=k;i++){
    if (line!=""&&wide(line " " a[i])<=w){ line=line " " a[i]; continue }
    out=out (line!=""?line "\n":"")
    line=a[i]
    while (wide(line)>w){
      for (j=c=0;c<=w;j++) if (substr(line,j+1,1)!~/[\200-\277]/) c++
      out=out substr(line,1,j-1) "\n"
      line=substr(line,j)
    }
  }
  return out line
}
function put(before,s){
  if (cols) s=fold(s,cols-length(before)-2)
  gsub(/\n/,"\n  " before,s)
  print before s
}
function lay(rows,columns,kept,i,j,k,n,o,c,w,all,x){
  for (j=1;j<=columns;j++){
    w[j]=0
    for (i=1;i<=rows;i++) if (cell[i,j]!=""){
      cell[0,j]=head[j]
      if (wide(cell[i,j])>w[j]) w[j]=wide(cell[i,j])
    }
    if (w[j]&&w[j]<length(head[j])) w[j]=length(head[j])
    all+=w[j]+(w[j]?2:0)
  }
  while (cols&&all-2>cols){
    n=12
    k=0
    for (j=1;j<=columns;j++) if (j!=kept&&w[j]>n) n=w[k=j]
    if (!k) break
    w[k]--
    all--
  }
  print ""
  if (cols&&all-2>cols) return 0
  for (i=0;i<=rows;i++) for (n=o=1;o<=n;o++){
    c=""
    for (j=1;j<=columns;j++) if (w[j]){
      k=split(fold(cell[i,j],w[j]),x,"\n")
      if (k>n) n=k
      c=c sprintf("%s%" w[j]-wide(o>k?"":x[o])+2 "s",o>k?"":x[o],"")
    }
    sub(/ +$/,"",c)
    print c
  }
  return 1
}
BEGIN{
  cols=ENVIRON["COLUMNS"]+0
  if (!cols) cols=ENVIRON["u_cols"]+0
}
'
