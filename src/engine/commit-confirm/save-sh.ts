import { walkSh } from '../../probes/index.ts';

/**
 * sh that saves what a change could spoil, each thing in a folder of its own, `$g/saved/NUMBER`: `save NUMBER KIND
 * NAME`. Of two numbers, `AGE.ORDER` (`numberOf`), the one with the lower age is put back first. Nothing of it is secret from root, and all of it is closed to others (0700).
 *
 * - `path`: a file, a link, or owner and permissions of a folder;
 * - `tree`: a folder with all that is in it;
 * - `account`: a user's lines in passwd(5) and shadow(5), and the groups that have them;
 * - `unit`: whether it runs, is enabled, is masked;
 * - `table`: one table of nftables (`inet firewall`); `tables`: all of them;
 * - `network`: links that are up, addresses, routes;
 * - `kept:RUN:NUMBER`: a path as it was before that run changed it, from what the host keeps of it (`keepScript`).
 */
export const saveSh = `${walkSh}
me=$(id -u)
save() {
  # Who is not root changes none of it.
  case $me:$2 in 0:*|*:path|*:account|*:kept:*) ;; *) return 0 ;; esac
  s=$g/saved/$1 kind=$2
  mkdir "$s" && printf %s "$3" >"$s/name" || return
  case $kind in
    kept:*) save_kept "\${kind#*:}" && kind=path ;;
    *) save_"$2" "$3" && kind=$2 ;;
  esac && printf '%s\\n' "$kind" >"$s/kind"
}
save_kept() {
  k=\${o%/*}/backups/\${1%:*}
  { line=$(grep "^\${1#*:} " "$k/files") && set -- $line; } 2>/dev/null || set -- 0 lost
  case $2 in
    absent) echo absent >"$s/type" ;;
    link) echo link >"$s/type" && cp -P -- "$k/$1.link" "$s/data" ;;
    file)
      echo file >"$s/type" && cat -- "$k/$3" >"$s/data" &&
        { cp --attributes-only --preserve=all -- "$k/$1.like" "$s/data" 2>/dev/null || { chown -- "$5:$6" "$s/data" && chmod -- "$4" "$s/data"; }; } ;;
    *) echo other >"$s/type" ;;
  esac
}
# Goes to the folder of a path, and has its last name in $n; 1 where that folder is not there.
beside() {
  n=./\${1##*/}
  [ -d "\${1%/*}/" ] && enter "\${1%/*}/"
}
save_path() {
  if ! beside "$1" 2>/dev/null; then
    if [ ! -d "\${1%/*}/" ]; then echo absent >"$s/type"
    elif [ "$me" != 0 ]; then echo other >"$s/type"
    else beside "$1"
    fi
    return
  fi
  if [ "$me" != 0 ] && [ ! -r "$n" ] && [ -e "$n" ]; then echo other >"$s/type"
  elif [ -L "$n" ]; then echo link >"$s/type" && cp -P -- "$n" "$s/data"
  elif [ -f "$n" ]; then echo file >"$s/type" && cp -a -- "$n" "$s/data" && [ -f "$s/data" ] && [ ! -L "$s/data" ]
  elif [ -d "$n" ]; then echo folder >"$s/type" && stat -c "%a %u:%g" -- "$n" >"$s/data"
  elif [ -e "$n" ]; then echo other >"$s/type"
  else echo absent >"$s/type"
  fi
}
save_tree() {
  if beside "$1" && [ -d "$n" ] && [ ! -L "$n" ]; then
    [ "$(du -sk -- "$n" | cut -f1)" -le 65536 ] || { echo "$1 is too large to be kept (64 MB at most)" >&2; return 1; }
    echo tree >"$s/type" && cp -a -- "$n" "$s/data"
  else save_path "$1"
  fi
}
save_account() {
  for f in passwd shadow; do
    [ ! -r "/etc/$f" ] || A=$1 awk -F: '$1 == ENVIRON["A"]' "/etc/$f" >"$s/$f" || return
  done
  # What it logs in with.
  h=$(A=$1 awk -F: '$1 == ENVIRON["A"] { print $6; exit }' /etc/passwd) i=\${s##*/} a=$1 at=$s
  case $h in
    /|"") ;;
    *) save "\${i}a" path "$h" && save "\${i}b" path "$h/.ssh" && save "\${i}c" path "$h/.ssh/authorized_keys" || return ;;
  esac
  s=$at
  A=$a awk -F: '{ n = split($4, m, ","); for (i = 1; i <= n; i++) if (m[i] == ENVIRON["A"]) { print; break } }' /etc/group >"$s/groups"
}
booted() { [ -d /run/systemd/system ]; }
save_unit() {
  ! booted || systemctl show -p LoadState,ActiveState,UnitFileState -- "$1" >"$s/data" 2>/dev/null || :
}
has() { command -v "$1" >/dev/null 2>&1; }
save_table() {
  has nft || return 0
  nft list table $1 >"$s/data" 2>/dev/null || rm -f "$s/data"
}
save_tables() {
  has nft || return 0
  nft list tables 2>/dev/null | sed 's/^table //' >"$s/list"
  i=0
  while read -r t; do i=$((i + 1)); nft list table $t >"$s/$i" 2>/dev/null || :; done <"$s/list"
  ! grep -q "xt match\\|xt target" "$s"/[0-9]* 2>/dev/null || { iptables-save >"$s/v4"; ip6tables-save >"$s/v6"; } 2>/dev/null || :
}
links() { ip -o link show | sed -n 's/^[0-9]*: \\([^:@]*\\)[:@].*<\\([^>]*\\)>.*/\\1 ,\\2,/p'; }
routes() { ip "$1" route show table all 2>/dev/null | grep -v -e "table local" -e "proto ra" | sed 's/ \\(linkdown\\|dead\\)//g; s/ *$//'; }
save_network() {
  has ip || return 0
  links >"$s/links"
  ip address save >"$s/addresses" 2>/dev/null || :
  routes -4 >"$s/routes4" || :
  routes -6 >"$s/routes6" || :
  ip -4 rule show >"$s/rules4" 2>/dev/null || :
}
`;
