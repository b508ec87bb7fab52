/**
 * What docs/red-black.md prints, on a real host: a service that loses its uploads when it is stopped gets new releases
 * behind a real nginx and behind a remapped port, while uploads go on, and is killed for none of them.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { makeProject, playRoot, type Outcome } from '../cli/command-line.ts';
import { blocksOf, writeFiles } from '../runbooks/pages.ts';
import { install } from '../support/install.ts';
import { useHosts } from '../support/sandbox.ts';
import { startUploads, type UploadFigures, type Uploads } from './uploads.ts';

const hosts = useHosts('rb1');
const project = makeProject({});
const acknowledged = new Map<string, string>();

async function sh(script: string, input?: string): Promise<string> {
  const { code, stdout, stderr } = await hosts.exec('rb1', ['sh', '-c', script], input);
  if (code !== 0) throw new Error(`code ${code}: ${stderr}\n${script}`);
  return stdout.trim();
}

beforeAll(async () => {
  writeFiles(blocksOf('docs/red-black.md'), project.dir);
  project.write({ hosts: `[collectors]\n${hosts.inventoryLine('rb1')}\n` });
  await sh(install('nginx', 'haproxy', 'curl', 'nftables'));
  await sh(
    `mkdir -p /etc/collector; echo first >/etc/collector/certificate.pem
    for release in 1 2 3 4 broken; do mkdir -p /opt/collector/$release; done; touch /opt/collector/broken/broken
    cat >/opt/collector/1/collector; chmod 755 /opt/collector/1/collector
    for release in 2 3 4 broken; do cp -p /opt/collector/1/collector /opt/collector/$release; done`,
    readFileSync(join(import.meta.dirname, 'collector.pl'), 'utf8'),
  );
}, 600_000);

let uploads: Uploads | undefined;
afterAll(() => uploads?.stop());

const play = (playbook: 'collector' | 'reports' | 'bouncer', ...more: readonly string[]): Promise<Outcome> =>
  project.play(`${playbook}.ts`, '-i', 'hosts', '--no-typecheck', '-v', ...more);
async function release(number: string, ...more: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await play('collector', '-e', `release=${number}`, ...more);
  expect(code, stdout + stderr).toBe(0);
  return stdout;
}
/** What a run says of the task with -v, a line for each change, without the lines of others. */
const toldOf = (stdout: string): string[] =>
  (/redBlack \w+\n((?: {4}.*\n)*)/.exec(stdout)?.[1] ?? '').split('\n').flatMap((line) => line.trim() || []);
const changed = (stdout: string): string => /changed=\d+/.exec(stdout)?.[0] ?? '';
/** Who is live, and who runs: `black black`. */
const state = (): Promise<string> =>
  sh(
    `grep -q 8081 /etc/nginx/conf.d/collector-upstream.conf && echo red || echo black
    for c in red black; do systemctl is-active -q collector@$c && echo $c; done | sort | xargs echo`,
  ).then((text) => text.replace(/\n/g, ': '));

function print(what: string, { sent, failed, long, seconds, answers }: UploadFigures): void {
  const from = [...answers].map(([name, count]) => `${name}: ${count}`).join('; ');
  process.stdout.write(
    `${what}: ${sent} uploads in ${seconds.toFixed(1)} s, ${long} of them long, ${failed} failed (${from})\n`,
  );
}

/** Waits until the new release has answered something. */
async function answeredBy(load: Uploads, from: string): Promise<void> {
  await vi.waitFor(() => expect(load.figures().answers.get(from), from).toBeGreaterThan(0), { timeout: 120_000 });
}

/** Every upload that was answered with 201 is there as it was sent. */
async function expectAllStored(): Promise<void> {
  const sums = await sh('cd /srv/collector && find . -type f ! -name "*.part" -printf "%P\\0" | xargs -0r sha256sum');
  const stored = new Map(sums.split('\n').map((line) => [line.slice(66), line.slice(0, 64)] as const));
  const lost = [...acknowledged].filter(([name, hash]) => stored.get(name) !== hash);
  expect(lost.map(([name]) => name)).toEqual([]);
}

test('the first release; a second run changes nothing', async () => {
  const { code, stdout, stderr } = await project.play('collector.ts', '-i', 'hosts');
  expect(code, stdout + stderr).toBe(0);
  expect(await state()).toBe('red: red');
  expect(changed(await release('1'))).toBe('changed=0');
});

test('check mode tells the whole way, and goes none of it', async () => {
  const way = [
    'reason -> /etc/collector/red.env differs',
    'content of /etc/collector/black.env -> new file',
    'enabled of collector@black.service no -> yes',
    'collector@black.service inactive -> started',
    'health -> http://127.0.0.1:8082/health answers',
    'pointer red (port 8081) -> black (port 8082)',
    'nginx.service active -> reloaded',
    'drain -> collector@red.service until 0 are left: uploads_in_flight, and old processes of nginx.service; 14400 s at most, then the task fails',
    'enabled of collector@red.service yes -> no',
    'collector@red.service active -> stopped',
  ];
  expect(toldOf(await release('2', '-C'))).toEqual(way);
  expect(await state()).toBe('red: red');
  expect(await sh('ls /etc/collector')).toBe('certificate.pem\nred.env');
});

test('a new release, the way back and a new certificate under uploads, of which none is lost', async () => {
  const load = startUploads(
    { host: hosts.target('rb1').address, port: 80, clients: 6, long: 4, seconds: 3 },
    acknowledged,
  );
  uploads = load;
  await vi.waitFor(() => expect(load.figures().sent).toBeGreaterThan(50), { timeout: 120_000 });
  expect(toldOf(await release('2'))).toHaveLength(10);
  expect(await state()).toBe('black: black');
  const back = await release('2', '-e', 'rollback=yes');
  expect(toldOf(back)[0]).toBe('reason -> rollback');
  expect(await state()).toBe('red: red');
  expect(changed(await release('2', '-e', 'rollback=yes'))).toBe('changed=0');
  await sh('echo second >/etc/collector/new && mv /etc/collector/new /etc/collector/certificate.pem');
  expect(toldOf(await release('1'))[0]).toBe(
    'reason -> /etc/collector/certificate.pem is newer than collector@red.service',
  );
  expect(await state()).toBe('black: black');
  await vi.waitFor(() => expect(load.figures().sent).toBeGreaterThan(1000), { timeout: 120_000, interval: 100 });
  const figures = await load.stop();
  print('upgrade, rollback and renewal', figures);
  expect([figures.failed, figures.reasons]).toEqual([0, []]);
  expect(figures.long).toBeGreaterThan(8);
  for (const from of ['release 1, first', 'release 2, first', 'release 1, second'])
    expect(figures.answers.get(from), from).toBeGreaterThan(0);
  await expectAllStored();
  expect(changed(await release('1'))).toBe('changed=0');
});

test('a run that is killed at each step, under uploads; the next ones go on from there', async () => {
  const load = startUploads(
    { host: hosts.target('rb1').address, port: 80, clients: 4, long: 4, seconds: 3 },
    acknowledged,
  );
  uploads = load;
  const steps = [
    ['its files are there', 'grep -qs RELEASE=3 /etc/collector/red.env'],
    ['it runs', 'systemctl is-active -q collector@red'],
    ['the pointer is moved', 'grep -q 8081 /etc/nginx/conf.d/collector-upstream.conf'],
    ['the old one has work', 'pgrep -f "nginx: worker process is shutting down"'],
  ] as const;
  for (const [what, isThere] of steps) await killedOnce(what, isThere);
  // The link to the host may be the one that ends between the pointer and the reload; told is what is left to do.
  await release('3');
  expect(await state()).toBe('red: red');
  expect(changed(await release('3'))).toBe('changed=0');
  const figures = await load.stop();
  print('an upgrade that was killed four times', figures);
  expect([figures.failed, figures.reasons]).toEqual([0, []]);
  await expectAllStored();
});

/** Runs it, and kills all of it as soon as the host shows something. */
async function killedOnce(what: string, isThere: string): Promise<void> {
  const args = ['collector.ts', '-i', 'hosts', '--no-typecheck', '-e', 'release=3'];
  const env = { ...process.env, XDG_STATE_HOME: join(project.dir, '.state') };
  const child = spawn(join(playRoot, 'play'), args, { cwd: project.dir, env, detached: true, stdio: 'ignore' });
  const ended = new Promise<NodeJS.Signals | null>((done) => child.once('close', (_, signal) => done(signal)));
  await sh(`for i in $(seq 2400); do ${isThere} && exit 0; sleep 0.05; done; echo "never: ${what}" >&2; exit 1`);
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  expect(await ended, what).toBe('SIGKILL');
}

test('a pointer that was moved, and nginx never told: it is told before anything else', async () => {
  const other = 'upstream collector {\n  server 127.0.0.1:8082;\n}\n';
  await sh(
    `cp /etc/collector/red.env /etc/collector/black.env; sed -i s/8081/8082/ /etc/collector/black.env
    systemctl start collector@black; cat >/etc/nginx/conf.d/collector-upstream.conf`,
    other,
  );
  expect(toldOf(await release('3'))).toEqual([
    'nginx.service active -> reloaded',
    'enabled of collector@black.service no -> yes',
    expect.stringMatching(/^drain -> collector@red/),
    'enabled of collector@red.service yes -> no',
    'collector@red.service active -> stopped',
  ]);
  expect(await state()).toBe('black: black');
});

test('a release that does not start never gets the pointer', async () => {
  const run = await play('collector', '-e', 'release=broken');
  expect(run.code).toBe(2);
  expect(run.stdout).toContain('release broken cannot start');
  expect(await state()).toBe('black: black');
  expect(await sh('systemctl is-enabled collector@red || :')).toBe('disabled');
  expect(await sh('curl -sI http://127.0.0.1/health')).toContain('X-Release: 3');
  expect(changed(await release('3'))).toBe('changed=0');
});

test('by a restart the same load loses uploads: it can tell', async () => {
  const load = startUploads(
    { host: hosts.target('rb1').address, port: 80, clients: 6, long: 4, seconds: 1 },
    new Map(),
  );
  uploads = load;
  await vi.waitFor(() => expect(load.figures().sent).toBeGreaterThan(50), { timeout: 120_000 });
  await sh('systemctl stop collector@black; sleep 0.5; systemctl start collector@black');
  const figures = await load.stop();
  print('a restart', figures);
  expect(figures.failed).toBeGreaterThan(0);
});

test('reports of several requests stay with who has them open, and are waited for', async () => {
  const first = await play('reports');
  expect(first.code, first.stdout + first.stderr).toBe(0);
  const load = startUploads(
    { host: hosts.target('rb1').address, port: 6000, clients: 2, long: 6, seconds: 5, inPieces: true },
    acknowledged,
  );
  uploads = load;
  await vi.waitFor(() => expect(load.figures().sent).toBeGreaterThan(20), { timeout: 120_000 });
  const second = await play('reports', '-e', 'release=2');
  expect(second.code, second.stdout + second.stderr).toBe(0);
  expect(toldOf(second.stdout)).toContain('pointer red (port 6081) -> black (port 6082)');
  await answeredBy(load, 'release 2, second');
  const figures = await load.stop();
  print('reports in pieces', figures);
  expect([figures.failed, figures.reasons]).toEqual([0, []]);
  for (const from of ['release 1, second', 'release 2, second'])
    expect(figures.answers.get(from), from).toBeGreaterThan(0);
  await expectAllStored();
  expect(changed((await play('reports', '-e', 'release=2')).stdout)).toBe('changed=0');
});

test('a bouncer behind a remapped port: what is connected stays, nothing is lost', async () => {
  const first = await play('bouncer');
  expect(first.code, first.stdout + first.stderr).toBe(0);
  const load = startUploads(
    { host: hosts.target('rb1').address, port: 7000, clients: 4, long: 3, seconds: 3 },
    acknowledged,
  );
  uploads = load;
  await vi.waitFor(() => expect(load.figures().sent).toBeGreaterThan(100), { timeout: 120_000 });
  const second = await play('bouncer', '-e', 'release=2');
  expect(second.code, second.stdout + second.stderr).toBe(0);
  expect(toldOf(second.stdout)).toContain('pointer red (port 7081) -> black (port 7082)');
  await answeredBy(load, 'release 2, second');
  const figures = await load.stop();
  print('a bouncer by its port', figures);
  expect([figures.failed, figures.reasons]).toEqual([0, []]);
  for (const from of ['release 1, second', 'release 2, second'])
    expect(figures.answers.get(from), from).toBeGreaterThan(0);
  await expectAllStored();
  const again = await play('bouncer', '-e', 'release=2');
  expect(changed(again.stdout), again.stdout).toBe('changed=0');
});
