import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ageText, askAge } from '../../src/secrets/index.ts';
import { makeProject, run, playRoot, type Outcome } from '../cli/command-line.ts';
import { encryptVault, inlineVault } from '../support/encrypt-vault.ts';
import { useHosts } from '../support/sandbox.ts';

const hosts = useHosts('planted1');

/** Where a secret comes from, and its text: with signs that encoders change. */
const ways = [
  'vault',
  'vault-unread',
  'inline',
  'inline-unread',
  'expression',
  'env',
  'file',
  'program',
  'part',
  'json',
  'extra',
  'vaulted-file',
  'vaulted-template',
  'age',
  'age-unread',
  'aged-file',
  'credential',
  'url-password',
  'header',
] as const;
const planted = Object.fromEntries(
  ways.map((way) => [way, `Pl4nt-${way}'&"${randomBytes(6).toString('hex')}/+x`]),
) as Record<(typeof ways)[number], string>;
const old = `0ld-${randomBytes(6).toString('hex')}`;

const identity = readFileSync(join(import.meta.dirname, 'fixtures', 'age', 'identity.txt'), 'utf8');
const recipient = /age1\w+/.exec(identity)?.[0] ?? '';
/** What age makes of a text. */
function aged(text: string): string {
  const answer = askAge({ bytes: Buffer.from(text), recipients: [recipient] });
  if ('problem' in answer) throw new Error(answer.problem);
  return ageText(answer.bytes);
}

const quoted = (text: string): string => JSON.stringify(text);
const project = makeProject({
  'group_vars/all/vault.yml': encryptVault(
    `from_vault: ${quoted(planted.vault)}\nunread: ${quoted(planted['vault-unread'])}\n`,
    'pw-of-the-vault',
  ),
  'group_vars/all/age.yml': aged(`from_age: ${quoted(planted.age)}\n`),
  'group_vars/all/ages.yml': `unread_age: !age |\n${aged(planted['age-unread']).replaceAll(/^(?=.)/gm, '    ')}`,
  'identity.txt': identity,
  'credentials/token': `${planted.credential}\n`,
  'playbooks/files/aged.pem': aged(`-----BEGIN KEY-----\n${planted['aged-file']}\n-----END KEY-----\n`),
  'group_vars/all/plain.yml': `db_url: "pg://u:{{ from_vault }}@db/${planted.expression.slice(0, 0)}"\n`,
  'host_vars/planted1.yml': `from_inline: ${inlineVault(planted.inline, 'pw-of-the-vault')}unread_inline: ${inlineVault(planted['inline-unread'], 'pw-of-the-vault')}`,
  'extra.yml': encryptVault(
    `from_extra: ${quoted(planted.extra)}\nexpression: ${quoted(`${planted.expression}{{ nowhere`)}\n`,
    'pw-of-the-vault',
  ),
  'vault-password': 'pw-of-the-vault\n',
  'secret-file': planted.file,
  'playbooks/files/key.pem': encryptVault(
    `-----BEGIN KEY-----\n${planted['vaulted-file']}\n-----END KEY-----\n`,
    'pw-of-the-vault',
  ),
  'playbooks/templates/all.conf.hbs': encryptVault(
    `tpl=${planted['vaulted-template'].replaceAll('{{', '')}\nvault={{host.vars.from_vault}}\n`,
    'pw-of-the-vault',
  ),
  'playbooks/templates/app.conf.hbs':
    'user=app\npassword={{host.vars.from_inline}}\nupper={{upper host.vars.from_vault}}\nport=2\n',
  'playbooks/planted.ts': `
import { assert, command, copy, debug, definePlaybook, handler, iniFile, lineinfile, secret, secretFromCommand, secretFromCredential, secretFromEnv, secretFromFile, secretJson, shell, slurp, template, uri } from 'play';
const env = secretFromEnv('PLANTED_ENV');
const part = secretFromEnv('PLANTED_PART');
const file = secretFromFile('secret-file');
const program = secretFromCommand(['printenv', 'PLANTED_PROGRAM']);
const loud = handler('loud handler', () => shell({ cmd: 'bash /root/leak.sh; exit 5', changes: 'always' }, { ignoreErrors: true }));
export default definePlaybook({ hosts: 'all', tasks: ({ host }) => {
  const leak = shell({ cmd: 'bash /root/leak.sh', changes: 'always' }, { name: 'leak', notify: loud });
  const read = slurp({ src: '/root/planted' });
  return [
    copy({ dest: '/etc/one', content: secret\`part=\${part}\\nenv=\${env}\\n\`, mode: '0600' }),
    copy({ dest: '/etc/two', content: secretJson({ file, program, json: secretFromEnv('PLANTED_JSON') }, 1), mode: '0600' }),
    copy({ dest: '/etc/key', src: 'key.pem', mode: '0600' }),
    copy({ dest: '/etc/aged', src: 'aged.pem', mode: '0600' }),
    copy({ dest: '/etc/three', content: secret\`\${host.vars.from_age}\\n\${secretFromCredential('token')}\\n\`, mode: '0600' }),
    template({ dest: '/etc/all.conf', src: 'all.conf.hbs', mode: '0600' }),
    template({ dest: '/etc/app.conf', src: 'app.conf.hbs', mode: '0600' }),
    lineinfile({ path: '/etc/line.conf', regexp: /^password/, line: secret\`password = \${host.vars.from_extra}\` }),
    iniFile({ path: '/etc/ini.conf', section: 'a', option: 'pin', value: secretFromEnv('PLANTED_PIN'), mode: '0600' }),
    command({ argv: ['sh', '-c', 'env; echo "$PW" >&2; exit 4'], environment: { PW: secret\`\${host.vars.db_url}\` }, changes: 'always' }, { ignoreErrors: true }),
    shell({ cmd: 'cat /proc/[0-9]*/cmdline >/root/cmdlines; bash /root/leak.sh >&2; exit 3', changes: 'always' }, { ignoreErrors: true }),
    leak,
    read,
    debug({ msg: ({ results }) => JSON.stringify(results(leak)) + JSON.stringify(results(read)) }),
    assert({ that: () => false, failMsg: ({ results }) => results(leak).stdout }, { ignoreErrors: true }),
    uri({ url: 'http://127.0.0.1:1/', user: 'u', password: secretFromEnv('PLANTED_URL'), headers: { 'X-Token': secretFromEnv('PLANTED_HEADER') } }, { ignoreErrors: true }),
  ];
} });
`,
});

/** What a host may print of what it was given. */
const leakScript = `
while IFS= read -r S; do
  echo "plain $S"; echo "$S" | tr a-z A-Z; echo "$S" | rev; echo "$S" | base64; echo "user:$S" | base64 -w64; echo "$S" | base64 | base64
  printf %s "$S" | od -An -v -tx1; printf '%q\\n' "$S"; echo "\${S@Q}"; echo "$S" | sed "s/&/\\&amp;/g; s/\\"/\\&quot;/g; s/'/\\&#39;/g"; echo "$S" | sed "s/'/''/g"
  printf %s "$S" | od -An -v -tx1 | tr -d ' \\n' | sed 's/../%&/g'; echo
  (set -x; : "$S") 2>&1
done <"\${1:-/root/planted}"
`;

/** Any form of a secret is found by text that only it holds: its random middle, however it is written. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const core = /[0-9a-f]{12}/.exec(secret)?.[0] ?? secret;
  const inner = [0, 1, 2].map((offset) =>
    Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .slice(offset === 0 ? 0 : offset + 1, -4),
  );
  return [
    core,
    [...core].reverse().join(''),
    Buffer.from(core).toString('hex'),
    ...inner,
    ...inner.slice(0, 1).map((one) => Buffer.from(one).toString('base64').slice(0, -4)),
  ];
}

const needles = [...Object.values(planted), old].flatMap((secret) =>
  formsOf(secret).map((form) => ({ secret, form: form.toLowerCase() })),
);

function leaks(text: string): string[] {
  const squeezed = text.toLowerCase().replace(/[\s%]/g, '');
  return [
    ...new Set(
      needles
        .filter(({ form }) => squeezed.includes(form))
        .map(
          ({ secret, form }) =>
            `${secret} as ${form}: ...${squeezed.slice(Math.max(0, squeezed.indexOf(form) - 60), squeezed.indexOf(form) + 60)}`,
        ),
    ),
  ];
}

const seen = new Set<string>();
let watching: NodeJS.Timeout | undefined;
/**
 * What an account without any rights can read on the host while a run goes on, looked at again and again: files, and what
 * /proc tells. One file is for everybody, and shows that it looks.
 */
const onlooker = `
cd /
while :; do
  grep -rlsa 'Pl[4]nt-' etc tmp var/tmp var/log var/lib/play run dev/shm home
  cat proc/[0-9]*/cmdline proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -a 'Pl[4]nt-'
  echo looked; sleep 0.2
done`;

/** Arguments of all processes here, those of the throwaway host included. */
function look(): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      seen.add(readFileSync(`/proc/${pid}/cmdline`, 'latin1'));
    } catch {
      // It ended.
    }
  }
}

beforeAll(async () => {
  const { address, privateKeyFile, knownHostsFiles } = hosts.target('planted1', 'operator');
  project.write({
    'hosts': `planted1 ansible_host=${address} ansible_user=operator ansible_private_key_file=${privateKeyFile} ansible_become=true ansible_ssh_common_args='-o UserKnownHostsFile=${knownHostsFiles?.[0]} -o IdentityAgent=none -o HostKeyAlias=planted1'\n`,
    'group_vars/all/become.yml': `ansible_become_password: ${inlineVault(hosts.password(), 'pw-of-the-vault')}`,
  });
  await hosts.exec(
    'planted1',
    ['sh', '-c', 'cat >/root/planted'],
    `${Object.entries(planted)
      .map(([way, text]) => (way === 'expression' ? `${text}{{ nowhere` : text))
      .join('\n')}\n`,
  );
  await hosts.exec(
    'planted1',
    ['sh', '-c', 'cat >/root/of-inventory'],
    `${(['vault', 'vault-unread', 'inline', 'inline-unread', 'age', 'age-unread'] as const).map((way) => planted[way]).join('\n')}\n`,
  );
  await hosts.exec('planted1', ['sh', '-c', 'cat >/root/leak.sh'], leakScript);
  watching = setInterval(look, 20);
  await hosts.exec(
    'planted1',
    [
      'sh',
      '-c',
      'cat >/run/onlooker; echo Pl4nt-control >/tmp/control; chmod 644 /run/onlooker /tmp/control; systemd-run -q --unit onlooker -p StandardOutput=file:/root/onlooked setpriv --reuid=65534 --regid=65534 --clear-groups sh /run/onlooker',
    ],
    onlooker,
  );
});

afterAll(() => clearInterval(watching));

const environment = {
  PLANTED_ENV: planted.env,
  PLANTED_PART: planted.part,
  PLANTED_PROGRAM: planted.program,
  PLANTED_JSON: planted.json,
  PLANTED_PIN: 'xyz',
  PLANTED_URL: planted['url-password'],
  PLANTED_HEADER: planted.header,
  CREDENTIALS_DIRECTORY: join(project.dir, 'credentials'),
};
const play = (...args: readonly string[]): Promise<Outcome> =>
  run(join(playRoot, 'play'), args, {
    cwd: project.dir,
    env: { ...process.env, ...environment, XDG_STATE_HOME: join(project.dir, '.state') },
  });
const common = ['-i', 'hosts', '--vault-password-file', 'vault-password', '--age-identity', 'identity.txt'];
const playbook = ['planted', '--no-typecheck', '-e', '@extra.yml', ...common];

/** An old value stands where the new one will: on the host only, unknown here. */
const plantOld = (): Promise<unknown> =>
  hosts.exec(
    'planted1',
    ['sh', '-s'],
    `umask 077; rm -f /etc/one /etc/two /etc/three /etc/key /etc/aged /etc/line.conf /etc/all.conf /etc/app.conf /etc/ini.conf; printf 'user=app\\npassword=${old}\\nupper=${old}\\nport=1\\n' | tee /etc/app.conf >/etc/all.conf; echo 'password=${old}' >/etc/line.conf; printf '[a]\\npin = ${old}\\n' >/etc/ini.conf`,
  );

test.each<[string, readonly string[], number]>([
  [
    'a run in check mode, with diffs and a plan',
    [...playbook, '-C', '-D', '-v', '--out', 'plan.json', '--report', 'of.html'],
    0,
  ],
  ['a run with diffs and all that is sent', [...playbook, '-D', '-vvv'], 0],
  [
    'the same as JSON lines',
    [...playbook, '-D', '-vvv', '--output', 'jsonl', '--report', 'of.xml', '--report', 'of.md'],
    0,
  ],
  ['one through OpenSSH', [...playbook, '-D', '-vv', '-c', 'openssh'], 0],
  ['a run of which no task reads a secret', ['leak', '--no-typecheck', '-v', ...common], 2],
  [
    'a playbook that shows an encrypted expression',
    ['expression', '--no-typecheck', '-e', '@extra.yml', '--debug', ...common],
    1,
  ],
  [
    'a command',
    [
      'run',
      'bash /root/leak.sh /root/of-inventory; bash /root/leak.sh /root/of-inventory >&2',
      '-l',
      'all',
      '-b',
      ...common,
    ],
    0,
  ],
  [
    'a command, as JSON lines',
    ['run', 'bash /root/leak.sh /root/of-inventory', '--output', 'jsonl', '-l', 'all', '-b', ...common],
    0,
  ],
  ['facts', ['facts', 'planted1', ...common], 0],
  ['doctor', ['doctor', 'planted1', ...common], 0],
  [
    'a resource',
    [
      'resource',
      'shell',
      'cmd=bash /root/leak.sh /root/of-inventory',
      'changes=always',
      '-v',
      '-l',
      'planted1',
      ...common,
    ],
    0,
  ],
  ['the inventory', ['inventory', '--list', '-e', '@extra.yml', ...common], 0],
  ['one of its variables', ['why', 'planted1', 'db_url', ...common], 0],
  ['lint', ['lint', ...common], 0],
])('%s shows none of them', async (_, args, code) => {
  project.write({
    'playbooks/leak.ts': `import { definePlaybook, shell } from 'play';\nexport default definePlaybook({ hosts: 'all', tasks: () => [shell({ cmd: 'bash /root/leak.sh /root/of-inventory; bash /root/leak.sh /root/of-inventory >&2; exit 1', changes: 'always' })] });\n`,
    'playbooks/expression.ts': `import { definePlaybook, debug } from 'play';\nexport default definePlaybook({ hosts: 'all', tasks: ({ host }) => [debug({ msg: String(host.vars.expression) })] });\n`,
  });
  await plantOld();
  const { stdout, stderr, code: ended } = await play(...args);
  expect(leaks(stdout + stderr)).toEqual([]);
  expect(stdout + stderr).not.toContain(hosts.password());
  expect(stdout + stderr).not.toMatch(/pw-of-the-vault|xyz/);
  if (code !== ended) throw new Error(`exit ${String(ended)}\n${stdout}\n${stderr}`);
});

test('what the runs did is done, and was masked, not left out', async () => {
  await play(...playbook);
  const { stdout } = await hosts.exec('planted1', [
    'sh',
    '-c',
    'cat /etc/one /etc/two /etc/three /etc/key /etc/aged /etc/all.conf /etc/app.conf /etc/line.conf',
  ]);
  for (const way of [
    'env',
    'part',
    'file',
    'program',
    'vault',
    'inline',
    'extra',
    'vaulted-file',
    'vaulted-template',
    'age',
    'aged-file',
    'credential',
  ] as const)
    expect(stdout).toContain(/[0-9a-f]{12}/.exec(planted[way])?.[0]);
});

test('records of runs, plans and reports hold none of them, nor what shows them', async () => {
  const records = execFileSync('sh', ['-c', 'find .state plan.json of.html of.xml of.md -type f -exec cat {} +'], {
    cwd: project.dir,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  expect(records.length).toBeGreaterThan(10_000);
  expect(leaks(records)).toEqual([]);
  const listed = await play('log');
  for (const id of [...listed.stdout.matchAll(/^(\d{8}T\S+)/gm)].map(([, one = '']) => one))
    expect(leaks((await play('log', id)).stdout)).toEqual([]);
});

test('no process here or on the host had one among its arguments, and nothing is left of them where it was not asked for', async () => {
  expect(seen.size).toBeGreaterThan(100);
  expect(leaks([...seen].join('\n'))).toEqual([]);
  const onHost = await hosts.exec('planted1', [
    'sh',
    '-c',
    'cat /root/cmdlines /root/.*history /home/*/.*history 2>/dev/null; journalctl -q --no-pager 2>/dev/null; cat /var/log/*.log 2>/dev/null; ls -laR /tmp /dev/shm /run/user /var/lib/play 2>/dev/null; find /tmp /dev/shm /run /var/tmp /var/lib/play -path /var/lib/play/backups -prune -o -type f -size -1000k -exec cat {} + 2>/dev/null',
  ]);
  expect(leaks(onHost.stdout)).toEqual([]);
  // What stood in a file before is kept for root alone (docs/restore-files.md).
  const kept = await hosts.exec('planted1', [
    'sh',
    '-c',
    'find /var/lib/play/backups -type f | wc -l; find /var/lib/play/backups -perm /077; find /var/lib/play/backups ! -user root',
  ]);
  expect(kept.stdout).toMatch(/^[1-9]\d*\n$/);
  const { stdout: onlooked } = await hosts.exec('planted1', ['cat', '/root/onlooked']);
  expect(onlooked.match(/looked/g)?.length).toBeGreaterThan(10);
  expect([...new Set(onlooked.trim().split('\n'))].sort()).toEqual(['looked', 'tmp/control']);
  const here = execFileSync(
    'sh',
    [
      '-c',
      'find /tmp /dev/shm -maxdepth 2 -name "play-*" -newer hosts -type f -user "$(id -un)" -not -path "$PWD/*" -exec cat {} + 2>/dev/null; true',
    ],
    { cwd: project.dir, encoding: 'latin1', maxBuffer: 1 << 28 },
  );
  expect(leaks(here)).toEqual([]);
});
