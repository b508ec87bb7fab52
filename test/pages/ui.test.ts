/** The local pages: who is let in, what they show, and a run that is followed while it goes on. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { hostname as ownName } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { judge } from '../../src/pages/ui/guard.ts';
import { makeProject, playRoot } from '../cli/command-line.ts';

describe('who is let in', () => {
  const door = { port: 4711, token: 'abcdef' };
  const right = { host: '127.0.0.1:4711' };
  test.each<[string, Parameters<typeof judge>[0], string]>([
    ['who has the token', { method: 'GET', url: '/abcdef/run/x?a=b', headers: right }, 'answered'],
    ['by the name localhost', { method: 'HEAD', url: '/abcdef/', headers: { host: 'localhost:4711' } }, 'answered'],
    [
      'its own pages',
      { method: 'GET', url: '/abcdef/', headers: { ...right, origin: 'http://127.0.0.1:4711' } },
      'answered',
    ],
    ['not without the token', { method: 'GET', url: '/', headers: right }, '404'],
    ['not with a part of it', { method: 'GET', url: '/abcde/', headers: right }, '404'],
    [
      'no name that leads here (DNS rebinding)',
      { method: 'GET', url: '/abcdef/', headers: { host: 'evil.example:4711' } },
      '403',
    ],
    ['nothing without a name', { method: 'GET', url: '/abcdef/', headers: {} }, '403'],
    ['no other port', { method: 'GET', url: '/abcdef/', headers: { host: '127.0.0.1:80' } }, '403'],
    [
      'no page of another origin',
      { method: 'GET', url: '/abcdef/', headers: { ...right, origin: 'http://evil.example' } },
      '403',
    ],
    ['no sandboxed page', { method: 'GET', url: '/abcdef/', headers: { ...right, origin: 'null' } }, '403'],
    [
      'no link of another site',
      { method: 'GET', url: '/abcdef/', headers: { ...right, 'sec-fetch-site': 'cross-site' } },
      '403',
    ],
    ['nothing that could change something', { method: 'POST', url: '/abcdef/', headers: right }, '405'],
  ])('%s', (_, asked, expected) => {
    const verdict = judge(asked, door);
    expect(verdict.is === 'answered' ? verdict.is : String(verdict.status)).toBe(expected);
  });
});

describe('play ui', () => {
  const project = makeProject({
    'inventory/hosts': 'web1\n',
    'playbooks/site.ts': '',
    '.play/drift/standings.json': JSON.stringify({
      version: 1,
      standings: [
        {
          host: 'web9',
          playbook: 'site',
          status: 'differs',
          since: '2026-11-27T01:10:00.000Z',
          tasks: [{ role: null, task: '<i>conf</i>', resource: 'copy', since: '2026-11-27T01:10:00.000Z' }],
          unknown: 0,
          reason: null,
          checked: '2026-11-28T22:30:00.000Z',
        },
      ],
    }),
  });
  const state = join(project.dir, 'state');
  const records = join(state, 'play', 'runs');
  const ids = ['20261130T080000.000Z-aaaaaa', '20261130T090000.000Z-bbbbbb', '20261130T100000.000Z-cccccc'] as const;
  const line = (entry: object): string => `${JSON.stringify(entry)}\n`;
  const start = (id: string, pid: number): string =>
    line({
      event: 'start',
      id,
      kind: 'playbook',
      command: 'play site -l "<b>"',
      args: [],
      user: 'anna',
      machine: process.env['HOSTNAME'] ?? '',
      pid,
      cwd: '/',
      started: '2026-11-30T08:00:00.000Z',
      check: false,
      hosts: ['web1', 'web2'],
    });
  const changed = (host: string, to: string): string =>
    line({
      event: 'task',
      host,
      play: 'all',
      role: null,
      task: 'write conf',
      resource: 'copy',
      status: 'changed',
      changes: [{ what: 'mode', from: '0600', to }],
      may: null,
      assumed: [],
      error: null,
      seconds: 0.1,
    });
  let ui: ChildProcess;
  let url = '';

  beforeAll(async () => {
    mkdirSync(records, { recursive: true });
    for (const [i, id] of ids.entries())
      writeFileSync(
        join(records, `${id}.jsonl`),
        start(id, 1) + changed('web1', `064${i}`) + (i < 2 ? line({ event: 'end', exit: 0, seconds: 1 }) : ''),
      );
    ui = spawn(join(playRoot, 'play'), ['ui'], { cwd: project.dir, env: { ...process.env, XDG_STATE_HOME: state } });
    if (ui.stdout) url = String((await once(ui.stdout, 'data'))[0]).trim();
  });
  afterAll(() => void ui.kill('SIGKILL'));

  const page = async (path: string): Promise<string> => await (await fetch(`${url}${path}`)).text();

  test('lists the runs, shows one, and compares two', async () => {
    const list = await page('');
    for (const id of ids) expect(list).toContain(id);
    expect(list).toContain('play site -l &quot;&lt;b&gt;&quot;');
    expect(await page(`run/${ids[0]}`)).toContain('write conf');
    const compared = await page(`compare?run=${ids[0]}&run=${ids[1]}`);
    expect(compared).toMatch(/write conf[^]*otherwise/);
    expect(await page(`compare?run=${ids[0]}&run=${ids[0]}`)).toContain('both came to the same');
    expect(await page('?text=nothing-like-it')).toContain('No run has');
  });

  test('shows drift, and says where plans would be', async () => {
    expect(await page('drift')).toMatch(/web9[^]*&lt;i&gt;conf&lt;\/i&gt;/);
    expect(await page('plans')).toContain('--out plan.json');
    expect(await page('holds')).toContain('Nothing held was met');
  });

  test.each([
    'run/..%2f..%2fetc',
    'run/../../etc/passwd',
    'run/nothing',
    'plan/0',
    'plan/-1',
    'nothing',
    'run/nothing/part',
  ])('there is no page %s', async (path) => {
    expect((await fetch(`${url}${path}`)).status).toBe(404);
  });

  test('other names and origins are refused, and its answers are for nobody else', async () => {
    const { hostname, port, pathname } = new URL(url);
    const status = (headers: Record<string, string>): Promise<number> =>
      new Promise((done, fail) => {
        request({ hostname, port, path: pathname, headers }, (response) => {
          response.resume();
          done(response.statusCode ?? 0);
        })
          .on('error', fail)
          .end();
      });
    expect(hostname).toBe('127.0.0.1');
    expect(await status({ host: `evil.example:${port}` })).toBe(403);
    expect(await status({ origin: 'https://evil.example' })).toBe(403);
    const { headers } = await fetch(url);
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('a run that goes on is followed to its end', async () => {
    const id = '20261130T110000.000Z-dddddd';
    const file = join(records, `${id}.jsonl`);
    const begun = JSON.parse(start(id, process.pid)) as object;
    writeFileSync(file, line({ ...begun, machine: ownName() }));
    expect(await page(`run/${id}`)).toMatch(/data-events[^]*It goes on/);
    const events = await fetch(`${url}run/${id}/events`);
    const reader = events.body?.pipeThrough(new TextDecoderStream()).getReader();
    let heard = '';
    const reading = (async () => {
      for (;;) {
        const { done, value } = (await reader?.read()) ?? { done: true, value: '' };
        if (done) return;
        heard += value ?? '';
      }
    })();
    await expect.poll(() => heard).toContain('changed');
    appendFileSync(file, changed('web2', '0777'));
    await expect.poll(() => heard.match(/changed/g)?.length).toBe(2);
    expect(await page(`run/${id}/part`)).toContain('0777');
    appendFileSync(file, line({ event: 'end', exit: 0, seconds: 1 }));
    await reading;
    expect(heard).toContain('event: over');
    expect(await page(`run/${id}`)).not.toContain('data-events="');
  });

  test('Ctrl-C ends it', async () => {
    ui.kill('SIGINT');
    expect(await once(ui, 'exit')).toEqual([0, null]);
  });
});
