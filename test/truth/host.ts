/** The host rounds run on: put back after each, looked at from outside, and reached over one connection. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type Connection } from '../../src/connection/index.ts';
import { buildRepository } from '../support/apt-repository.ts';
import type { TestHosts } from '../support/sandbox.ts';
import { quoted } from './host-states.ts';
import type { Part, Round } from './round.ts';
import { morePackages, packages as offered, servedFiles } from './sources.ts';

export interface Sight {
  readonly there: string;
  readonly left: string;
}

export interface TruthHost {
  connection(): Promise<Connection>;
  close(): Promise<void>;
  /** The packages that rounds need. */
  install(): Promise<unknown>;
  /** Puts back what rounds changed, brings the host into the round's state, and gives what is there. */
  begin(round: Round): Promise<Sight>;
  /**
   * Names, kinds, permissions, owners, sizes and times of all that a round may touch, a line each, and temporary files
   * that were left.
   */
  look(round: Round): Promise<Sight>;
}

const packages = ['acl', 'attr', 'cron', 'curl', 'git', 'libcap2-bin', 'sudo', 'unzip'];

/** Where rounds that change parts of the host leave traces. */
const watched: Readonly<Record<Part, string>> = {
  accounts: '/etc /home /var/mail /var/spool/cron',
  units: '/etc',
  mounts: '/etc',
  system: '/etc /var/lib/dpkg/alternatives',
  packages: '/etc /usr /var/lib/dpkg /var/lib/apt /var/cache/debconf /var/lib/t0c',
};

// ctime shows also what was changed and changed back; that of folders is changed by overlayfs itself when they are
// read.
const look = `look() { find "$@" -xdev -type d -printf '%p %y %m %U %G %T@ %i\\n' -o -printf '%p %y %m %U %G %s %T@ %C@ %i %n %l\\n' | sort; }`;

/** Kept once, put back after rounds. */
const keep = `mkdir -p /root/kept && cp -a /etc/passwd /etc/group /etc/shadow /etc/gshadow /etc/subuid /etc/subgid /etc/login.defs /etc/skel /etc/fstab /etc/hostname /etc/hosts /etc/systemd/system /root/kept/ && cp -a /etc/localtime /etc/timezone /root/kept/ 2>/dev/null; cp -a /var/cache/debconf /var/lib/apt/lists /var/lib/apt/extended_states /root/kept/ 2>/dev/null; hostname >/root/kept/name`;

const putBackFolder = `findmnt -rno TARGET | grep '^/srv/truth/' | sort -r | while read -r m; do umount -l "$(printf %b "$m")"; done
[ ! -e /srv/truth ] || chattr -R -ia /srv/truth
rm -rf /srv/truth /var/lib/play/owed /tmp/play.*`;

const putBack: Readonly<Record<Part, string>> = {
  accounts: `cd /root/kept && cp -a passwd group shadow gshadow subuid subgid login.defs /etc/ && rm -rf /etc/skel && cp -a skel /etc/; rm -rf /home/t[0-9]* /var/mail/t[0-9]* /var/spool/cron/crontabs/* /etc/sudoers.d/t[0-9]*`,
  units: `systemctl stop 't[0-9]*.service' 't[0-9]*.timer'; rm -rf /etc/systemd/system /run/systemd/system/t[0-9]*; cp -a /root/kept/system /etc/systemd/; systemctl daemon-reload; systemctl reset-failed`,
  mounts: `cp -a /root/kept/fstab /etc/fstab`,
  system: `cd /root/kept && cp -a hostname hosts localtime timezone /etc/; hostname "$(cat name)"; rm -f /etc/alternatives/t[0-9]* /usr/local/bin/t[0-9]* /var/lib/dpkg/alternatives/t[0-9]*; cd /proc/sys/net/ipv4/conf/lo; echo 0 >log_martians; echo 1 >shared_media`,
  packages: `dpkg --purge --force-all $(dpkg-query -f '\${Package}\n' -W 't0*'); rm -rf /etc/apt/*/t[0-9]* /etc/t0* /var/lib/t0* /usr/share/t0*; for d in /var/cache/debconf /var/lib/apt/lists /var/lib/apt/extended_states; do rm -rf "$d"; cp -a /root/kept/"\${d##*/}" "$d"; done; touch /var/lib/apt/lists`,
};

const server = `use IO::Socket::INET;
my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 8091, Listen => 20, ReuseAddr => 1) or die $!;
while (my $c = $s->accept) {
  my $r = <$c>; while (<$c>) { last if /^\\r?\\n$/ }
  my ($p) = $r =~ m{^(?:GET|HEAD) /(\\w*)};
  if (open my $f, "<", "/srv/truth-www/$p") { local $/; my $b = <$f> // ""; printf $c "HTTP/1.0 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n%s", length $b, $b }
  else { print $c "HTTP/1.0 404 Not Found\\r\\nContent-Length: 0\\r\\n\\r\\n" }
  close $c;
}`;

/** A server of small files, and a repository among apt's sources. */
const serve = `printf '127.0.0.1 files.truth.test\\n' >>/etc/hosts
echo 'deb [trusted=yes] file:/srv/truth-repo ./' >/etc/apt/sources.list.d/truth.list
printf %s ${Buffer.from(server).toString('base64')} | base64 -d >/root/server.pl
systemd-run -q --unit=truth-www perl /root/server.pl`;

export function truthHost(hosts: TestHosts, name: string): TruthHost {
  let changed: readonly Part[] = [];
  let connection: Promise<Connection> | undefined;
  const sh = async (script: string): Promise<Sight> => {
    const { code, stdout, stderr } = await hosts.exec(name, ['sh', '-c', script]);
    if (code !== 0) throw new Error(`code ${code}: ${stderr}\n${script}`);
    const [there = '', left = ''] = stdout.split('\0');
    return { there, left };
  };
  const close = async (): Promise<void> => {
    const last = connection;
    connection = undefined;
    await (await last?.catch(() => undefined))?.close();
  };
  // A busy machine is slow to let us in.
  const open = (): Promise<Connection> => connect({ ...hosts.target(name, 'root'), connectTimeout: 120 });
  const lookAt = ({ dir, uses }: Round): string =>
    `look ${[quoted(dir), ...uses.map((one) => watched[one])].join(' ')}; cat /proc/sys/kernel/hostname; printf '\\0'; find ${quoted(dir)} /etc /run /dev/shm /tmp -xdev \\( -name '.play-*' -o -name 'play-ask*' -o -name 'play-uri*' -o -name 'play-stage*' \\) 2>/dev/null; :`;
  return {
    connection: () => (connection ??= open()),
    close,
    install: () => {
      const root = hosts.rootPath(name);
      buildRepository(join(root, 'srv/truth-repo'), offered);
      buildRepository(join(root, 'srv/truth-repo2'), morePackages);
      mkdirSync(join(root, 'srv/truth-www'));
      for (const [file, { text }] of Object.entries(servedFiles))
        writeFileSync(join(root, 'srv/truth-www', file), text);
      return sh(
        `{ ${serve}; apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${packages.join(' ')}; } >/root/apt.log 2>&1 || { tail -n 20 /root/apt.log >&2; exit 1; }; rm -f /root/apt.log; ${keep}`,
      );
    },
    async begin(round) {
      // Its lanes of users that are no more would keep numbers of theirs in use.
      if (changed.includes('accounts')) await close();
      const back = [putBackFolder, ...changed.map((part) => `(${putBack[part]})`)].join('\n');
      changed = round.uses;
      return sh(
        `${look}\n(exec >/dev/null 2>&1; ${back}); mkdir -p ${quoted(round.dir)}; cd ${quoted(round.dir)} || exit 1\n(:\n${round.host.join('\n')}\n) >/dev/null 2>&1 </dev/null\ncd /; ${lookAt(round)}`,
      );
    },
    look: (round) => sh(`${look}\n${lookAt(round)}`),
  };
}
