/**
 * sh that makes a twin of a pristine root, run in the room (room.ts). What it needs lies in `payload`, a folder of the disk
 * that is gone afterwards.
 */
import { homesSh } from '../homes.ts';
import { installedFormat } from './packages.ts';

export const payload = 'var/lib/play-twin';

/** The files of its payload by their names; accounts are tables as in /etc. */
export const payloadNames = {
  passwd: 'passwd',
  group: 'group',
  shadow: 'shadow',
  gshadow: 'gshadow',
  /** `user OLD NEW` or `group OLD NEW` a line: whose numbers change. */
  numbers: 'numbers',
  /** Names of the host's packages, one a line. */
  names: 'names',
  exact: 'exact',
  other: 'other',
  /** Names of those that somebody asked for, and of those that are held. */
  manual: 'manual',
  held: 'held',
  etc: 'etc.tar',
  /** What of /etc is the sandbox's own, one path a line, relative to `/`. */
  own: 'own',
  /** `KEY MODE OWNER` a line; `KEY.path` says where it belongs, `KEY.file` what is in that file, `KEY` is the key. */
  keys: 'keys',
  /** `KEY CERTIFICATE` a line; `CERTIFICATE.path` says where it is. */
  certificates: 'certificates',
} as const;

const begin = `umask 022
export DEBIAN_FRONTEND=noninteractive
cd /${payload}
`;

/**
 * Accounts first: what packages make then finds its numbers taken as on the host. Files of the base follow their owners
 * by name; what chown(1) takes off a mode is put back.
 */
export const accountsSh = `${begin}
find / -xdev -path /${payload} -prune -o '(' ! -uid 0 -o ! -gid 0 ')' -printf '%U %G %m %y %p\\n' |
  awk 'FILENAME == "numbers" { n[$1, $2] = $3; next }
    { u = ("user", $1) in n ? n["user", $1] : $1; g = ("group", $2) in n ? n["group", $2] : $2
      if (u != $1 || g != $2) { path = $0; sub(/^[^ ]+ [^ ]+ [^ ]+ [^ ]+ /, "", path); print u ":" g, $3, $4, path } }' numbers - |
  while read -r owner mode type path; do
    chown -h "$owner" "$path"
    [ "$type" = l ] || chmod "$mode" "$path"
  done
for table in passwd group shadow gshadow; do cat "$table" >"/etc/$table"; done
rm -f /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow-
`;

/** The lists of the base are as old as that. */
export const updateSh = `${begin}
apt-get -qqy update >/dev/null 2>&1 || :
`;

/** What is there, and what can be had. */
export const askSh = `${begin}
dpkg-query -W -f '${installedFormat}'
echo ---
[ ! -s names ] || xargs -a names -d '\\n' apt-cache madison
`;

/**
 * All at once, again with fresh lists; where that does not fit together, the host's versions are preferred and apt may take others; then one by
 * one, so that one that cannot be installed leaves the others. No service is started: the host is off.
 */
export const installSh = `${begin}
rule=/usr/sbin/policy-rc.d
if [ -e "$rule" ]; then rule=; else printf '#!/bin/sh\\nexit 101\\n' >"$rule"; chmod 755 "$rule"; fi
pins=/etc/apt/preferences.d/play-twin
get() {
  apt-get -qy --allow-downgrades --allow-change-held-packages --no-install-recommends -o Dpkg::Use-Pty=0 \\
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold install "$@" </dev/null >apt.out 2>&1 && return
  cat apt.out >>apt.log
  return 1
}
if [ -s exact ] || [ -s other ]; then
  if ! get $(cat exact other) && ! { apt-get -qqy update >/dev/null 2>&1; get $(cat exact other); }; then
    sed -n 's/^\\([^=]*\\)=\\(.*\\)$/Package: \\1\\nPin: version \\2\\nPin-Priority: 1001\\n/p' exact >"$pins"
    if ! get $(sed 's/=.*//' exact other); then
      dpkg --configure -a </dev/null >>apt.log 2>&1 || :
      for name in $(sed 's/=.*//' exact other | grep -Fxf manual); do get "$name" || :; done
    fi
    rm -f "$pins"
  fi
fi
[ -z "$rule" ] || rm "$rule"
apt-mark -qq auto $(dpkg-query -W -f '\${binary:Package}\\n') >/dev/null 2>&1 || :
for mark in manual held; do
  [ ! -s "$mark" ] || xargs -a "$mark" -d '\\n' apt-mark -qq "$([ "$mark" = manual ] && echo manual || echo hold)" >/dev/null 2>&1 || :
done
dpkg-query -W -f '${installedFormat}'
echo ---
[ ! -e apt.log ] || grep -E '^[EW]: |^dpkg: error|^ [a-z].*Depends:' apt.log | tail -n 12
`;

/**
 * The host's /etc in place of the root's, but for what is the sandbox's own and the accounts. No link of the host's leads
 * to where that lies: it is written from outside, too.
 */
export const etcSh = `${begin}
tar -cf own.tar -C / $(while IFS= read -r path; do [ ! -e "/$path" ] && [ ! -L "/$path" ] || echo "$path"; done <own)
find /etc -mindepth 1 -maxdepth 1 ! -name passwd ! -name group ! -name shadow ! -name gshadow -exec rm -rf '{}' +
tar -xpf etc.tar -C / --numeric-owner
[ ! -f /etc/hosts ] || grep -vE '^[[:space:]]*#|localhost|[[:space:]]ip6-|^127[.]' /etc/hosts >hosts || :
while IFS= read -r path; do
  while path=\${path%/*}; [ "$path" != etc ]; do [ ! -L "/$path" ] || rm "/$path"; done
done <own
tar -xpf own.tar -C /
[ ! -s hosts ] || cat hosts >>/etc/hosts
while read -r key mode owner; do
  target=$(cat "$key.path")
  mkdir -p "\${target%/*}"
  cat "$key.file" >"$target"
  chown "$owner" "$target"
  chmod "$mode" "$target"
done <keys
while read -r key file; do
  target=$(cat "$file.path")
  awk '/-----BEGIN CERTIFICATE-----/ && !done { on = 1 } on { print } /-----END CERTIFICATE-----/ && on { exit }' "$target" >"$file.pem"
  openssl x509 -in "$file.pem" -signkey "$key" -days 90 -out "$file.new" 2>/dev/null || continue
  { awk '/-----BEGIN CERTIFICATE-----/ && !done { on = 1 } !on { print } /-----END CERTIFICATE-----/ && on { while ((getline line < new) > 0) print line; on = 0; done = 1 }' new="$file.new" "$target"; } >"$file.all"
  cat "$file.all" >"$target"
done <certificates
mkdir -p -m 750 /etc/sudoers.d
[ -e /etc/sudoers ] && grep -q '^[@#]includedir /etc/sudoers.d' /etc/sudoers || echo '@includedir /etc/sudoers.d' >>/etc/sudoers
printf 'admin ALL=(ALL:ALL) NOPASSWD: ALL\\noperator ALL=(ALL:ALL) PASSWD: ALL\\n' >/etc/sudoers.d/zz-play-sandbox
chmod 440 /etc/sudoers /etc/sudoers.d/zz-play-sandbox
ldconfig
${homesSh}
cd /
rm -rf /${payload}
`;
