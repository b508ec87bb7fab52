/**
 * A password, or a passphrase, is for the host it was given for: no jump host is told it, whatever it asks, whichever
 * way ssh goes through it.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { connect, type Target } from '../../src/connection/index.ts';
import { makeProject, run, playRoot } from '../cli/command-line.ts';
import { useHosts } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 });

const host = 'jumps';
const hosts = useHosts(host);
const folder = temporaryFolder('jumps');
const password = 'nosudo-password';
const lockedKey = join(folder, 'locked');

/** A jump host that asks what it likes and remembers what it is told. */
const told: string[] = [];
let prompt = '';
const serverKey = ssh2.utils.generateKeyPairSync('ed25519').private;
const hostile = new ssh2.Server({ hostKeys: [serverKey] }, (client) => {
  client.on('error', () => undefined);
  client.on('authentication', (context) => {
    if (context.method === 'keyboard-interactive') {
      context.prompt([{ prompt, echo: false }], (answers) => {
        told.push(...answers);
        context.reject();
      });
    } else {
      if (context.method === 'password') told.push(context.password);
      context.reject(['keyboard-interactive', 'password']);
    }
  });
});
let hostilePort = 0;

const written = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
};

beforeAll(async () => {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'the passphrase', '-f', lockedKey]);
  await new Promise<void>((done) => hostile.listen(0, '127.0.0.1', done));
  hostilePort = (hostile.address() as AddressInfo).port;
  // sshd under a name of its own has PAM rules of its own: these let nobody in and keep what they were told.
  const script = `echo nosudo:${password} | chpasswd; mkdir -p /run/sshd
cp /usr/sbin/sshd /usr/sbin/sshd-jump
printf '#!/bin/sh\\ntr "\\\\0" "\\\\n" >>/root/told\\n' >/usr/local/bin/keep; chmod 755 /usr/local/bin/keep; : >/root/told
printf 'auth optional pam_exec.so expose_authtok quiet /usr/local/bin/keep\\nauth required pam_deny.so\\naccount required pam_permit.so\\n' >/etc/pam.d/sshd-jump
/usr/sbin/sshd-jump -f /dev/null -p 2301 -h /etc/ssh/ssh_host_ed25519_key -o UsePAM=yes -o KbdInteractiveAuthentication=yes -o PasswordAuthentication=yes -o PidFile=none
/usr/sbin/sshd -f /dev/null -p 2302 -h /etc/ssh/ssh_host_ed25519_key -o UsePAM=yes -o KbdInteractiveAuthentication=yes -o PasswordAuthentication=no -o PidFile=none`;
  const { code, stderr } = await hosts.exec(host, ['sh', '-ec', script]);
  expect([code, stderr]).toEqual([0, '']);
});
afterAll(() => {
  hostile.close();
});

/** ssh's configuration: a target, and ways to it. */
function configuration(): string {
  const { address, privateKeyFile, knownHostsFiles = [] } = hosts.target(host);
  const hostKey =
    readFileSync(knownHostsFiles[0] ?? '', 'utf8')
      .split('\n')
      .find((line) => line.split(' ')[0]?.split(',').includes(host))
      ?.split(' ')
      .slice(1)
      .join(' ') ?? '';
  const known = written('known', `${host} ${hostKey}\n[127.0.0.1]:${hostilePort} ${publicPart()}\n`);
  return written(
    'config',
    `Host asking
 HostName ${address}
 Port 2301
 User nosudo
 HostKeyAlias ${host}
Host hostile
 HostName 127.0.0.1
 Port ${hostilePort}
 User nosudo
Host letting
 HostName ${address}
 User admin
 HostKeyAlias ${host}
 IdentityFile ${privateKeyFile}
Host behind
 HostName ${address}
 Port 2301
 User nosudo
 HostKeyAlias ${host}
 ProxyJump letting
Host target interactive
 HostName 127.0.0.1
 User nosudo
 HostKeyAlias ${host}
Host interactive
 Port 2302
Host *
 UserKnownHostsFile ${known}
 IdentityAgent none
 IdentitiesOnly yes
`,
  );
}

function publicPart(): string {
  const file = written('server-key', serverKey);
  return execFileSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' }).trim();
}

async function whoAmI(target: Target): Promise<string> {
  const connection = await connect(target);
  try {
    const [reply] = await (await connection.lane()).exchange([{ script: 'id -un' }]);
    return reply?.stdout.toString().trim() ?? '';
  } finally {
    await connection.close();
  }
}

const target = (more: Partial<Target>, way: readonly string[]): Target => ({
  name: 'target',
  address: 'target',
  transport: 'openssh',
  password: { expose: () => password },
  ...more,
  sshArgs: ['-F', configuration(), ...way],
});
const proxyCommand = (jump: string): readonly string[] => [
  '-o',
  `ProxyCommand=ssh -F ${join(folder, 'config')} -W %h:%p ${jump}`,
];

const ways: readonly (readonly [string, readonly string[]])[] = [
  ['-J', ['-J', 'asking']],
  ['ProxyJump', ['-o', 'ProxyJump=asking']],
  ['ProxyCommand', proxyCommand('asking')],
  ['a jump host that is behind another', ['-J', 'behind']],
  ['a list of jump hosts', ['-J', 'letting,asking']],
];

test.each(
  ways.flatMap(([what, way]) =>
    (['openssh', 'ssh2', 'auto'] as const).map((transport) => [what, transport, way] as const),
  ),
)("%s by %s: a jump host that wants a password is not given the target's", async (what, transport, way) => {
  if (what === 'ProxyCommand' && transport === 'ssh2') return;
  await hosts.exec(host, ['sh', '-c', ': >/root/told']);
  await expect(whoAmI(target({ transport, connectTimeout: 20 }, way))).rejects.toThrow();
  expect((await hosts.exec(host, ['cat', '/root/told'])).stdout).not.toContain(password);
});

const prompts: readonly string[] = [
  'Password: ',
  "nosudo@127.0.0.1's password: ",
  `nosudo@${host}'s password: `,
  `(nosudo@${host}) Password: `,
  `Enter passphrase for key '${lockedKey}': `,
  `\r(nosudo@${host}) Password: `,
  '[sudo] password for nosudo: ',
];

test.each(prompts.flatMap((text) => [['-J', 'hostile'], proxyCommand('hostile')].map((way) => [text, way] as const)))(
  'a jump host that asks %j is told nothing (%s)',
  async (text, way) => {
    prompt = text;
    told.length = 0;
    const passphrase = async (_file: string, isRight: (typed: string) => boolean): Promise<string | undefined> =>
      ['the passphrase'].find(isRight);
    await expect(whoAmI(target({ privateKeyFile: lockedKey, passphrase, connectTimeout: 20 }, way))).rejects.toThrow();
    expect(told.filter((answer) => answer !== '')).toEqual([]);
  },
);

test.each(
  ['target', 'interactive'].flatMap((address) =>
    [['-J', 'letting'], proxyCommand('letting')].map((way) => [address, way] as const),
  ),
)('%s is given it, through a jump host that lets us in by key: %j', async (address, way) => {
  expect(await whoAmI(target({ address }, way))).toBe('nosudo');
});

test('play ssh gives it to no jump host either', async () => {
  const project = makeProject({
    hosts: `target ansible_password=${password} ansible_ssh_common_args='-F ${configuration()} -J asking'\nfine ansible_host=target ansible_password=${password} ansible_ssh_common_args='-F ${configuration()} -J letting'\n`,
  });
  await hosts.exec(host, ['sh', '-c', ': >/root/told']);
  const env = { ...process.env, HOME: userInfo().homedir };
  expect(
    (await run(join(playRoot, 'play'), ['ssh', 'target', '-i', 'hosts', '--', 'id', '-un'], { cwd: project.dir, env }))
      .code,
  ).toBe(255);
  expect((await hosts.exec(host, ['cat', '/root/told'])).stdout).not.toContain(password);
  expect(
    (await run(join(playRoot, 'play'), ['ssh', 'fine', '-i', 'hosts', '--', 'id', '-un'], { cwd: project.dir, env }))
      .stdout,
  ).toBe('nosudo\n');
});
