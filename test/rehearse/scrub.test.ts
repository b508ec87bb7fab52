import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { newKeys } from '../../src/cli/commands/rehearse/new-keys.ts';
import { scrubEtc } from '../../src/cli/commands/rehearse/scrub-etc.ts';
import { scrubText } from '../../src/cli/commands/rehearse/scrub-text.ts';
import { keyMark } from '../../src/cli/commands/rehearse/survey.ts';
import { readTar } from '../../src/formats/archive/read-tar.ts';
import { rewriteTar } from '../../src/formats/archive/rewrite-tar.ts';
import { tar } from '../../src/formats/archive/tar.ts';
import { Redactor, Secret } from '../../src/secrets/index.ts';

const marker = 'Tr0ub4dor-and-3';

test.each([
  `password=${marker}`,
  `password = "${marker}"`,
  `  db_password: ${marker}`,
  `DB_PASSWORD='${marker}' # of the database`,
  `export PGPASSWORD=${marker}`,
  `Environment="API_TOKEN=${marker}" "OTHER=x"`,
  `{"clientSecret": "${marker}", "port": 1}`,
  `define('DB_PASSWORD', '${marker}');`,
  `'password' => '${marker}',`,
  `<add name="x" adminPassword="${marker}"/>`,
  `<password>${marker}</password>`,
  `url: postgres://app:${marker}@db.example/app?sslmode=require`,
  `redis://:${marker}@10.0.0.1:6379/0`,
  `requirepass ${marker}`,
  `  auth_pass ${marker}`,
  `machine x login y password ${marker}`,
  `  user bob insecure-password ${marker}`,
  `Authorization: Bearer ${marker}0123`,
  `ExecStart=/usr/bin/x --api-token ${marker} --port 1`,
  `*/5 * * * * root curl -s -u user:${marker} https://x.example/`,
  `secret_key_base: ${marker}`,
  `SetCredential=db:${marker}`,
  `rocommunity ${marker}`,
  `- name: DB_PASSWORD\n  value: ${marker}`,
  `password: |\n  ${marker}\n  ${marker}2\nnext: 1`,
  `bob:$6$${marker.replaceAll('-', '.')}$abcdefghijklmnop`,
  `bob:$apr1$${marker}$abcdefghijklmnop`,
  `aws_access_key_id = AKIA${'A'.repeat(16)}`,
  `password = two words, ${marker}`,
  `passphrase: $${marker} # as in a shell`,
  `https://hooks.slack.com/services/T000/B000/${marker}`,
  `webhook_url: 'https://chat.example/${marker}'`,
])('takes the secret out of %j', (text) => {
  const { text: made, found } = scrubText('/etc/app.conf', text);
  expect(made).not.toContain(marker);
  expect(made).not.toMatch(/Tr0ub4dor|AKIAA/);
  expect(found.length).toBeGreaterThan(0);
  expect(made.split('\n')).toHaveLength(text.split('\n').length);
});

test.each([
  ['/etc/nsswitch.conf', 'passwd:         files systemd'],
  ['/etc/pam.d/common-password', 'password [success=1] pam_unix.so obscure yescrypt'],
  ['/etc/sudoers.d/admin', 'admin ALL=(ALL:ALL) NOPASSWD: ALL'],
  ['/etc/login.defs', 'PASS_MAX_DAYS 99999\nENCRYPT_METHOD YESCRYPT'],
  ['/etc/ssh/sshd_config', 'PasswordAuthentication no\nPermitEmptyPasswords no'],
  ['/etc/postgresql/15/main/postgresql.conf', 'password_encryption = scram-sha-256'],
  ['/etc/postgresql/15/main/pg_hba.conf', 'host all all 127.0.0.1/32 scram-sha-256'],
  ['/etc/nginx/site.conf', 'ssl_certificate_key /etc/ssl/private/site.key;\nssl_password_file /etc/x;'],
  ['/etc/app.conf', 'password_file = /etc/app/password\npassword=${DB_PASSWORD}\ntoken: true\nsecret: "{{ x }}"'],
  ['/etc/hosts', '127.0.0.1 localhost'],
  ['/etc/app.conf', 'password='],
])('%s keeps %j', (path, text) => {
  expect(scrubText(path, text)).toEqual({ text, found: [] });
});

test('says where something was, and as what', () => {
  const { text, found } = scrubText('/etc/app.conf', 'user=web\npassword=hunter2\n');
  expect(text).toBe('user=web\npassword=scrubbed\n');
  expect(found).toEqual([{ line: 2, what: 'password' }]);
});

const archive = (files: Readonly<Record<string, string>>): Buffer =>
  tar(Object.entries(files).map(([name, text]) => ({ name, mode: '0640', content: Buffer.from(text) })));

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

test('of /etc goes all that is known to be secret or looks so, and what packages brought stays', () => {
  const known = new Secret('no-name-tells-this', 'a vault');
  known.expose();
  const shipped = 'password=of the package\n';
  const { etc, places } = scrubEtc(
    {
      etc: archive({
        'etc/a b': 'x: no-name-tells-this\n',
        'etc/shipped': shipped,
        'etc/changed': shipped,
        [`etc/${'long/'.repeat(30)}name`]: 'token=abcdefgh\n',
        'etc/binary': '\0no-name-tells-this',
      }),
      shipped: new Map([['/etc/shipped', md5(shipped)]]),
    },
    new Redactor([known]),
  );
  const files = new Map(readTar(etc, 'etc').map(({ name, mode, content }) => [name, `${mode} ${content.toString()}`]));
  expect(Object.fromEntries(files)).toEqual({
    'etc/a b': '0640 x: scrubbed\n',
    'etc/shipped': `0640 ${shipped}`,
    'etc/changed': '0640 password=scrubbed\n',
    [`etc/${'long/'.repeat(30)}name`]: '0640 token=scrubbed\n',
    'etc/binary': '0640 \0scrubbed',
  });
  expect(places.map(({ path }) => path)).toContain('/etc/binary');
});

test('an archive that is cut off is no archive', () => {
  const whole = archive({ 'etc/a': 'x'.repeat(2000) });
  expect(() => rewriteTar(whole.subarray(0, 1024), (_, content) => content)).toThrow('cut off');
  expect(rewriteTar(whole, (_, content) => content).equals(whole)).toBe(true);
});

test.each([
  ['rsa', generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ['ec', generateKeyPairSync('ec', { namedCurve: 'secp384r1' })],
  ['ed25519', generateKeyPairSync('ed25519')],
])('a key of kind %s has another one of its kind in its place', (kind, { publicKey, privateKey }) => {
  const file = { path: '/etc/key', mode: 0o640, uid: 0, gid: 7, content: `first\n${keyMark}\nlast\n` };
  const { keys, leftOut } = newKeys(
    [{ ...file, publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() }],
    new Map(),
  );
  expect(leftOut).toEqual([]);
  const [made] = keys;
  expect(made?.content).toBe(`first\n${made?.key.trimEnd()}\nlast\n`);
  expect(createPublicKey(made?.key ?? '').asymmetricKeyType).toBe(kind);
  expect(made?.key).not.toBe(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
});

test('a key that nobody can read is left out', () => {
  const file = { path: '/etc/key', mode: 0o600, uid: 0, gid: 0, content: keyMark, publicKey: '' };
  expect(newKeys([file], new Map())).toEqual({ keys: [], leftOut: ['/etc/key'] });
});
