/** The host rounds run on: put back after each, looked at from outside, and reached over one connection. */
import { connect, type Connection } from '../../src/connection/index.ts';
import type { TestHosts } from '../support/sandbox.ts';
import type { Round } from './round.ts';
import { quoted } from './host-states.ts';

export interface TruthHost {
  connection(): Promise<Connection>;
  close(): Promise<void>;
  /** The packages that rounds need. */
  install(): Promise<unknown>;
  /** Puts back what rounds changed, brings the host into the round's state, and gives what is there. */
  begin(round: Round): Promise<string>;
  /** Names, kinds, permissions, owners, sizes and times of all that a round may touch, a line each. */
  snapshot(round: Round): Promise<string>;
  /** Temporary files that were left. */
  leftovers(round: Round): Promise<string>;
}

const packages = ['acl', 'cron', 'git', 'libcap2-bin', 'sudo'];

/** Where rounds that change parts of the host leave traces. */
const watched = { accounts: '/etc /home /var/mail /var/spool/cron', units: '/etc', mounts: '/etc', system: '/etc /var/lib/dpkg/alternatives', packages: '/etc /usr /var/lib/dpkg' };

// ctime shows also what was changed and changed back. The host's own programs write some of /etc's files now and then.
const look = `look() { find "$@" -xdev \\( -path /var/lib/dpkg/lock\\* -prune \\) -o -printf '%p %y %m %U %G %s %T@ %C@ %i %n %l\\n' | sort; }`;

const putBack = `exec 2>/dev/null
findmnt -rno TARGET | grep '^/srv/truth/' | sort -r | while read -r m; do umount -l "$(printf %b "$m")"; done
rm -rf /srv/truth /var/lib/play/owed`;

export function truthHost(hosts: TestHosts, name: string): TruthHost {
  let connection: Promise<Connection> | undefined;
  const sh = async (script: string): Promise<string> => {
    const { code, stdout, stderr } = await hosts.exec(name, ['sh', '-c', script]);
    if (code !== 0) throw new Error(`code ${code}: ${stderr}\n${script}`);
    return stdout;
  };
  const lookAt = ({ dir, uses }: Round): string => `look ${[quoted(dir), ...uses.map((one) => watched[one])].join(' ')}; cat /proc/sys/kernel/hostname`;
  return {
    connection: () => (connection ??= connect(hosts.target(name, 'root'))),
    close: async () => (await connection)?.close(),
    install: () => sh(`{ apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${packages.join(' ')}; } >/root/apt.log 2>&1 || { tail -n 20 /root/apt.log >&2; exit 1; }; rm -f /root/apt.log`),
    begin: (round) => sh(`${look}\n(${putBack}); mkdir -p ${quoted(round.dir)}; cd ${quoted(round.dir)} || exit 1\n(\n${round.host.join('\n')}\n) >/dev/null 2>&1 </dev/null\ncd /; ${lookAt(round)}`),
    snapshot: (round) => sh(`${look}\n${lookAt(round)}`),
    leftovers: ({ dir }) => sh(`find ${quoted(dir)} /etc /run /dev/shm /tmp -xdev \\( -name '.play-*' -o -name 'play-ask*' -o -name 'play-uri*' -o -name 'play-stage*' \\) 2>/dev/null; exit 0`),
  };
}
