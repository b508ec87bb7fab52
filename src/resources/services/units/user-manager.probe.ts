import { ProbeFailure, type ProbeKind, type Question, type Subject } from '../../../contract/index.ts';
import { readRuns, toUnit, unitFiles, unitName, unitProperties, unknownUnit, type Unit } from '../../../probes/unit.ts';

/** Where the systemd of an account reads unit files (systemd.unit(5)), first wins. */
export const userFolders = (home: string, uid?: number): string[] => [
  `${home === '/' ? '' : home}/.config/systemd/user`,
  '/etc/systemd/user',
  ...(uid === undefined ? [] : [`/run/user/${uid}/systemd/user`]),
  '/run/systemd/user',
  `${home === '/' ? '' : home}/.local/share/systemd/user`,
  '/usr/local/share/systemd/user',
  '/usr/share/systemd/user',
  '/usr/local/lib/systemd/user',
  '/usr/lib/systemd/user',
];

/** What systemctl does to units of an account touches all of these. */
export const unitsOfUser = (owner: string): Subject => ({ on: 'named', name: `units of ${owner}` });

const itsFolder = `export XDG_RUNTIME_DIR="\${XDG_RUNTIME_DIR:-/run/user/$(id -u)}"`;

// One that lingers comes up soon after `loginctl enable-linger`, which does not wait for it.
const managerKind: ProbeKind<string> = {
  kind: 'user-manager',
  arity: 1,
  sh: `${itsFolder}
i=0
while [ ! -S "$XDG_RUNTIME_DIR/systemd/private" ] && [ -e "/var/lib/systemd/linger/$(id -un)" ] && [ $((i += 1)) -le 50 ]; do sleep 0.2; done
if ! command -v systemctl >/dev/null 2>&1; then echo 'there is no systemctl'
elif o=$(systemctl --user show -p Version 2>&1); then echo ok
else printf '%s\\n' "$o" | head -n 1; fi`,
  decode: (stdout, questions) => {
    const said = stdout.toString('utf8').trim();
    return questions.map(() => (said === 'ok' ? '' : said === '' ? new ProbeFailure('no answer') : said));
  },
  depends: () => [{ on: 'units' }, { on: 'accounts' }, { on: 'path', path: '/var/lib/systemd/linger' }],
};

/** Why the systemd of an account does not answer, empty where it does. */
export const userManager = (owner: string): Question<string> => ({ kind: managerKind, args: [owner] });

const unitKind: ProbeKind<Unit> = {
  kind: 'user-unit',
  arity: 3,
  sh: `${itsFolder}
xargs -0 -n 3 sh -c '
u=$1 a=$1 t= l= m=
case $u in *@.*) a="\${u%%@.*}@play-looks.\${u##*@.}"; t=$(systemctl --user is-enabled -- "$u" 2>/dev/null);; esac
systemctl --user show -p ${unitProperties.join(',')} -- ${unknownUnit} "$a"
echo; echo =
for f in "\${3%/}"/.config/systemd/user/*.wants/"$u" "\${3%/}"/.config/systemd/user/*.requires/"$u" /etc/systemd/user/*.wants/"$u"; do [ ! -L "$f" ] || l=y; done
[ ! "$XDG_RUNTIME_DIR/systemd/user/$u" -ef /dev/null ] || m=masked-runtime
[ ! "\${3%/}/.config/systemd/user/$u" -ef /dev/null ] || m=masked
echo "$t  $l $m"
echo @' sh`,
  decode(stdout, questions, stderr) {
    const runs = stdout.toString('utf8').split(/^@\n/m);
    return questions.map(([name = ''], i) => {
      const { blocks, extras } = readRuns(runs[i] ?? '');
      return toUnit(name, blocks[0], extras[0]) ?? new ProbeFailure(stderr.trim() || 'systemctl --user gave no answer');
    });
  },
  depends: ([name = '', owner = '', home = '/']) => [
    { on: 'units' },
    unitsOfUser(owner),
    ...unitFiles(name, userFolders(home)).map((path) => ({ on: 'below' as const, path })),
  ],
  ofContent: true,
};

/** The state of a unit of an account's. */
export function userUnit(name: string, owner: string, home: string): Question<Unit> {
  return { kind: unitKind, args: [unitName(name), owner, home] };
}

const changedKind: ProbeKind<boolean> = {
  kind: 'user-units-changed',
  arity: 2,
  // As for the host's (probes/unit.ts).
  sh: `${itsFolder}
xargs -0 -n 2 sh -c '
u=$(systemctl --user show -p UnitsLoadTimestamp,UnitsLoadFinishTimestamp --timestamp=us+utc --value | sed "/^$/d" | sort -k2 | tail -n 1)
set -- "\${2%/}/.config/systemd/user" "\${2%/}/.local/share/systemd/user" /etc/systemd/user "$XDG_RUNTIME_DIR/systemd/user" /run/systemd/user /usr/local/share/systemd/user /usr/share/systemd/user /usr/local/lib/systemd/user /usr/lib/systemd/user
for f do shift; [ ! -d "$f" ] || set -- "$@" "$f"; done
if systemctl --user show "*" -p NeedDaemonReload --value | grep -q yes; then echo yes
elif [ -n "$u" ] && [ $# -gt 0 ] && [ -n "$(find "$@" -newermt "$u" -print 2>/dev/null | head -n 1)" ]; then echo yes
else echo no; fi' sh`,
  decode(stdout, questions) {
    const lines = stdout.toString('utf8').split('\n');
    return questions.map((_, i) => (lines[i] ? lines[i] === 'yes' : new ProbeFailure('no answer')));
  },
  depends: ([owner = '', home = '/']) => [
    unitsOfUser(owner),
    ...userFolders(home).map((path) => ({ on: 'below' as const, path })),
  ],
  ofContent: true,
};

/** Whether any unit file of an account's was changed, added or removed since its systemd has last read them. */
export function userUnitsChanged(owner: string, home: string): Question<boolean> {
  return { kind: changedKind, args: [owner, home] };
}
