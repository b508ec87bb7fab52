import { finishSh } from './finish-sh.ts';
import { saveSh } from './save-sh.ts';

/**
 * The script on the host that puts back what was saved beside it: `sh UNDO timer GENERATION`, `sh UNDO now WHY` or `sh
 * UNDO boot`. It needs neither play nor a connection.
 *
 * Whoever is first to rename its own folder to `claim` decides: a confirmation or this script. What a timer of an earlier
 * generation wants is void: the time was begun anew since. After a boot only what is on disk is put back, as the rest of
 * the system is only about to come up from that.
 *
 * What cannot be put back is noted in the record, and everything else is put back all the same. A disk that is full is no reason
 * not to: what has to be written for that was made when it was armed.
 */
export const undoSh = `# Puts back what play changed and nobody confirmed. Needs neither play nor a connection.
mode=$1 given=$2 asked_by=\${3-}
g=\${0%/*} o=\${0%/*/*}
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
export PATH LC_ALL
umask 077
cd / || exit
[ "$mode" != timer ] || { read -r newest <"$g/generation" && [ "$newest" = "$given" ]; } || exit 0
${saveSh}
${finishSh}
c=$g/claim.$$
{ mkdir "$c" && echo $$ >"$c/undo"; } 2>/dev/null || { rm -rf -- "$c"; c=$g/ready; }
if ! mv -T -- "$c" "$g/claim" 2>/dev/null; then
  [ "$c" = "$g/ready" ] || rm -rf -- "$c"
  # Confirmed: its end was cut short.
  [ ! -e "$g/claim/confirmed" ] || { finish; exit 0; }
  [ -d "$g/claim" ] || exit
  read -r pid <"$g/claim/undo" || pid=
  [ "$mode" = boot ] || [ -z "$pid" ] || ! kill -0 "$pid" 2>/dev/null || exit 75
fi
# In its place: what is there takes no room.
printf '%-9s\\n' $$ 1<>"$g/claim/undo"
# What the run still has under way there must not go on behind our back: its lane has read steps that nobody can call off.
# Each script of a lane is a session of its own.
end_lane() {
  { read -r lane born <"$g/lane"; } 2>/dev/null && [ "$lane" != "$asked_by" ] || return 0
  begun() { { read -r stat <"/proc/$1/stat"; } 2>/dev/null && set -- \${stat##*) } && parent=$2 session=$4 since=\${20}; }
  begun "$lane" && [ "$since" = "$born" ] || return 0
  keeper=$parent
  kill -STOP "$lane"
  sessions=" "
  for p in /proc/[0-9]*; do ! begun "\${p#/proc/}" || [ "$parent" != "$lane" ] || sessions="$sessions\${p#/proc/} "; done
  for p in /proc/[0-9]*; do
    p=\${p#/proc/}
    begun "$p" || continue
    case $sessions in *" $p "*|*" $session "*) kill -KILL "$p" 2>/dev/null ;; esac
  done
  kill -KILL "$lane"
  # sudo stops with what it runs. Where nobody ends its session, as of a connection that was lost without a word, it would stay so
  # for good, and with it the lane's folder.
  n=0
  while [ "$n" -lt 15 ] && { read -r name <"/proc/$keeper/comm"; } 2>/dev/null; do
    case $name in sudo|su|doas|runuser) kill -CONT "$keeper" ;; *) return 0 ;; esac
    sleep 0.2 2>/dev/null || sleep 1
    n=$((n + 1))
  done
}
[ "$mode" = boot ] || end_lane
altered= ssh_altered= tables_altered= errors=
not() { errors="$errors$* "; }
same_as_saved() {
  case $type in
    link) [ -L "$n" ] && [ "$(readlink -n -- "$n"; echo .)" = "$(readlink -n -- "$s/data"; echo .)" ] ;;
    file) [ -f "$n" ] && [ ! -L "$n" ] && cmp -s -- "$n" "$s/data" && [ "$(stat -c "%a %u %g" -- "$n")" = "$(stat -c "%a %u %g" -- "$s/data")" ] ;;
  esac
}
# Written beside under a name of its own, with O_EXCL, then renamed: whoever may swap names there gains nothing by it.
put_file() {
  t=./.play-undo-\${g##*/}
  rm -f -- "$t"
  set -C
  { set +C
    cp --attributes-only --preserve=all -- "$s/data" /proc/self/fd/3 2>/dev/null ||
      { chown -- "$(stat -c %u:%g -- "$s/data")" /proc/self/fd/3 && chmod -- "$(stat -c %a -- "$s/data")" /proc/self/fd/3; }
    cat -- "$s/data" >&3 && chmod -- "$(stat -c %a -- "$s/data")" /proc/self/fd/3 && touch -r "$s/data" /proc/self/fd/3; } 3>"$t"
  code=$?
  set +C
  # No room: then it is the saved file itself, which is not needed any more.
  [ "$code" = 0 ] || { rm -f -- "$t"; ln -- "$s/data" "$t"; } || return
  { sync "$t" 2>/dev/null || sync; } && mv -fT -- "$t" "$n"
}
undo_path() {
  read -r type <"$s/type" || return
  case $type in
    other) return ;;
    absent)
      beside "$1" || return 0
      if [ -d "$n" ] && [ ! -L "$n" ]; then rmdir -- "$n" 2>/dev/null || return 0
      elif [ -e "$n" ] || [ -L "$n" ]; then rm -f -- "$n" || return
      else return 0
      fi ;;
    folder)
      read -r bits owner <"$s/data"
      n=./\${1##*/}
      enter_making "\${1%/*}/" || return
      [ -d "$n" ] || mkdir -- "$n" || return
      [ "$(stat -c "%a %u:%g" -- "$n")" != "$bits $owner" ] || return 0
      chown -h -- "$owner" "$n" && on_opened "\${n#./}" owner_bits ;;
    tree) undo_tree "$1"; return ;;
    *)
      n=./\${1##*/}
      enter_making "\${1%/*}/" || return
      ! same_as_saved || return 0
      if [ "$type" = link ]; then rm -f -- "$n" && cp -P -- "$s/data" "$n"; else put_file; fi ;;
  esac || return
  altered=y
  case $1 in /etc/ssh/*) ssh_altered=y;; /etc/nftables*) tables_altered=y;; esac
}
owner_bits() { chmod -- "$bits" "$1"; }
# How large a folder is, and when something in it was renamed, says nothing about what it holds.
listing() {
  (cd -P -- "$1" && find . -printf '%p %y %m %U %G ' '(' -type d -printf '\\n' -o -printf '%s %T@ %l\\n' ')' 2>/dev/null | sort)
}
undo_tree() {
  read -r type <"$s/type" || return
  [ "$type" = tree ] || { undo_path "$1"; return; }
  n=./\${1##*/}
  enter_making "\${1%/*}/" || return
  [ -n "$guarded" ] || { echo "others may write beside it" >&2; return 1; }
  if [ -d "$n" ] && [ "$(listing "$n")" = "$(listing "$s/data")" ]; then return 0; fi
  t=./.play-undo-\${g##*/}
  rm -rf -- "$t" "$t-old"
  cp -a -- "$s/data" "$t" || return
  [ ! -e "$n" ] || mv -T -- "$n" "$t-old" || return
  mv -T -- "$t" "$n" && rm -rf -- "$t-old" || return
  altered=y
  case $1 in /etc/ssh) ssh_altered=y;; esac
}
# FILE: the saved line of the account is there again. The file is written beside and renamed.
put_line() {
  [ -s "$s/$1" ] && [ "$(A=$a awk -F: '$1 == ENVIRON["A"]' "/etc/$1")" != "$(cat "$s/$1")" ] || return 0
  replace "$1" 'NR == FNR { want = $0; next } $1 == ENVIRON["A"] { print want; done = 1; next } { print } END { if (!done) print want }' "$s/$1"
}
replace() {
  t=/etc/.play-undo-$1
  rm -f "$t"
  cp -a -- "/etc/$1" "$t" && A=$a awk -F: "$2" "$3" "/etc/$1" >"$t" && [ -s "$t" ] && sync "$t" && mv -f "$t" "/etc/$1" && altered=y
}
undo_account() {
  a=$1
  put_line passwd && put_line shadow || return
  while IFS=: read -r name x gid members; do
    l=$(grep "^$name:" /etc/group) || { printf '%s\\n' "$name:$x:$gid:$members" >>/etc/group; altered=y; continue; }
    case ,\${l##*:}, in *",$a,"*) ;; *) gpasswd -a "$a" "$name" >/dev/null || return; altered=y ;; esac
  done <"$s/groups"
}
now_of() { printf '%s\\n' "$now" | sed -n "s/^$1=//p"; }
was() { sed -n "s/^$1=//p" "$s/data"; }
undo_unit() {
  [ -s "$s/data" ] || return 0
  if [ "$mode" = boot ]; then wait=--no-block; else wait=--quiet; fi
  now=$(systemctl show -p LoadState,ActiveState,UnitFileState -- "$1") || return
  # One that was made meanwhile is gone again; what enabled it is not.
  [ "$(was LoadState)" != not-found ] || rm -f -- /etc/systemd/system/*.wants/"$1" /etc/systemd/system/*.requires/"$1"
  [ "$(was LoadState)" != masked ] && [ "$(now_of LoadState)" = masked ] && { systemctl --quiet unmask -- "$1" || return; }
  case $(was UnitFileState):$(now_of UnitFileState) in
    enabled:enabled) ;;
    enabled:*) systemctl --quiet enable -- "$1" 2>/dev/null || return ;;
    disabled:enabled) systemctl --quiet disable -- "$1" 2>/dev/null || return ;;
  esac
  case $1:$ssh_altered in ssh.service:y|sshd.service:y) again=restart ;; *:*) again=\${altered:+reload-or-restart} ;; esac
  case $(was ActiveState):$(now_of ActiveState) in
    active:active) [ -z "$again" ] || [ "$mode" = boot ] || systemctl $wait "$again" -- "$1" ;;
    active:*|activating:*) systemctl reset-failed -- "$1" 2>/dev/null; systemctl $wait start -- "$1" ;;
    inactive:active|failed:active) systemctl $wait stop -- "$1" ;;
  esac || return
  [ "$(was LoadState)" != masked ] || [ "$(now_of LoadState)" = masked ] || systemctl --quiet mask -- "$1"
}
put_table() {
  { printf 'table %s\\ndelete table %s\\n' "$1" "$1"; cat -- "$2"; } | nft -f -
}
undo_table() {
  has nft || return 0
  if [ ! -e "$s/data" ]; then ! nft list table $1 >/dev/null 2>&1 || nft delete table $1; return; fi
  nft list table $1 2>/dev/null | cmp -s - "$s/data" || put_table "$1" "$s/data"
}
undo_tables() {
  has nft || return 0
  nft list tables 2>/dev/null | sed 's/^table //' | while read -r t; do grep -Fqx "$t" "$s/list" || nft delete table $t; done
  if [ -s "$s/v4" ]; then iptables-restore <"$s/v4"; ip6tables-restore <"$s/v6"; fi
  i=0
  while read -r t; do
    i=$((i + 1))
    ! nft list table $t 2>/dev/null | cmp -s - "$s/$i" || continue
    # firewalld would go on from what it knows: it reads its files again, which are put back by now.
    [ "$t" != "inet firewalld" ] || ! booted || ! systemctl -q is-active firewalld || ! firewall-cmd -q --reload || continue
    grep -q "xt match\\|xt target" "$s/$i" || put_table "$t" "$s/$i" || return
  done <"$s/list"
}
undo_network() {
  [ -s "$s/links" ] || return 0
  links_now=$(links)
  while read -r l flags; do
    now=$(printf '%s\\n' "$links_now" | sed -n "s/^$l //p")
    case $flags:$now in *,UP,*:*,UP,*) ;; *,UP,*:*) ip link set "$l" up ;; *:*,UP,*) ip link set "$l" down ;; esac
  done <"$s/links"
  ip address restore <"$s/addresses" 2>/dev/null
  ip -4 rule show | while read -r r; do grep -Fqx -- "$(printf '%s' "$r")" "$s/rules4" || { p=\${r%%:*}; tr '\\t' ' ' <"$s/rules4" | grep -Fqx -- "$(printf '%s' "$r" | tr '\\t' ' ')" || ip -4 rule del pref "$p"; }; done
  for v in 4 6; do
    routes -$v | grep -v "proto kernel" | while read -r r; do grep -Fqx -- "$r" "$s/routes$v" || ip -$v route del $r 2>/dev/null; done
    # Those by way of a gateway need the others first.
    for try in 1 2; do
      while read -r r; do routes -$v | grep -Fqx -- "$r" || ip -$v route replace $r 2>/dev/null; done <"$s/routes$v"
    done
    while read -r r; do routes -$v | grep -Fqx -- "$r" || { echo "route $r" >&2; bad=y; }; done <"$s/routes$v"
  done
  [ -z "$bad" ]
}
# In this order: what is on disk, then what runs by it. What was saved first comes last, as it is the oldest; of what was
# saved together folders before what is in them, and what was not there from below.
each() {
  case $1 in down) below=r ;; *) below= ;; esac
  for i in $(ls "$g/saved" | sort -t . -k 1,1n -k "2,2n$below"); do
    s=$g/saved/$i
    { read -r kind <"$s/kind"; } 2>/dev/null || continue
    case " $2 " in *" $kind "*) ;; *) continue ;; esac
    case $1 in
      down) [ "$(cat "$s/type" 2>/dev/null)" = absent ] || continue ;;
      up) [ "$(cat "$s/type" 2>/dev/null)" != absent ] || continue ;;
    esac
    name=$(cat "$s/name"; echo .); name=\${name%.}
    undo_"$kind" "$name" >>"$g/said" 2>&1 || not "$kind $name"
  done
}
each up "path tree"
each down "path tree"
each any account
[ -z "$altered" ] || ! booted || [ "$mode" = boot ] || systemctl daemon-reload
if [ "$mode" != boot ]; then each any "table tables"; each any network; fi
! booted || each any unit
if ! booted && [ -n "$ssh_altered" ] && [ -x /etc/init.d/ssh ] && [ "$mode" != boot ]; then /etc/init.d/ssh restart >>"$g/said" 2>&1 || not ssh; fi
if [ -s "$g/more" ] && [ "$mode" != boot ]; then sh "$g/more" >>"$g/said" 2>&1 </dev/null || not "its own undo"; fi
case $mode in
  timer) why="nobody confirmed it in time" ;;
  boot) why="the host was rebooted before it was confirmed" ;;
  *) why=$given ;;
esac
u=$o/.\${g##*/}
{ printf '%s ' "$(date +%s)"; cat "$g/record"; printf '%s\\n%s\\n' "$why" "$errors$([ -z "$errors" ] || tr '\\n' ' ' <"$g/said" | cut -c 1-500)"; } 2>/dev/null >"$u" && sync "$u" && mv -f "$u" "$o/\${g##*/}.undone" ||
  { rm -f -- "$u"; mv -f "$g/undone\${errors:+-not}" "$o/\${g##*/}.undone"; }
! has logger || logger -t play "put back, since $why: $(cut -c 1-500 "$g/record")"
[ -z "$errors" ] || { printf '%s\\n' "$errors"; cat "$g/said"; }
# Last: until here it would be done again after a crash.
finish
[ -z "$errors" ]
`;
