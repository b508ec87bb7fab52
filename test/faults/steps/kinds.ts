/** What may happen to a run. */
import type { ChildProcess } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { planFile, type Moment } from './counting-shell.ts';
import type { FaultHost, Ground } from './host.ts';

export interface Struck {
  readonly play: ChildProcess;
  readonly host: FaultHost;
  readonly ground: Ground;
}

export interface FaultKind {
  /** What the host itself does at that moment: sh with the lane as $1, and the request, if it runs, as $2. */
  readonly onHost?: string;
  /** What is done from here while the request stands. */
  strike?(struck: Struck): Promise<void>;
  /** What is done from here once it goes on. */
  afterwards?(struck: Struck, isOver: () => boolean): Promise<void>;
  /** What an operator would put right before the next run. */
  fix?(struck: Struck): Promise<unknown>;
  /** When it may strike; default at any moment. */
  readonly moments?: readonly Moment[];
  /** The run has to succeed all the same. */
  readonly harmless?: boolean;
  /** The run may succeed all the same: what asks is asked again. */
  readonly mayBeSurvived?: boolean;
  /** Only where apt is at work: its requests take a while. */
  readonly ofApt?: boolean;
  /** How many of the others come on one of these; default 1. Of no effect where no others are asked for. */
  readonly rare?: number;
  /** What the run that is struck is given on its command line. */
  readonly args?: readonly string[];
}

const signal = (name: NodeJS.Signals): FaultKind => ({
  strike: async ({ play }) => {
    if (play.pid !== undefined && play.exitCode === null) process.kill(name === 'SIGKILL' ? -play.pid : play.pid, name);
  },
});

const shell = ({ host }: Struck, script: string): Promise<unknown> => host.exec(['sh', '-c', script]);

/** Services of others have ended for want of room, too. */
const afterFull = async (struck: Struck): Promise<unknown> => {
  await struck.host.emptyDisk();
  return shell(
    struck,
    'systemctl list-units --failed --plain --no-legend | while read -r u rest; do systemctl reset-failed $u; systemctl start --no-block $u; done',
  );
};

/** A row kills sshd oftener than systemd starts a service in ten seconds (StartLimitBurst= of systemd.unit(5)). */
const sshdAgain: FaultKind['fix'] = (struck) =>
  shell(struck, 'systemctl reset-failed ssh; systemctl is-active -q ssh || systemctl start ssh');

/** Folders that a file system of their own would be for; a bind mount has no writers that would keep it writable. */
const written = '/etc /usr/local /srv /home /opt /root /var/lib/play /var/spool/cron';

/** Waits no longer than the run that is struck: the one after it is to be left alone. */
const whenItRuns = (find: string): FaultKind => ({
  onHost: `(until ${find} || [ ! -e ${planFile} ]; do sleep 0.01; done) >/dev/null 2>&1 </dev/null &`,
  moments: ['before'],
  ofApt: true,
});

export const faultKinds: Readonly<Record<string, FaultKind>> = {
  int: signal('SIGINT'),
  term: signal('SIGTERM'),
  kill: signal('SIGKILL'),
  hup: signal('SIGHUP'),
  cut: { onHost: "pkill -9 -f '^sshd: '", fix: sshdAgain },
  sshd: { onHost: 'pkill -9 sshd', fix: sshdAgain },
  stall: {
    strike: ({ host }) => host.link('down'),
    afterwards: async ({ host }) => {
      await wait(1500);
      await host.link('up');
    },
    harmless: true,
  },
  // Until play gives the host up, which takes a minute unless ssh is told to be less patient.
  lost: {
    args: ['--ssh-common-args', '-o ServerAliveInterval=2 -o ServerAliveCountMax=3'],
    strike: ({ host }) => host.link('down'),
    afterwards: async (_, isOver) => {
      while (!isOver()) await wait(100);
    },
    fix: ({ host }) => host.link('up'),
    rare: 10,
  },
  full: { strike: ({ host }) => host.fillDisk('bytes'), fix: afterFull },
  inodes: { strike: ({ host }) => host.fillDisk('inodes'), fix: afterFull },
  readonly: {
    onHost: `for d in ${written}; do [ ! -d $d ] || { mount --bind $d $d && mount -o remount,bind,ro $d; }; done`,
    fix: (struck) => shell(struck, `for d in ${written}; do mountpoint -q $d && umount -l $d; done; :`),
  },
  lane: { onHost: 'kill -9 $1' },
  // The request and all it started, which are in one session with the shell that counts.
  request: {
    onHost: 'kill -9 $2 $(pgrep -P $2) $(for p in $(pgrep -P $2); do pgrep -P $p; done)',
    moments: ['amid'],
    mayBeSurvived: true,
  },
  power: { strike: async ({ host, ground }) => void (await host.bootAgain(ground)), rare: 4 },
  apt: whenItRuns('pkill -9 -x apt-get'),
  dpkg: whenItRuns('pkill -9 -x dpkg'),
  // dpkg's own child: debconf, which runs some of them, takes a child that a signal ended for one that succeeded
  // (Debconf/ConfModule.pm: `$? >> 8`), and nobody can know that then.
  postinst: whenItRuns('pkill -9 -P "$(pgrep -d, -x dpkg)" -f \'[.]postinst configure\''),
};
