/**
 * Ways to lock oneself out, each for real: what is done is put back, one gets in again, the run says why, the next one
 * shows it, and nothing is left on the host.
 */
import { describe, expect, test } from 'vitest';
import type { Target } from '../../src/connection/types.ts';
import { handler, block, type TaskItem } from '../../src/playbook/index.ts';
import { authorizedKey, copy, nftables, shell, sudoers, systemd, user } from '../../src/resources/index.ts';
import { runPlay, type PlayRun } from '../support/run-play.ts';
import { useHosts, type LoginUser } from '../support/sandbox.ts';
import { left } from './left.ts';

// Most of the time here is waiting, for each host on its own.
const names = ['out1', 'out2', 'out3', 'out4', 'out5', 'out6'] as const;
const hosts = useHosts(...names);

/** Seconds, where nobody answers and all of it is waited for. */
const within = 8;
/** Where sshd says no: that is believed long before, but a busy machine needs its time for it. */
const refusing = { within: 30 };
/** Nothing was heard in time, as may be on a machine that is busy beyond measure. */
const tooBusy = /did not answer within|nobody could log in within/;
const drops = (rule: string): TaskItem[] => [
  nftables(
    { table: 'shut', rules: { input: ['type filter hook input priority 0; policy accept;', rule] } },
    { commitConfirmed: { within } },
  ),
];
const reload = handler('reload sshd', () => systemd({ name: 'ssh', state: 'reloaded' }));
const settings = (content: string): TaskItem[] => [
  block([copy({ dest: '/etc/ssh/sshd_config.d/00-test.conf', content, mode: '0644' }, { notify: reload })], {
    commitConfirmed: refusing,
  }),
];
const does = (cmd: string, commitConfirmed: object = refusing): TaskItem[] => [
  shell({ cmd, changes: 'always' }, { name: 'do it', commitConfirmed }),
];

interface Lockout {
  readonly by?: LoginUser;
  readonly tasks: () => readonly TaskItem[];
  /** sh that prints what must be as before. */
  readonly state: string;
  /** What the failure says. */
  readonly says: RegExp;
}

const files = 'cat /etc/ssh/sshd_config.d/* 2>&1; ls /etc/ssh; systemctl is-active ssh; systemctl is-enabled ssh';
const accounts = 'grep -h admin /etc/passwd /etc/shadow /etc/group; stat -c "%a %U %n" /home/admin/.ssh/*';

const lockouts: Readonly<Record<string, Lockout>> = {
  'port 22 dropped': {
    tasks: () => drops('tcp dport 22 drop'),
    state: 'nft list ruleset',
    says: /lost|no answer|lane|nobody could log in within/,
  },
  'our address dropped': {
    tasks: () => drops('ip saddr 0.0.0.0/0 drop'),
    state: 'nft list ruleset',
    says: /lost|no answer|lane|nobody could log in within/,
  },
  'only what is established let in': {
    tasks: () => drops('tcp dport 22 ct state != established drop'),
    state: 'nft list ruleset',
    says: /nobody could log in within|answer/,
  },
  'sshd on another port': { tasks: () => settings('Port 2222\n'), state: files, says: /refused/ },
  'root may not log in': {
    by: 'root',
    tasks: () => settings('PermitRootLogin no\n'),
    state: files,
    says: /did not let root in/,
  },
  'AllowUsers without us': {
    tasks: () => settings('AllowUsers somebody\n'),
    state: files,
    says: /did not let admin in/,
  },
  'settings that pass -t and do not work': {
    tasks: () => settings('AuthorizedKeysFile /nowhere/%u\n'),
    state: files,
    says: /did not let admin in/,
  },
  'sshd stopped and masked': {
    tasks: () => [systemd({ name: 'ssh', state: 'stopped', enabled: false }, { commitConfirmed: refusing })],
    state: files,
    says: /refused/,
  },
  'no host key': {
    tasks: () => does('rm /etc/ssh/ssh_host_*; systemctl restart ssh; :'),
    state: files,
    says: /refused|closed|key/,
  },
  'authorized_keys emptied': {
    tasks: () => [copy({ dest: '/home/admin/.ssh/authorized_keys', content: '' }, { commitConfirmed: refusing })],
    state: accounts,
    says: /did not let admin in/,
  },
  'another key alone': {
    tasks: () => [
      authorizedKey({
        user: 'admin',
        key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPFr1mG2tBkyWdRNXtMFdWL8sGZs5v0uX8GSGJ5H0uVx other',
        exclusive: true,
      }),
    ],
    state: accounts,
    says: /did not let admin in/,
  },
  'a login shell that is none': {
    tasks: () => [user({ name: 'admin', shell: '/usr/sbin/nologin' })],
    state: accounts,
    says: /could not|not available/,
  },
  'the account expired': {
    tasks: () => does('usermod --expiredate 1 admin'),
    state: accounts,
    says: /did not let admin in|closed|expired/,
  },
  'sudoers without us': {
    tasks: () => [copy({ dest: '/etc/sudoers.d/admin', content: '', mode: '0440' })],
    state: 'cat /etc/sudoers.d/*',
    says: /password/,
  },
  'sudo wants a password': {
    tasks: () => [sudoers({ name: 'admin', user: 'admin', commands: 'ALL', runas: 'ALL:ALL', nopassword: false })],
    state: 'cat /etc/sudoers.d/*',
    says: /password/,
  },
  'PAM denies': {
    tasks: () => [
      copy(
        {
          dest: '/etc/pam.d/sshd',
          content: 'account required pam_deny.so\nsession required pam_deny.so\nauth required pam_deny.so\n',
        },
        { commitConfirmed: refusing },
      ),
    ],
    state: 'cat /etc/pam.d/sshd',
    says: /did not let admin in|closed|lost|could not/,
  },
  'the interface down': {
    tasks: () => does('ip link set "$(ip -o route show default | sed "s/.* dev \\([^ ]*\\).*/\\1/")" down', { within }),
    state: 'ip -br address; ip route',
    says: /lost|no answer|lane|nobody could log in within/,
  },
  'the routes gone': {
    tasks: () => does('ip route flush table main', { within }),
    state: 'ip route',
    says: /lost|no answer|lane/,
  },
};

const run = (host: string, by: LoginUser, tasks: () => readonly TaskItem[], check = false): Promise<PlayRun> =>
  runPlay(
    { hosts: 'all', become: by !== 'root', tasks },
    { target: (): Target => ({ ...hosts.target(host, by), limits: { answer: 30 } }), inventory: `${host},`, check },
  );
const noticesOf = ({ events }: PlayRun): string[] => events.flatMap((e) => (e.event === 'notice' ? [e.text] : []));

describe.concurrent('put back', () => {
  const free = names.map((name) => ({ name, last: Promise.resolve() as Promise<unknown> }));
  for (const [i, [what, { by = 'admin', tasks, state, says }]] of Object.entries(lockouts).entries()) {
    test(what, { timeout: 300_000 }, async () => {
      const slot = free[i % free.length];
      if (slot === undefined) throw new Error('no host');
      const work = slot.last.then(() => lockOut(slot.name));
      slot.last = work.catch(() => undefined);
      await work;
    });
    const lockOut = async (host: string): Promise<void> => {
      const on = async (sh: string): Promise<string> => {
        const { stdout, stderr } = await hosts.exec(host, ['sh', '-c', sh]);
        return stdout + stderr;
      };
      const before = await on(state);
      const foretold = await run(host, by, tasks, true);
      expect([...noticesOf(foretold), ...foretold.tasks.map((task) => task.message)].join('\n')).toMatch(
        /put back unless a new login works within|confirmed by a new login within 120 s, else put back/,
      );
      expect(await on(state)).toBe(before);

      const done = await run(host, by, tasks);
      const failure = done.tasks.find((task) => task.status === 'failed');
      const said = `${failure?.error?.what}\n${failure?.error?.stderr}`;
      if (!tooBusy.test(said)) expect(said).toMatch(says);
      expect(failure?.error?.what).toMatch(/^Put back, as no new login confirmed it/);
      expect(done.recap.exit).toBe(2);
      expect(await on(state)).toBe(before);
      expect(await on(left)).toBe('');

      // One gets in, and is told.
      const next = await run(host, by, () => [copy({ dest: '/root/next', content: 'x' })]);
      expect(noticesOf(next).join('\n')).toMatch(/^put back at .*, since .*: "/);
      expect(next.recap.exit).toBe(0);
      expect(noticesOf(await run(host, by, () => [copy({ dest: '/root/next', content: 'x' })]))).toEqual([]);
    };
  }
});
