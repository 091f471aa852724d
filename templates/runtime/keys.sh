# Keys: functions of awk that decode base64, write addresses and names for people, and percent-encode. They are set when
# what the environment had of our names is gone.
#
# shellcheck shell=sh disable=SC2016,SC2034
# A program for awk has dollars of its own, and other parts put this one before theirs.

u_set_keys() {
	u_keys='
function decode(s,i,n,k,bits,out){
  for(i=1;i<=length(s);i++){
    k=index("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",substr(s,i,1))-1
    if(k<0)continue
    bits=bits*64+k
    if(++n%4!=1){
      k=n%4==2?16:n%4==3?4:1
      out=out sprintf("%c",int(bits/k))
      bits%=k
    }
  }
  return out
}
function spelled(s,how,i,c,out){
  for(i=1;i<=length(s);i++){
    c=substr(s,i,1)
    if(how=="%")c=c~/[A-Za-z0-9_.~-]/?c:sprintf("%%%02X",code[c])
    else if(c<" "||c=="\177")c=c=="\n"?"\\n":c=="\r"?"\\r":c=="\t"?"\\t":sprintf("\\u%04x",code[c])
    else if(how){
      if(c~/["\\]/)c="\\" c
      if(c~/[$%]/&&substr(s,i+1,1)=="{")c=c c
    }
    out=out c
  }
  return out
}
function plain(s){
  return spelled(s)
}
function percent(s){
  return spelled(s,"%")
}
function shown(s,out){
  while(match(s,/\["[A-Za-z0-9+\/=]*"\]/)){
    out=out substr(s,1,RSTART+1) spelled(decode(substr(s,RSTART+2,RLENGTH-4)),1) "\"]"
    s=substr(s,RSTART+RLENGTH)
  }
  return out s
}
BEGIN{
  for(i=1;i<256;i++)code[sprintf("%c",i)]=i
}
'
}
