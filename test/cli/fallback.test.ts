import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { useHosts } from '../support/sandbox.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { makeProject, playRoot, run, type Outcome } from './command-line.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 });

const hosts = useHosts('fallback1');
const state = temporaryFolder('state');
const metrics = join(temporaryFolder('metrics'), 'jobs.prom');

/** The day of the timer: ten days from now, so that its slot is never near, whenever the tests run. */
const timerDay = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10);

const project = makeProject({
  // The job's own slot is far away, or now, as the test says.
  'playbooks/archive.ts': `
import { certificate, copy, cron, definePlaybook, secret, systemd, systemdUnit } from 'play';
const service = { name: 'archive', owner: 'karsten', priority: 'high', ifItBreaks: 'runbook mend-archive', restore: 'copy it from the mirror' } as const;
export default definePlaybook({ hosts: 'fallback1', become: true, service, tasks: ({ vars }) => [
  copy({ dest: '/usr/local/bin/fetch-all', content: '#!/bin/sh\\ndate >"/srv/archive/$(date -u +%Y-%m-%d-%H)"\\n', mode: '0755' }),
  copy({ dest: '/etc/motd', content: \`\${String(vars['motd'])}\\n\`, mode: '0644' }),
  systemdUnit({ name: 'fetch.service', sections: { Service: { Type: 'oneshot', ExecStart: '/usr/local/bin/fetch-all' } } }),
  systemdUnit({
    name: 'fetch.timer',
    sections: { Timer: { OnCalendar: '*-*-${timerDay.slice(-2)} 03:05' } },
    critical: { loses: 'the votes of that hour', within: 1500, archive: '/srv/archive/%Y-%m-%d-%H' },
  }),
  systemd({ name: 'fetch.timer', state: 'started' }),
  certificate({ path: '/etc/ssl/own.pem', privatekeyPath: '/etc/ssl/own.key', subjectAltName: ['DNS:own.example.org'] }),
  copy({ dest: '/etc/token', content: secret\`hunter2hunter2\`, mode: '0600' }),
  cron({ name: 'sweep & go', job: 'true', minute: String(vars['minute']), hour: String(vars['hour']), critical: { loses: 'nothing much', within: 60, before: 120, after: Number(vars['after'] ?? 120) } }),
] });`,
  'playbooks/other.ts': `
import { copy, definePlaybook } from 'play';
export default definePlaybook({ hosts: 'fallback1', become: true, tasks: ({ vars }) => [
  copy({ dest: '/etc/issue', content: \`\${String(vars['issue'])}\\n\`, mode: '0644' }),
] });`,
  'playbooks/breaks.ts': `
import { block, command, definePlaybook } from 'play';
const call = { name: 'Onionoo', owner: 'anna', ifItBreaks: 'call anna, +49 30 1234' } as const;
export default definePlaybook([
  { hosts: 'fallback1:gone', tasks: () => [
    command({ argv: ['false'], changes: 'always' }, { name: 'a check', ignoreErrors: true, service: { ...call, name: 'not this one' } }),
    block([command({ argv: ['sh', '-c', 'echo no such table >&2; exit 3'], changes: 'always' }, { name: 'look' })], { service: call }),
  ] },
]);`,
  'playbooks/misspelt.ts': `
import { command, definePlaybook } from 'play';
export default definePlaybook({ hosts: 'fallback1', tasks: () => [
  command({ argv: ['true'], changes: 'never' }, { service: { name: 'x', owner: 'y', ifItBreaks: 'runbook mend-archiv' } }),
] });`,
  'runbooks/mend-archive.ts': `
import { defineRunbook } from 'play';
export default defineRunbook({ title: 'Mend it', description: 'When it broke.', steps: [{ name: 'look', question: 'Is it?' }] });`,
});

const commands = ['log', 'jobs', 'gaps', 'page', 'unmanaged'];
const env = { ...process.env, XDG_STATE_HOME: state };
const play = (name: string, ...args: readonly string[]): Promise<Outcome> =>
  run(join(playRoot, 'play'), [name, ...(commands.includes(name) ? [] : ['--no-typecheck']), ...args], {
    cwd: project.dir,
    env,
  });
const on = async (command: string): Promise<string> =>
  (await hosts.exec('fallback1', ['sh', '-c', command])).stdout.trim();

/** The time of the host's clock in so many minutes, as fields of cron. */
async function slot(minutes: number, ...more: readonly string[]): Promise<string[]> {
  const [minute = '', hour = ''] = (await on(`date -d '${minutes} minutes' '+%M %H'`)).split(' ');
  return ['-e', `minute=${Number(minute)} hour=${Number(hour)} motd=${more[0] ?? 'welcome'}`, ...more.slice(1)];
}

const vars = ['-e', 'minute=5 hour=3 motd=welcome'];

beforeAll(async () => {
  const { address, privateKeyFile, knownHostsFiles = [], hostKeyAlias } = hosts.target('fallback1');
  project.write({
    'inventory/hosts': `fallback1 ansible_host=${address} ansible_user=admin ansible_ssh_private_key_file=${privateKeyFile} ansible_ssh_common_args='-o UserKnownHostsFile=${knownHostsFiles[0]} -o HostKeyAlias=${hostKeyAlias}'\ngone ansible_host=127.0.0.1 ansible_port=1\n`,
  });
  await on('mkdir -p /srv/archive');
});

test('where a run fails on a service, it is said whose it is and what to do', async () => {
  const human = await play('breaks');
  const call = 'service Onionoo: priority normal, owner anna. If it breaks: call anna, +49 30 1234';
  expect(human.stdout).toMatch(
    new RegExp(
      `^failed {2}fallback1 {2}look {2}run -> .*\\n(?: {4}.*\\n)*? {4}\\| no such table\\n {4}${call.replaceAll('+', '\\+')}$`,
      'm',
    ),
  );
  // All that a lost host has is concerned.
  expect(human.stdout).toMatch(
    /^unreachable {2}gone\n(?: {4}.*\n)* {4}service not this one: .*\n {4}service Onionoo: /m,
  );
  expect(human.stdout.split('service not this one')).toHaveLength(2);
  expect((await play('log', '1')).stdout).toContain('service Onionoo: owner anna. If it breaks: call anna');
  const events = (await play('breaks', '--output', 'jsonl', '-l', 'fallback1')).stdout.trim().split('\n');
  const failed = events.map((line) => JSON.parse(line) as { task?: string; error?: object | null });
  expect(failed.find(({ task }) => task === 'look')?.error).toMatchObject({
    services: [{ name: 'Onionoo', owner: 'anna', ifItBreaks: 'call anna, +49 30 1234' }],
  });
  const misspelt = await play('misspelt');
  expect(misspelt.code).toBe(1);
  expect(misspelt.stderr).toMatch(/Unknown runbook "mend-archiv"[\s\S]*Did you mean "mend-archive"\?/);
});

test('critical jobs: on record with the job, and runs keep clear of their time', async () => {
  // Its time is far away: nothing is waited for.
  const far = await slot(180);
  const foretold = await play('archive', '-C', ...far);
  expect([foretold.code, foretold.stdout]).toEqual([0, expect.stringContaining('critical -> loses nothing much')]);
  expect(await on('ls -d /var/lib/play 2>/dev/null')).toBe('');
  const first = await play('archive', ...far);
  expect(first.stdout + first.stderr).toContain('critical -> loses the votes of that hour');
  expect(first.code).toBe(0);
  const again = await play('archive', ...far);
  expect(again.stdout).toContain('changed=0');
  expect(again.stdout).not.toContain('critical job');
  expect(await on('stat -c "%a %U" /var/lib/play/critical')).toBe('755 root');

  // A change tells by when the jobs must have worked again.
  const changed = await play('archive', ...(await slot(180, 'changed')));
  expect(changed.stdout).toMatch(
    /the critical job "sweep & go" runs next at .*\. Unless it has succeeded by .*, this is lost: nothing much\. play jobs fallback1 --wait/,
  );

  // Now it is near, for every playbook, whoever plays it: a minute away at least, as what is on record too late for its slot does not count.
  expect((await play('archive', ...(await slot(2, 'changed')))).code).toBe(0);
  const check = await play('other', '-C', '-e', 'issue=one', '--wait', '0');
  expect(check.stdout).toMatch(
    /its critical job "sweep & go" runs at .*, so that nothing is to be changed there until .*\. A run now would change nothing here\./,
  );
  expect(check.code).toBe(0);
  const refused = await play('other', '-e', 'issue=one', '--wait', '0');
  expect(refused.code).toBe(2);
  expect(refused.stdout).toContain('fallback1 is not changed now: its critical job "sweep & go"');
  expect(await on('cat /etc/issue')).not.toBe('one');
  // What is right already has nothing to wait for.
  expect((await play('archive', ...(await slot(2, 'changed')), '-C', '--wait', '0')).stdout).not.toContain(
    'nothing is to be changed',
  );

  const forced = await play('other', '-e', 'issue=one', '--ignore-window');
  expect(forced.code).toBe(0);
  expect(forced.stdout).toContain('it is changed all the same (--ignore-window)');
  expect(await on('cat /etc/issue; cat /var/lib/play/critical/overruled')).toMatch(/^one\n\d+ \S+@\S+$/);
  expect((await play('log', '1')).stdout).toContain('--ignore-window');
});

test('a run waits until the time of a job is over, as long as it may', async () => {
  // Its time was in this minute, and is over in some seconds, however long it took to say so.
  const [epoch = '', minute = '', hour = ''] = (await on("date '+%s %M %H'")).split(' ');
  const slotAt = Number(epoch) - (Number(epoch) % 60);
  await on('rm -rf /var/lib/play/critical');
  await play('archive', '-e', `minute=${Number(minute)} hour=${Number(hour)} motd=welcome`);
  await on(
    `cd /var/lib/play/critical && after=$(($(date +%s) - ${slotAt} + 20)) && sed -i "s/120}/$after}/" * && touch -d '-1 hour' *`,
  );
  const started = Date.now();
  const waited = await play('other', '-e', 'issue=two', '--wait');
  expect(waited.code).toBe(0);
  expect(waited.stdout).toMatch(/waiting \d+ s$/m);
  expect(waited.stdout).toContain('the time of sweep & go is over, going on');
  expect(Date.now() - started).toBeLessThan(120_000);
  expect(await on('cat /etc/issue')).toBe('two');
});

test('play jobs: whether critical jobs did their work, and metrics with the time by which data is lost', async () => {
  await play('archive', ...(await slot(180)), '--ignore-window');
  const waiting = await play('jobs');
  expect(waiting.stdout).toContain(`\nfallback1  fetch.timer  has not run yet: runs next at ${timerDay} 03:05,`);
  expect(waiting.stdout).toMatch(/^fallback1 {2}sweep & go {2}not known whether it succeeded/m);

  const wait = play('jobs', 'fallback1', '--wait', '--output', 'jsonl');
  await on('sleep 4; systemctl start fetch.service');
  const ended = await wait;
  const jobs = ended.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(jobs).toContainEqual(
    expect.objectContaining({ event: 'job', job: 'fetch.timer', status: 'ok', loses: 'the votes of that hour' }),
  );
  // Of the other nobody can tell.
  expect(ended.code).toBe(2);

  await play('jobs', '--metrics', metrics);
  const text = readFileSync(metrics, 'utf8');
  expect(text).toMatch(
    /^play_job_success_timestamp_seconds\{host="fallback1",critical_job="fetch\.timer",loses="the votes of that hour"\} \d{10}$/m,
  );
  expect(text).toMatch(
    /^play_job_deadline_timestamp_seconds\{host="fallback1",critical_job="sweep & go",loses="nothing much"\} \d{10}$/m,
  );
  expect((await play('jobs', '--rules')).stdout).toContain('expr: play_job_deadline_timestamp_seconds < time()');
});

test('play gaps: which hours an archive lacks', async () => {
  await on(
    'cd /srv/archive; rm -f *; for h in 00 01 02 06 07; do echo x >2026-11-02-$h; done; : >2026-11-02-08; echo x >2026-11-02-09; echo x >"2026-11-02-09 copy"',
  );
  const found = await play('gaps', 'fallback1');
  expect(found.code).toBe(2);
  expect(found.stdout).toBe(
    [
      'fallback1  /srv/archive/%Y-%m-%d-%H: 7 files from 2026-11-02 00:00 to 2026-11-02 09:00, 4 missing',
      'fallback1    missing  2026-11-02 03:00 to 2026-11-02 05:00 (3)',
      'fallback1    missing  2026-11-02 08:00',
      '',
    ].join('\n'),
  );
  const part = await play(
    'gaps',
    'fallback1',
    '/srv/archive/%Y-%m-%d-%H',
    '--since',
    '2026-11-02',
    '--until',
    '2026-11-02 02:00',
  );
  expect(part.code).toBe(0);
  expect(part.stdout).toContain('no gap');
  const none = await play('gaps', 'fallback1', '/srv/none/%Y-%m-%d');
  expect([none.code, none.stdout]).toEqual([2, 'fallback1  /srv/none/%Y-%m-%d: no file\n']);
  expect((await play('gaps', 'fallback1', '/srv/archive/%H')).stderr).toContain(
    'is not an absolute path with a date in it',
  );
});

test('play page: what runs where, whose it is and what to do, from code and host, without secrets', async () => {
  const page = await play('page', 'fallback1:gone', ...vars);
  // One of them is out of reach, and has a page all the same.
  expect(page.code).toBe(4);
  const lines = page.stdout.split('\n');
  expect(lines).toContain('| archive | high | karsten | fallback1 | `play runbook mend-archive` (Mend it) |');
  expect(lines).toContain('| Onionoo | normal | anna | fallback1, gone | call anna, +49 30 1234 |');
  expect(page.stdout).toContain('**It could not be reached: ');
  const own = page.stdout.slice(page.stdout.indexOf('### archive'), page.stdout.indexOf('## gone'));
  expect(own).toContain('- To restore it: copy it from the mirror\n');
  expect(own).toMatch(
    new RegExp(`^- \`fetch\\.timer\`: active since .*, next at \\w{3} ${timerDay} 03:05:00 UTC$`, 'm'),
  );
  expect(own).toMatch(/^- sweep & go of `root`, at `\d+ \d+ \* \* \*`$/m);
  expect(own).toContain('- `/usr/local/bin/fetch-all`\n');
  expect(own).toMatch(/^\| `\/etc\/ssl\/own\.pem` \| DNS:own\.example\.org \| \d{4}-\d\d-\d\d \| \d+ \|$/m);
  expect(page.stdout).not.toMatch(/PRIVATE KEY|hunter2/);
  const out = join(state, 'page.md');
  expect((await play('page', 'fallback1', '--out', out)).stdout).toBe('');
  expect(readFileSync(out, 'utf8')).toMatch(/^# fallback1\n/);
  expect((await play('page', 'fallback1', '--out', '/nowhere/page.md')).stderr).toContain('The page cannot be written');
});

test('play unmanaged: what somebody made by hand, and nothing of what Debian and the playbooks make', async () => {
  const own = /admin\b|10machine|00sandbox-proxy/;
  const findings = async (): Promise<string[]> =>
    (await play('unmanaged', 'fallback1', ...vars)).stdout.split('\n').filter((line) => line !== '' && !own.test(line));
  expect(await findings()).toEqual([]);
  await on(`cat >/etc/systemd/system/byhand.service <<'END'
[Service]
ExecStart=/usr/bin/perl -MIO::Socket::INET -e '$$s=IO::Socket::INET->new(LocalPort=>8099,Listen=>1) or die;sleep 999'
User=nobody
[Install]
WantedBy=multi-user.target
END
systemctl enable --now byhand; echo by hand >>/etc/ssh/ssh_config; rm /etc/logrotate.d/dpkg; echo x >'/etc/odd name'
echo '5 * * * * root /x' >/etc/cron.d/byhand; (crontab -l; echo '5 * * * * /root/own') | crontab -; echo changed >/etc/motd; sleep 1`);
  const found = (await findings()).join('\n');
  expect(found.replaceAll(/last written .*\)/g, 'last written)')).toBe(
    [
      'fallback1  runs       byhand.service  (active, enabled, as nobody, /etc/systemd/system/byhand.service, of no package)',
      'fallback1  listens    tcp 0.0.0.0:8099  (perl of byhand.service)',
      'fallback1  scheduled  crontab of root  (5 * * * * /root/own)',
      'fallback1  scheduled  /etc/cron.d/byhand  (a file of no package, last written)',
      'fallback1  changed    /etc/ssh/ssh_config  (not as openssh-client brought it)',
      'fallback1  changed    /etc/logrotate.d/dpkg  (removed, though dpkg brought it)',
      'fallback1  changed    /etc/odd name  (a file of no package, last written)',
    ].join('\n'),
  );
  const { code, stdout } = await play('unmanaged', 'fallback1', '--output', 'jsonl', ...vars);
  expect([code, stdout]).toEqual([3, expect.stringMatching(/"event":"unmanaged".*\n\{"event":"recap","exit":3\}\n$/s)]);
});

test('a job that goes takes its record along', async () => {
  const file = readFileSync(join(project.dir, 'playbooks/archive.ts'), 'utf8');
  project.write({
    'playbooks/archive.ts': file
      .replace("name: 'sweep & go', job: 'true',", "name: 'sweep & go', state: 'absent', job: 'true',")
      .replace(/critical: \{ loses: 'nothing[^}]*\}/, 'disabled: false'),
  });
  const gone = await play('archive', ...(await slot(180)), '--ignore-window');
  expect(gone.stdout).toContain('critical -> no more');
  expect(gone.stdout).not.toContain('critical job "sweep & go" runs next');
  expect(gone.stdout).toContain('critical job "fetch.timer" runs next');
  expect((await play('jobs')).stdout).not.toContain('sweep');
});
