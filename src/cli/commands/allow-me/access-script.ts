import type { LaneRequest } from '../../../connection/index.ts';
import { allowMark } from '../../../probes/index.ts';
import { idOf, peerAddress, type Access, type FoundAccess } from './access.ts';

/** What lasts as long as somebody is let in: it is gone with a boot, as the rules are. */
const folder = '/run/play-allow';

/**
 * sh that lets one in, keeps them in and takes it back: `sh FILE VERB ID UNTIL ADDRESS PROTOCOL PORT`.
 *
 * An accept in a table of our own would not help: a packet that one chain accepts is still dropped by the next (nft(8),
 * VERDICT STATEMENTS). So a rule is put first into each chain at the input hook whose table drops or rejects anything.
 * Tables that iptables made are changed by iptables, which refuses a table with what it does not know.
 *
 * The rule itself says when it ends (`meta time`, iptables-extensions(8) `time`), by the host's clock: whatever becomes
 * of us, of the unit that keeps it, or of systemd, nobody is let in for longer. `keep` puts it back when the firewall is
 * reloaded meanwhile, and `off` ends the connections too, unless another rule of ours still lets the address in.
 */
const keeperSh = `verb=$1 id=$2 until=$3 address=$4 protocol=$5 port=$6
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH
mark="${allowMark}$id"
case $address in *:*) family=ip6 tables=ip6tables bits=128;; *) family=ip tables=iptables bits=32;; esac
has() { command -v "$1" >/dev/null 2>&1; }
# FAMILY TABLE CHAIN HANDLE for each chain that may drop: HANDLE is that of our rule, 0 where there is none.
chains() {
  has nft || return 0
  nft -a -t list ruleset 2>/dev/null | awk -v f="$family" -v mark="comment \\"$mark\\"" '
    /^table / { fam = $2; tab = $3; chain = "" }
    /^\\tchain / { chain = $2 }
    /^\\t\\ttype filter hook input / { n++; F[n] = fam; T[n] = tab; C[n] = chain; at[fam, tab, chain] = n }
    /(^|[ \\t;:])(drop|reject)/ { drops[fam, tab] = 1 }
    index($0, mark) { i = at[fam, tab, chain]; if (i) H[i] = $NF }
    END { for (i = 1; i <= n; i++) if ((F[i] == "inet" || F[i] == f) && (drops[F[i], T[i]] || H[i])) print F[i], T[i], C[i], H[i] + 0 }'
}
# iptables' own: seen by nft too where it is the newer iptables, so that chain is left to it.
by_iptables() { has "$tables" && [ "$1" = "$family" ] && [ "$2" = filter ] && [ "$3" = INPUT ]; }
spec() { printf '%s\\n' -s "$address/$bits" -p "$protocol" -m "$protocol" --dport "$port"; }
legacy() { has "$tables" && "$tables" -S INPUT 2>/dev/null | grep -q -e '^-P INPUT DROP' -e '-j DROP' -e '-j REJECT' -e '-j [a-z]'; }
our_line() { "$tables" -S INPUT 2>/dev/null | grep -F -- "--comment \\"$mark\\"" | head -n 1; }
put_iptables() {
  [ -z "$(our_line)" ] || return 0
  stop=$(date -u -d "@$until" +%Y-%m-%dT%H:%M:%S)
  "$tables" -w -I INPUT $(spec) -m time --datestop "$stop" -m comment --comment "$mark" -j ACCEPT 2>/dev/null ||
    "$tables" -w -I INPUT $(spec) -m comment --comment "$mark" -j ACCEPT
}
put() {
  chains | { r=0
    while read -r fam tab chain handle; do
      [ "$handle" = 0 ] || continue
      ! by_iptables "$fam" "$tab" "$chain" || continue
      nft insert rule "$fam" "$tab" "$chain" "$family" saddr "$address" "$protocol" dport "$port" meta time "<" "$until" accept comment "\\"$mark\\"" || r=1
    done; exit "$r"; } || return 1
  ! legacy || put_iptables
}
# Where rules of ours belong, or with \`are\` where they stand.
where() {
  chains | while read -r fam tab chain handle; do
    by_iptables "$fam" "$tab" "$chain" || [ "$1$handle" = are0 ] || echo "@place $fam $tab $chain"
  done
  if [ "$1" = are ]; then [ -z "$(our_line)" ] || echo "@place $tables INPUT"
  else ! legacy || echo "@place $tables INPUT"; fi
}
take() {
  chains | while read -r fam tab chain handle; do [ "$handle" = 0 ] || nft delete rule "$fam" "$tab" "$chain" handle "$handle" 2>/dev/null; done
  while line=$(our_line) && [ -n "$line" ]; do
    eval "set -- $line"; shift
    "$tables" -w -D "$@" || break
  done
}
# Another of ours may let in the same: what it opened stays open.
alone() {
  for f in ${folder}/*.access; do
    [ -f "$f" ] && [ "$f" != "${folder}/$id.access" ] && read -r line <"$f" || continue
    case $line in *" $address $protocol $port "*) return 1;; esac
  done
}
case $verb in
would) where belong;;
look) where are;;
put) put && where are;;
keep)
  while [ "$(date +%s)" -lt "$until" ]; do
    put
    left=$((until - $(date +%s))); [ "$left" -lt 3 ] || left=3
    [ "$left" -le 0 ] || sleep "$left"
  done;;
off)
  take
  rm -f "${folder}/$id.access"
  if alone && has ss; then ss -K -n state connected "dst = $address and sport = :$port" >/dev/null 2>&1; fi
  for f in ${folder}/*.access; do [ ! -e "$f" ] || exit 0; done
  rm -rf ${folder}
  ;;
esac`;

/** sh: which address of ours the host sees, as `@peer HEX`: the other end of the socket of the sshd we came by. */
const peerSh = `p=$PPID
while [ "$p" -gt 1 ]; do
  { read -r name <"/proc/$p/comm"; } 2>/dev/null || break
  case $name in sshd*|dropbear)
    for f in /proc/"$p"/fd/*; do
      l=$(readlink "$f") || continue
      case $l in socket:*) i=\${l#socket:?}; awk -v i="\${i%?}" '$10 == i && $4 == "01" { print "@peer", $3 }' /proc/net/tcp /proc/net/tcp6 2>/dev/null;; esac
    done;;
  esac
  while read -r key value more; do [ "$key" != PPid: ] || break; done <"/proc/$p/status"
  p=$value
done`;

/** sh: `@now SECONDS`, and for each one let in `@access ID SINCE UNTIL BY ADDRESS PROTOCOL PORT KEPT` and its places. */
const listSh = `echo "@now $(date +%s)"
for f in ${folder}/*.access; do
  [ -f "$f" ] && read -r id since until by address protocol port rest <"$f" || continue
  kept=no; ! systemctl is-active --quiet "play-allow-$id" || kept=yes
  echo "@access $id $since $until $by $address $protocol $port $kept"
  sh ${folder}/keeper look "$id" "$until" "$address" "$protocol" "$port" </dev/null
done`;

/** What a host knows before anything is changed. */
export interface Look {
  readonly now: number;
  /** The address that the host sees us come from. */
  readonly peer: string | undefined;
  readonly found: readonly FoundAccess[];
}

/** Exit codes of `letIn`. */
export const accessCode = { noSystemd: 75, noTool: 76 } as const;

/** Asks who is let in, and whom the host sees. Needs root. */
export const lookRequest: LaneRequest = { script: `${peerSh}\n${listSh}\nexit 0`, timeout: 60 };

/** Reads what `lookRequest` prints. */
export function decodeLook(text: string): Look {
  const lines = text.split('\n');
  const now = Number(/^@now (\d+)$/m.exec(text)?.[1] ?? 0);
  const found: FoundAccess[] = [];
  for (const line of lines) {
    const [, id = '', since, until, by = '', address = '', protocol, port, kept] =
      /^@access ([0-9a-f]{12}) (\d+) (\d+) (\S+) (\S+) (tcp|udp) (\d+) (yes|no)$/.exec(line) ?? [];
    if (port !== undefined)
      found.push({
        id,
        since: Number(since),
        until: Number(until),
        by,
        address,
        protocol: protocol === 'udp' ? 'udp' : 'tcp',
        port: Number(port),
        places: [],
        isKept: kept === 'yes',
      });
    const last = found.at(-1);
    const place = /^@place (.+)$/.exec(line)?.[1];
    if (last !== undefined && place !== undefined)
      found[found.length - 1] = { ...last, places: [...last.places, place] };
  }
  const peer = lines.flatMap((line) => peerAddress(/^@peer (\S+)$/.exec(line)?.[1] ?? '') ?? [])[0];
  return { now, peer, found };
}

/** The chains that a rule would go into: `@place PLACE`. */
export function wouldLetIn(access: Access): LaneRequest {
  return { script: keeperSh, args: ['would', ...argsOf(access, 0)], timeout: 60 };
}

/** Reads the places of `wouldLetIn` and `letIn`. */
export function placesIn(text: string): string[] {
  return text.split('\n').flatMap((line) => /^@place (.+)$/.exec(line)?.[1] ?? []);
}

/**
 * Lets one in, from then on kept by a unit whose end takes it back. That of an earlier call for the same is replaced.
 */
export function letIn(access: Access, seconds: number): LaneRequest {
  const id = idOf(access);
  return {
    script: `set -e; umask 077; seconds=$1; shift
command -v systemd-run >/dev/null 2>&1 || exit ${accessCode.noSystemd}
command -v nft >/dev/null 2>&1 || command -v iptables >/dev/null 2>&1 || exit ${accessCode.noTool}
now=$(date +%s); until=$((now + seconds)) id=$1 by=$2 address=$3 protocol=$4 port=$5
systemctl --quiet stop "play-allow-$id" 2>/dev/null || :
mkdir -p ${folder}; [ -O ${folder} ] && [ ! -L ${folder} ]
cat >${folder}/.keeper; mv -f ${folder}/.keeper ${folder}/keeper
off="/bin/sh ${folder}/keeper off $id $until $address $protocol $port"
printf '%s\\n' "$id $now $until $by $address $protocol $port ." >"${folder}/.$id"; mv -f "${folder}/.$id" "${folder}/$id.access"
sh ${folder}/keeper put "$id" "$until" "$address" "$protocol" "$port" </dev/null || { $off; exit 1; }
systemd-run --quiet --collect --unit="play-allow-$id" --description="$by lets $address in to port $port/$protocol" \\
  -p RuntimeMaxSec="$((seconds + 5))" -p ExecStopPost="$off" -p KillMode=mixed -p LogLevelMax=warning \\
  /bin/sh ${folder}/keeper keep "$id" "$until" "$address" "$protocol" "$port" || { $off; exit 1; }
echo "@until $until"`,
    args: [String(seconds), id, access.by, access.address, access.protocol, String(access.port)],
    stdin: Buffer.from(`${keeperSh}\n`),
    timeout: 60,
  };
}

/** Takes it back: the unit's end does. */
export function shutOut(found: readonly FoundAccess[]): LaneRequest {
  return {
    script: `while [ $# -gt 0 ]; do
  systemctl --quiet stop "play-allow-$1" 2>/dev/null || :
  [ ! -e "${folder}/$1.access" ] || sh ${folder}/keeper off "$1" "$2" "$3" "$4" "$5" </dev/null || exit 1
  shift 5
done; exit 0`,
    args: found.flatMap((one) => [one.id, String(one.until), one.address, one.protocol, String(one.port)]),
    timeout: 60,
  };
}

function argsOf(access: Access, until: number): string[] {
  return [idOf(access), String(until), access.address, access.protocol, String(access.port)];
}
