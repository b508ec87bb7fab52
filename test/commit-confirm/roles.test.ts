/** What the playbooks do to the ways in, by their own roles: what would lock out is put back, all that goes with it included. */
import { randomUUID } from 'node:crypto';
import { accounts } from 'play/roles/accounts';
import { nftables, openPort } from 'play/roles/nftables';
import { sshd } from 'play/roles/sshd';
import { beforeAll, describe, expect, test } from 'vitest';
import { standardBackups } from '../../src/engine/index.ts';
import { handler, type PlaySpec } from '../../src/playbook/index.ts';
import { copy, systemd } from '../../src/resources/index.ts';
import { runPlay, type PlayRun } from '../support/run-play.ts';
import { useHosts, type LoginUser } from '../support/sandbox.ts';
import { left } from './left.ts';

const names = ['roles1', 'roles2'] as const;
type Name = (typeof names)[number];
const hosts = useHosts(...names);
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPFr1mG2tBkyWdRNXtMFdWL8sGZs5v0uX8GSGJ5H0uVx somebody-else';
const admin = { name: 'admin', comment: 'admin', keys: [key] };
const reload = handler('reload sshd', () => systemd({ name: 'ssh', state: 'reloaded' }));

interface Lockout {
  /** The first has a firewall, the other not. */
  readonly on: Name;
  readonly by?: LoginUser;
  readonly play: Omit<PlaySpec, 'hosts'>;
  readonly says: RegExp;
  /** What the record of it names. */
  readonly names: RegExp;
}

const lockouts: Readonly<Record<string, Lockout>> = {
  'the firewall opens another port for ssh': {
    on: 'roles2',
    play: { roles: [nftables({ firewall_ssh_port: 2222 })] },
    says: /nobody could log in|lost|answer|lane/,
    names: /"rules of the firewall"/,
  },
  'another role opens the port of ssh to others alone': {
    on: 'roles1',
    play: { tasks: ({ host }) => [openPort(host, { port: 22, why: 'ssh', from: ['192.0.2.1'] })] },
    says: /nobody could log in|lost|answer|lane/,
    names: /"open port 22", "reload the firewall"/,
  },
  'root may not log in': {
    on: 'roles2',
    by: 'root',
    play: { roles: [sshd({ sshd_root_login: 'no' })] },
    says: /did not let root in/,
    names: /00-local\.conf/,
  },
  'a file of sshd behind a handler': {
    on: 'roles1',
    play: {
      tasks: () => [
        copy({ dest: '/etc/ssh/sshd_config.d/01-more.conf', content: 'AllowUsers somebody\n' }, { notify: reload }),
        copy({ dest: '/etc/ssh/sshd_config.d/00-there.conf', content: '# new\n' }, { notify: reload }),
      ],
    },
    says: /did not let admin in/,
    names: /01-more\.conf", .*00-there\.conf", "reload sshd"/,
  },
  'our key is not among those of our account': {
    on: 'roles2',
    play: { roles: [accounts({ accounts: [{ ...admin, admin: true }] })] },
    says: /did not let admin in/,
    names: /"keys of admin"/,
  },
  'our account is no admin': {
    on: 'roles1',
    play: { roles: [accounts({ accounts_gone: ['admin'] })] },
    says: /password/,
    names: /sudoers/,
  },
};

const run = (host: string, by: LoginUser, play: Omit<PlaySpec, 'hosts'>): Promise<PlayRun> =>
  runPlay(
    { hosts: 'all', become: by !== 'root', ...play },
    {
      target: () => ({ ...hosts.target(host, by), limits: { answer: 15 } }),
      inventory: `${host},`,
      backups: { ...standardBackups, run: randomUUID() },
    },
  );
const on = async (host: string, sh: string): Promise<string> => {
  const { stdout, stderr } = await hosts.exec(host, ['sh', '-c', sh]);
  return stdout + stderr;
};
const state =
  'nft list ruleset; cd /etc; grep -r "" nftables.d ssh/sshd_config.d sudoers.d; stat -c "%a %U %G %Y %n" nftables.d/ports/* ssh/sshd_config.d/* sudoers.d/*; cat /home/admin/.ssh/authorized_keys; systemctl is-active ssh';

describe.concurrent('put back', () => {
  beforeAll(async () => {
    await Promise.all(
      names.map(async (name) => {
        await on(
          name,
          'printf "# old\\n" >/etc/ssh/sshd_config.d/00-there.conf; chmod 604 /etc/ssh/sshd_config.d/00-there.conf',
        );
        const { recap } = await run(name, 'admin', { roles: [...(name === 'roles1' ? [nftables()] : []), sshd()] });
        expect(recap.exit).toBe(0);
      }),
    );
  });
  const last: Record<Name, Promise<unknown>> = { roles1: Promise.resolve(), roles2: Promise.resolve() };
  for (const [what, { on: name, by = 'admin', play, says, names: named }] of Object.entries(lockouts)) {
    test(what, { timeout: 300_000 }, async () => {
      const work = last[name].then(() => lockOut(name));
      last[name] = work.catch(() => undefined);
      await work;
    });
    const lockOut = async (host: string): Promise<void> => {
      const before = await on(host, state);
      const done = await run(host, by, play);
      const failure = done.tasks.find((task) => task.status === 'failed')?.error;
      expect(failure?.what).toMatch(/^Put back, as no new login confirmed it/);
      const said = `${failure?.what}\n${failure?.stderr}`;
      // On a machine that is busy beyond measure nothing may be heard in time.
      if (!/did not answer within|nobody could log in within/.test(said)) expect(said).toMatch(says);
      expect(failure?.hint).toContain('The host is as it was before. ');
      expect(await on(host, state)).toBe(before);
      expect(await on(host, left)).toBe('');
      const next = await run(host, by, { tasks: () => [copy({ dest: '/root/next', content: 'x' })] });
      const notices = next.events.flatMap((one) => (one.event === 'notice' ? [one.text] : []));
      expect(notices.join('\n')).toMatch(/^put back at .*, since/m);
      expect(notices.join('\n')).toMatch(named);
      expect(next.recap.exit).toBe(0);
    };
  }
});
