/** What a login asks of a server, and how often. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, type Target } from '../../src/connection/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('turns');
const hostKey = ssh2.utils.generateKeyPairSync('ed25519');
const asked: string[] = [];
/** Types of keys that are let in. */
let accepted: readonly string[] = [];

const server = new ssh2.Server({ hostKeys: [hostKey.private] }, (client) => {
  client.on('error', () => undefined);
  client.on('authentication', (context) => {
    if (context.method !== 'publickey') return context.reject(['publickey']);
    asked.push(`${context.key.algo}${context.signature === undefined ? '' : ' signed'}`);
    return accepted.some((type) => context.key.algo.includes(type)) ? context.accept() : context.reject(['publickey']);
  });
});
let port = 0;

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const at = server.address();
  if (at !== null && typeof at !== 'string') ({ port } = at);
  const [type, key] = hostKey.public.split(' ');
  writeFileSync(join(folder, 'known_hosts'), `[127.0.0.1]:${port} ${type} ${key}\n`);
});
afterAll(() => server.close());

function keyFile(type: 'ed25519' | 'rsa'): string {
  const file = join(folder, type);
  const made =
    type === 'rsa' ? ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 }) : ssh2.utils.generateKeyPairSync(type);
  writeFileSync(file, made.private, { mode: 0o600 });
  return file;
}
const files = { ed25519: keyFile('ed25519'), rsa: keyFile('rsa') };

async function logIn(target: Partial<Target>): Promise<string[]> {
  asked.length = 0;
  const connection = await connect({
    name: 'turns',
    address: '127.0.0.1',
    port,
    user: 'somebody',
    transport: 'ssh2',
    knownHostsFiles: [join(folder, 'known_hosts')],
    sshArgs: ['-F', 'none', '-o', 'IdentityAgent=none', ...(target.sshArgs ?? [])],
    ...(target.privateKeyFile === undefined ? {} : { privateKeyFile: target.privateKeyFile }),
  });
  await connection.close();
  return asked;
}

test.each([
  ['ed25519', ['ssh-ed25519 signed']],
  ['rsa', ['ssh-rsa signed']],
] as const)('a key that is named is signed with at once: %s', async (type, requests) => {
  accepted = ['ed25519', 'rsa'];
  expect(await logIn({ privateKeyFile: files[type] })).toEqual(requests);
});

test('a named key that is refused is followed by the others', async () => {
  accepted = ['rsa'];
  expect(await logIn({ privateKeyFile: files.ed25519, sshArgs: ['-o', `IdentityFile=${files.rsa}`] })).toEqual([
    'ssh-ed25519 signed',
    'ssh-rsa',
    'ssh-rsa signed',
  ]);
});

test('of several keys that nobody named, none is signed with unasked', async () => {
  accepted = ['rsa'];
  const sshArgs = Object.values(files).flatMap((file) => ['-o', `IdentityFile=${file}`]);
  expect(await logIn({ sshArgs })).toEqual(['ssh-ed25519', 'ssh-rsa', 'ssh-rsa signed']);
});
