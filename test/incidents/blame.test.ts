/** Who changed what on a host: the journal and the log that runs leave there, and `play blame` over them. */
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { playRoot, run, type Outcome } from '../cli/command-line.ts';
import { useHosts } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { incidentProject } from './project.ts';

const hosts = useHosts('blame1');
process.env['APP_KEY'] = 'k3y-of-the-app-5521';
const odd = '/srv/it\'s "odd"\n é -x';
const project = incidentProject(hosts, ['blame1'], {
  'playbooks/site.ts': `
import { command, copy, definePlaybook, file, handler, secretFromEnv, systemd, systemdUnit, user } from 'play';
const restarted = handler('restart app', () => systemd({ name: 'app.service', state: 'restarted' }));
export default definePlaybook({ hosts: 'blame1', become: true, tasks: ({ host }) => [
  copy({ dest: '/etc/app.conf', content: 'port = 1\\nname = ' + String(host.vars['app_name'] ?? 'one') + '\\n', mode: '0644' }, { name: 'the configuration', notify: [restarted] }),
  copy({ dest: '/etc/app.key', content: secretFromEnv('APP_KEY'), mode: '0600' }, { name: 'the key' }),
  copy({ dest: ${JSON.stringify(odd)}, content: 'odd\\n', mode: '0644' }),
  copy({ dest: '/etc/quiet', content: 'whisper\\n', mode: '0644' }, { name: 'quiet one', noLog: true }),
  file({ path: '/etc/app.link', state: 'link', src: '/etc/app.conf' }),
  file({ path: '/srv/app', state: 'directory', mode: '0750' }),
  user({ name: 'app', system: true }),
  systemdUnit({ name: 'app.service', content: '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' }, { name: 'the unit' }),
  systemd({ name: 'app', enabled: true, state: 'started' }, { name: 'it runs' }),
  command({ argv: ['rm', '/srv/marker'], removes: '/srv/marker' }, { name: 'remove\\nplay: forged line' }),
] });`,
});
const { play, events, on } = project;
const colleague = temporaryFolder('colleague');
const other = (...args: readonly string[]): Promise<Outcome> =>
  run(join(playRoot, 'play'), args, { cwd: project.dir, env: { ...process.env, XDG_STATE_HOME: colleague } });
const blame = async (thing: string): Promise<string> => (await play('blame', 'blame1', thing)).stdout;

beforeAll(async () => {
  project.writeInventory();
  await on('blame1', 'touch /srv/marker');
  const { code, stdout, stderr } = await play('site', '--no-typecheck');
  expect({ code, text: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, text: '' });
});

test('the journal has a line for each change, with run, person and task; no secret, nothing forged', async () => {
  const journal = await on('blame1', 'journalctl --sync; journalctl -t play -o cat --no-pager');
  const lines = journal.split('\n');
  expect(lines.every((one) => /^run \S+ by \S+@\S+: /.test(one))).toBe(true);
  expect(journal).toMatch(/: the configuration \(playbooks\/site\.ts:5\): content -> new file/);
  expect(journal).toMatch(/: quiet one \(playbooks\/site\.ts:8\)$/m);
  expect(journal).toContain('remove\\nplay: forged line');
  expect(journal).toMatch(/: restart app .*restarted/);
  expect(journal).not.toContain('k3y-of-the-app');
  expect(await on('blame1', 'grep -c k3y-of-the-app /var/lib/play/log')).toBe('0');
  // A run that finds all right is not heard of.
  expect((await play('site', '--no-typecheck')).code).toBe(0);
  expect(await on('blame1', 'journalctl --sync; journalctl -t play -o cat --no-pager')).toBe(journal);
});

test('files, links, folders, units, packages and accounts have who, when, where', async () => {
  expect(await blame('/etc/app.conf')).toMatch(
    /^blame1 {2}\/etc\/app\.conf {2}as the last run left it\nblame1 {4}\d{4}\S+ \S+ {2}\S+@\S+ {2}the configuration {2}playbooks\/site\.ts:5 {2}run \S+\n.*content -> new file/,
  );
  expect(await blame('/etc/app.link')).toContain('as the last run left it');
  expect(await blame('/srv/app/')).toContain('as the last run left it');
  expect(await blame(odd)).toContain('as the last run left it');
  expect(await blame('app.service')).toMatch(
    /unit app\.service {2}as the last run left it\n.*restart app .*\n.*restarted[^]*it runs/,
  );
  expect(await blame('app')).toMatch(/unit app\.service[^]*account app/);
  expect(await blame('/etc/hostname')).toMatch(/^blame1 {2}\/etc\/hostname {2}no run on record changed it\n$/);
  expect((await play('blame', 'blame1', 'some/where')).stderr).toMatch(/neither a path nor a name/);
});

test('what was changed by hand is told with the diff against what we wrote, to a colleague without it', async () => {
  await on(
    'blame1',
    "echo 'port = 2' >>/etc/app.conf; chmod 600 /etc/app.conf; systemctl disable -q app; ln -sf /etc/motd /etc/app.link; rmdir /srv/app; echo x >/etc/app.key",
  );
  const text = await blame('/etc/app.conf');
  expect(text).toMatch(/changed by hand since .* \(last change .*\): mode 0644 -> 0600, content \w{12} -> \w{12}\n/);
  expect(text).toMatch(/ {1}port = 1\n.* {1}name = one\n.*\+port = 2\n/);
  const [told] = await events('blame', 'blame1', '/etc/app.conf');
  expect(told).toMatchObject({
    event: 'blame',
    kind: 'path',
    is: 'changed since',
    by: [{ task: 'the configuration' }],
  });
  const theirs = (await other('blame', 'blame1', '/etc/app.conf')).stdout;
  expect(theirs).toMatch(/changed by hand since/);
  expect(theirs).toMatch(/not on record here/);
  expect(await blame('app.service')).toMatch(/changed since .*: enabled enabled -> disabled\n/);
  expect(await blame('/etc/app.link')).toMatch(/target \/etc\/app\.conf -> \/etc\/motd\n/);
  expect(await blame('/srv/app')).toMatch(/type directory -> absent\n/);
  const key = await blame('/etc/app.key');
  expect(key).toMatch(/changed by hand since/);
  expect(key).not.toContain('k3y-of');
});

test('the last run of another person is told, and a diff against an edited file too', async () => {
  expect((await other('site', '--no-typecheck', '-e', 'app_name=two')).code).toBe(0);
  await on('blame1', 'echo three >>/etc/app.conf');
  const theirs = (await other('blame', 'blame1', '/etc/app.conf', '-n', '1')).stdout;
  expect(theirs).toMatch(/and 1 earlier: -n 2\n/);
  expect(theirs).toMatch(/ {1}name = two\n.*\+three\n/);
});

test('a change that failed half way, and one by another account, are told as far as they were made', async () => {
  project.files.write({
    'playbooks/half.ts': `
import { command, copy, definePlaybook } from 'play';
export default definePlaybook({ hosts: 'blame1', become: true, tasks: () => [
  copy({ dest: '/srv/theirs', content: 'x', mode: '0644' }, { become: true, becomeUser: 'app', name: 'by app' }),
  copy({ dest: '/srv/before', content: 'x', mode: '0644' }, { name: 'made' }),
  command({ argv: ['false'], changes: 'always' }, { name: 'broken' }),
  copy({ dest: '/srv/after', content: 'x', mode: '0644' }, { name: 'never made' }),
] });`,
  });
  await on('blame1', 'chown app /srv; mkdir -p /home/app');
  expect((await play('half', '--no-typecheck')).code).toBe(2);
  const journal = await on('blame1', 'journalctl --sync; journalctl -t play -o cat --no-pager | grep half.ts');
  expect(journal).toMatch(/by app/);
  expect(journal).toMatch(/made/);
  expect(journal).not.toMatch(/broken|never made/);
  expect(await blame('/srv/before')).toContain('as the last run left it');
  expect(await blame('/srv/after')).toContain('no run on record');
  expect(await on('blame1', 'find / -xdev -path "*/.local/state/play*" 2>/dev/null')).toBe('');
});

test('a host without a journal is none the worse, and the log keeps the last change of each thing', async () => {
  await on(
    'blame1',
    `mv /dev/log /dev/log.off; cd /var/lib/play; yes '{"id":"20200101T000000.000Z-000000","command":"play old","by":"a@b"}' | head -c 600000 >>log`,
  );
  await on('blame1', 'rm /etc/app.conf');
  expect((await play('site', '--no-typecheck')).code).toBe(0);
  await expect.poll(() => on('blame1', 'find /var/lib/play/log -size -400k')).not.toBe('');
  expect(await blame('/srv/before')).toContain('as the last run left it');
});
