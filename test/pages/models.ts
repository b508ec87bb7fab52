/** Runs as pages are made of: by the events that the engine tells, masked as all events are. */
import type { Event, TaskEvent } from '../../src/engine/index.ts';
import { RunCollector } from '../../src/pages/run-collector.ts';
import type { About, RunModel } from '../../src/pages/run-model.ts';
import { masked } from '../../src/report/index.ts';
import { Redactor } from '../../src/secrets/index.ts';
import { recapEvent, taskEvent } from '../report/events.ts';

export const about: About = {
  title: 'site',
  command: 'play site -l web -CD --report plan.html',
  by: 'anna@laptop',
  started: '2026-11-30T08:02:11.000Z',
  check: true,
  source: 'run',
  id: '20261130T080211.042Z-6e5c75',
  commit: 'a1b2c3d4e5f6a7b8',
};

export function modelOf(events: readonly Event[], changed: Partial<About> = {}): RunModel {
  const collector = new RunCollector();
  const redactor = new Redactor();
  for (const event of events) collector.listener(masked(event, redactor));
  return collector.model({ ...about, ...changed });
}

export const edit = (path: string, before: string | null, after: string): TaskEvent['changes'][number] => ({
  what: 'content',
  text: { path, before: before === null ? null : Buffer.from(before), after: Buffer.from(after) },
});

export const failure = (what: string, stderr = ''): NonNullable<TaskEvent['error']> => ({
  what,
  hint: 'Mend it.',
  code: 1,
  stdout: '',
  stderr,
  at: 'roles/nginx/index.ts:40:5',
});

/** What a hostile host may say: markup, a fence, a mention, escapes, a turned direction, bytes that are no text. */
export const hostile =
  '</script><img src=x onerror="alert(1)">\n```\n<!-- --> @everyone [x](http://evil.example) www.evil.example \x1b[2J\u202e \udc80 ]]>&amp;';

const counts = { ok: 3, changed: 2, unreachable: 0, failed: 0, skipped: 1, rescued: 0, ignored: 0 };

/** A check run of three hosts in which all there is happens, much of it hostile. */
export function richRun(): RunModel {
  const hosts = ['web1', 'web2', 'db1<b>'];
  return modelOf([
    { event: 'play', play: 'site', hosts, check: true },
    ...hosts.flatMap((host): Event[] => [
      taskEvent({ host, task: 'install', tags: ['packages'] }),
      taskEvent({
        host,
        task: 'write config',
        tags: ['conf'],
        status: 'changed',
        changed: true,
        changes: [
          edit('/etc/x.conf', 'a\nworkers 4\nb\n', `a\nworkers 8\nb\n${host === 'web2' ? `${hostile}\n` : ''}`),
        ],
      }),
      taskEvent({ host, task: hostile, status: 'skipped', message: hostile }),
      taskEvent({ host, task: 'may', may: 'nobody knows', assumed: ['it is there'] }),
    ]),
    taskEvent({ host: 'web1', task: 'check', status: 'failed', error: failure(`refused: ${hostile}`, hostile) }),
    taskEvent({ event: 'handler', host: 'web2', task: 'reload', status: 'changed', changed: true, seconds: 1.5 }),
    { event: 'unreachable', host: 'lost', play: 'site', error: failure('ssh: no route to host') },
    { event: 'notice', host: 'web1', text: hostile },
    recapEvent({
      hosts: Object.fromEntries(hosts.map((host) => [host, { ...counts, failed: host === 'web1' ? 1 : 0 }])),
      exit: 2,
      seconds: 3.2,
      check: true,
    }),
  ]);
}
