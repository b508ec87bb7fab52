/**
 * By whichever way one comes, it is the same one that has to let us in again: through a jump host, by OpenSSH, over a
 * connection that the user's own configuration shares, from a tool.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { block, definePlaybook, handler, type PlaySpec, type TaskItem } from '../../src/playbook/index.ts';
import { copy, nftables, systemd } from '../../src/resources/index.ts';
import { openRunner } from '../../src/runner/index.ts';
import { playRoot, run } from '../cli/command-line.ts';
import { useRunner } from '../runner/support.ts';
import { runPlay } from '../support/run-play.ts';
import { useHosts } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { left } from './left.ts';

const names = ['by1', 'by2', 'by3', 'by4', 'by5'] as const;
type Name = (typeof names)[number];
const hosts = useHosts('bastion', ...names);
const folder = temporaryFolder('ways');
const config = join(folder, 'ssh_config');
const on = async (host: string, sh: string): Promise<string> => {
  const { stdout, stderr } = await hosts.exec(host, ['sh', '-c', sh]);
  return stdout + stderr;
};

/** What was said of a run, and how it ended. */
interface Came {
  readonly exit: number;
  readonly said: string;
}
/** Runs the tasks of a lockout, or a harmless one, by one way. */
type Way = (host: Name, what: keyof typeof lists) => Promise<Came>;

const within = 8;
const content = 'AllowUsers somebody\n';
const dest = '/etc/ssh/sshd_config.d/00-test.conf';
const rules = { input: ['type filter hook input priority 0; policy accept;', 'tcp dport 22 drop'] };
const reload = handler('reload sshd', () => systemd({ name: 'ssh', state: 'reloaded' }));
const lists = {
  sshd: (): TaskItem[] => [block([copy({ dest, content }, { notify: reload })], { commitConfirmed: { within } })],
  firewall: (): TaskItem[] => [nftables({ table: 'shut', rules }, { commitConfirmed: { within } })],
  next: (): TaskItem[] => [copy({ dest: '/root/next', content: 'x' })],
};
const playOf = (what: keyof typeof lists): PlaySpec => ({ hosts: 'all', become: true, tasks: lists[what] });
/** The same, as a playbook has it. */
const texts: Readonly<Record<keyof typeof lists, string>> = {
  sshd: `block([copy({ dest: '${dest}', content: ${JSON.stringify(content)} }, { notify: handler('reload sshd', () => systemd({ name: 'ssh', state: 'reloaded' })) })], { commitConfirmed: { within: ${within} } })`,
  firewall: `nftables({ table: 'shut', rules: ${JSON.stringify(rules)} }, { commitConfirmed: { within: ${within} } })`,
  next: "copy({ dest: '/root/next', content: 'x' })",
};

/** As the command line runs it, by these arguments of ssh. */
const byEngine =
  (transport: 'ssh2' | 'openssh' | 'auto', ...sshArgs: readonly string[]): Way =>
  async (host, what) => {
    const { events, tasks, recap } = await runPlay(playOf(what), {
      inventory: `${host},`,
      target: () => ({ name: host, address: host, transport, sshArgs, limits: { answer: 30 } }),
    });
    const said = [
      ...events.flatMap((one) => (one.event === 'notice' ? [one.text] : [])),
      ...tasks.map(({ error }) => error?.what),
    ];
    return { exit: recap.exit, said: said.join('\n') };
  };

const ways: Readonly<Record<Name, { readonly what: string; readonly way: Way }>> = {
  by1: { what: 'ssh2 through a jump host', way: byEngine('ssh2', '-F', config, '-J', 'bastion') },
  by2: { what: 'OpenSSH through a jump host', way: byEngine('openssh', '-F', config, '-J', 'bastion') },
  by3: {
    what: 'a connection to both that is shared by the user’s own configuration',
    way: byEngine('openssh', '-F', `${config}-shared`),
  },
  by4: {
    what: 'a ProxyCommand, from the command line',
    way: async (host, what) => {
      const proxied = `-F ${config} -o "ProxyCommand=ssh -F ${config} -W %h:%p bastion"`;
      writeFileSync(join(folder, 'inventory'), `${host} ansible_ssh_common_args='${proxied}'\n`);
      const { code, stdout, stderr } = await run(
        join(playRoot, 'play'),
        [`${what}.ts`, '-i', 'inventory', '--no-typecheck', '-v'],
        { cwd: folder, env: { ...process.env, XDG_STATE_HOME: folder } },
      );
      expect(stdout).toContain('openssh (proxycommand');
      return { exit: code ?? -1, said: stdout + stderr };
    },
  },
  by5: {
    what: 'a tool, through a jump host',
    way: async (host, what) => {
      const inventory = join(folder, 'of-tool');
      writeFileSync(inventory, `${host} ansible_ssh_common_args='-F ${config} -J bastion'\n`);
      const runner = await openRunner({ inventory, timeout: 30 });
      try {
        const said: string[] = [];
        const { exit, hosts: came } = await runner.run(definePlaybook(playOf(what)), {
          listener: (event) => void (event.event === 'notice' && said.push(event.text)),
        });
        return { exit, said: [...said, ...(came[host]?.failures.map((one) => one.what) ?? [])].join('\n') };
      } finally {
        await runner.close();
      }
    },
  },
};

beforeAll(async () => {
  useRunner();
  const { privateKeyFile, knownHostsFiles } = hosts.target('bastion');
  const of = (name: string, user: string, more: string): string =>
    `Host ${name}\n HostName ${hosts.target(name).address}\n User ${user}\n HostKeyAlias ${name}\n${more}`;
  const all = ` IdentityFile ${privateKeyFile}\n IdentitiesOnly yes\n UserKnownHostsFile ${knownHostsFiles?.[0]}\n IdentityAgent none\n`;
  const text = (more: string): string =>
    of('bastion', 'operator', '') + names.map((name) => of(name, 'admin', more)).join('') + `Host *\n${all}`;
  writeFileSync(config, text(''));
  writeFileSync(
    `${config}-shared`,
    `${text(' ProxyJump bastion\n')} ControlMaster auto\n ControlPersist 60\n ControlPath ${folder}/m-%n\n`,
  );
  const words = [...new Set(Object.values(texts).flatMap((text) => text.match(/\b[a-z]+(?=\()/g) ?? []))].join(', ');
  for (const [what, tasks] of Object.entries(texts))
    writeFileSync(
      join(folder, `${what}.ts`),
      `import { definePlaybook, ${words} } from 'play';\nexport default definePlaybook({ hosts: 'all', become: true, tasks: () => [${tasks}] });\n`,
    );
  // No other way leads there.
  for (const name of names)
    await on(
      name,
      `nft add table inet only; nft 'add chain inet only input { type filter hook input priority -10; }'; nft add rule inet only input tcp dport 22 ip saddr != ${hosts.target('bastion').address} drop`,
    );
});
afterAll(async () => {
  for (const name of ['bastion', 'by3'])
    await run('ssh', ['-F', `${config}-shared`, '-O', 'exit', name], { cwd: folder, env: process.env });
});

describe.concurrent('put back by', () => {
  for (const name of names) {
    const { what, way } = ways[name];
    test(what, { timeout: 300_000 }, async () => {
      const state = 'nft list ruleset; cat /etc/ssh/sshd_config.d/*; ls -l /etc/ssh; systemctl is-active ssh';
      const before = await on(name, state);
      for (const lockout of ['sshd', 'firewall'] as const) {
        const done = await way(name, lockout);
        expect(done).toMatchObject({ exit: 2, said: expect.stringContaining('Put back, as no new login') as string });
        expect(await on(name, state)).toBe(before);
        expect(await on(name, left)).toBe('');
        const next = await way(name, 'next');
        expect(next.said).toMatch(/put back at .*, since .*: "/);
        expect(next.exit).toBe(0);
      }
    });
  }
});
