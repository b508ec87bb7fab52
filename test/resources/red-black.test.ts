/** How `redBlack` waits, gives up and goes back, on a host that is made up; what it does on a real one: test/rolling. */
import { describe, expect, test } from 'vitest';
import { ConnectionLost } from '../../src/connection/index.ts';
import type { ImperativeContext, Step, StepOutput } from '../../src/contract/index.ts';
import { PlayError } from '../../src/errors/index.ts';
import { carryOut, type Phase } from '../../src/resources/services/red-black-run.ts';
import type { Instance, Wanted } from '../../src/resources/services/red-black-wanted.ts';

const red: Instance = {
  colour: 'red',
  unit: 'red.service',
  port: 1,
  files: [],
  health: undefined,
  inFlight: undefined,
};
const black: Instance = { ...red, colour: 'black', unit: 'black.service', port: 2 };
const wanted: Wanted = {
  name: 'app',
  red,
  black,
  pointer: {
    by: 'file',
    file: '/etc/pointer',
    texts: { red: 'red', black: 'black' },
    reload: 'nginx.service',
    validate: undefined,
    oldProcesses: true,
  },
  reads: [],
  healthTimeout: 1,
  drainTimeout: 1,
  onTimeout: 'fail',
  rollback: false,
};

/** What the host says to a step, by its label; undefined: nothing, and all is well. */
type Says = (label: string, step: Step) => string | Partial<StepOutput> | undefined;
interface Host {
  readonly context: ImperativeContext;
  /** The labels of what was done, without looks. */
  readonly done: string[];
  readonly progress: string[];
}
function hostThat(says: Says, signal?: AbortSignal): Host {
  const done: string[] = [];
  const progress: string[] = [];
  const never = (): never => {
    throw new Error('nothing asks for that');
  };
  const context: ImperativeContext = {
    host: 'web1',
    isThisMachine: false,
    signal,
    ask: never,
    reconnect: never,
    recover: () => Promise.resolve(void done.push('recover')),
    progress: (text) => void progress.push(text),
    run: (step) => {
      const label = step.label ?? '';
      const said = says(label, step);
      if (!/^(?:look|ask|run)/.test(label)) done.push(label);
      const output = { code: 0, stdout: '', stderr: '', ...(typeof said === 'string' ? { stdout: said } : said) };
      if (output.code !== 0 && !step.anyExit) return Promise.reject(new PlayError(`Could not ${label}`));
      return Promise.resolve(output);
    },
  };
  return { context, done, progress };
}
const step = (label: string): Step => ({ script: ':', label });
const doing = (connections: number, more: { state?: string; listens?: number; old?: number } = {}): string =>
  `state ${more.state ?? 'active'}\nlistens ${more.listens ?? 1}\nconnections ${connections}\nold ${more.old ?? 0}\n`;
/** As the request script answers. */
const answer = (status: number, body = '', error = ''): string =>
  `${status}\n${Buffer.from(body).toString('base64')}\n${Buffer.from(error).toString('base64')}\n`;
const result = { live: 'black', port: 2, switched: true } as const;
const drain = (instance = red, mustEnd = false): Phase[] => [
  { does: 'drain', instance, mustEnd },
  { does: 'steps', steps: [step('stop red')] },
];
const go = (phases: readonly Phase[], host: Host, more: Partial<Wanted> = {}) =>
  carryOut({ wanted: { ...wanted, ...more }, phases, result }, host.context);

describe.concurrent('the old one', () => {
  test('is stopped once nothing was left three times in a row', async () => {
    const left = [1, 0, 2, 0, 0, 0];
    const host = hostThat((label) => (label.startsWith('look') ? doing(left.shift() ?? 9) : undefined));
    await go(drain(), host, { drainTimeout: 60 });
    expect([host.done, left]).toEqual([['stop red'], []]);
    expect(host.progress).toEqual([
      '1 left (connections to port 1), 0 of 60 s',
      '2 left (connections to port 1), 1 of 60 s',
    ]);
  });
  test('that has work yet goes on, and the task fails', async () => {
    const host = hostThat(() => doing(2));
    await expect(go(drain(), host)).rejects.toMatchObject({
      message: 'red.service after 1 s: 2 left (connections to port 1)',
      hint: 'It keeps working on what it has, and the next run waits again. To end it: systemctl stop red.service',
    });
    expect(host.done).toEqual([]);
  });
  test('goes on until the next run', async () => {
    const host = hostThat(() => doing(2));
    expect(await go(drain(), host, { onTimeout: 'leave' })).toEqual(result);
    expect(host.done).toEqual([]);
  });
  test('cannot be left where the new one needs its place', async () => {
    const host = hostThat(() => doing(2));
    await expect(go(drain(red, true), host, { onTimeout: 'leave' })).rejects.toThrow('2 left');
  });
  test('is stopped all the same', async () => {
    const host = hostThat(() => doing(2));
    await go(drain(), host, { onTimeout: 'stop' });
    expect(host.done).toEqual(['stop red']);
  });
  test('is waited for all the same', async () => {
    const left = [2, 2, 2, 2, 0, 0, 0];
    const host = hostThat((label) => (label.startsWith('look') ? doing(left.shift() ?? 9) : undefined));
    await go(drain(), host, { onTimeout: 'wait' });
    expect([host.done, left]).toEqual([['stop red'], []]);
  });
  test('has died: nothing is waited for', async () => {
    const host = hostThat((label) => (label.startsWith('look') ? doing(7, { state: 'failed' }) : undefined));
    await go(drain(), host);
    expect(host.done).toEqual(['stop red']);
  });
  test('has nothing, but nginx has requests for it', async () => {
    const host = hostThat(() => doing(0, { old: 1 }));
    await expect(go(drain(), host)).rejects.toThrow('red.service after 1 s: 1 old process of nginx.service');
  });
  test('is asked by a metric, of several labels', async () => {
    const page = '# TYPE in_flight gauge\nin_flight{kind="a b"} 2\nin_flight{kind="c"} 1 1700000000\nin_flight_all 9\n';
    const host = hostThat((label) => (label.startsWith('look') ? doing(0) : answer(200, page)));
    const metric = { url: 'http://127.0.0.1:1/metrics', metric: 'in_flight' };
    await expect(go(drain({ ...red, inFlight: metric }), host)).rejects.toThrow('after 1 s: 3 left (in_flight)');
    const without = hostThat((label) => (label.startsWith('look') ? doing(0) : answer(200, 'other 1\n')));
    await expect(go(drain({ ...red, inFlight: metric }), without)).rejects.toThrow(
      'after 1 s: http://127.0.0.1:1/metrics has no in_flight (status 200)',
    );
  });
  test('is asked by a command; what says nothing is not nothing', async () => {
    const of = (said: Partial<StepOutput>) =>
      hostThat((label) => (label.startsWith('look') ? doing(0) : label.startsWith('run') ? said : undefined));
    const instance = { ...red, inFlight: ['count', 'it'] };
    await expect(go(drain(instance), of({ stdout: '4\n' }))).rejects.toThrow('after 1 s: 4 left ("count it")');
    await expect(go(drain(instance), of({ code: 1, stderr: 'no such queue' }))).rejects.toThrow(
      'after 1 s: "count it" does not print a number: no such queue',
    );
    const idle = of({ stdout: '0' });
    await go(drain(instance), idle);
    expect(idle.done).toEqual(['stop red']);
  });
  test('is waited for through a link that is lost', async () => {
    let looks = 0;
    const host = hostThat(() => doing(0));
    const losing = {
      ...host.context,
      run: (one: Step) =>
        ++looks === 2 ? Promise.reject(new ConnectionLost('the connection was lost', [])) : host.context.run(one),
    };
    await carryOut({ wanted, phases: drain(), result }, losing);
    expect(host.done).toEqual(['recover', 'stop red']);
  });
  test('goes on where the wait is interrupted', async () => {
    const stop = new AbortController();
    const host = hostThat(() => doing(2), stop.signal);
    setTimeout(() => stop.abort(), 100);
    await expect(go(drain(), host, { drainTimeout: 60 })).rejects.toMatchObject({
      message: 'Interrupted: red.service keeps working on what it has (2 left (connections to port 1))',
      hint: 'The next run goes on from there.',
    });
    expect(host.done).toEqual([]);
  });
});

describe.concurrent('the new one', () => {
  const start = (instance = black): Phase[] => [
    { does: 'start', instance, steps: [step('start black')], abandon: [step('stop black')] },
    {
      does: 'point',
      to: black,
      from: red,
      steps: [step('point to black')],
      check: undefined,
      load: [step('reload')],
      back: [step('point to red')],
      abandon: [step('stop black')],
    },
  ];
  test('gets the pointer once it is healthy', async () => {
    const says = [503, 200];
    const host = hostThat((label) => (label.startsWith('ask') ? answer(says.shift() ?? 500) : undefined));
    await go(start({ ...black, health: 'http://127.0.0.1:2/health' }), host);
    expect(host.done).toEqual(['start black', 'point to black', 'reload']);
    expect(host.progress).toEqual(['black.service starts: http://127.0.0.1:2/health answers 503, 0 of 1 s']);
  });
  test('does not get it where it never is', async () => {
    const host = hostThat(() => answer(0, '', 'curl: (7) Failed to connect'));
    await expect(go(start({ ...black, health: 'http://127.0.0.1:2/health' }), host)).rejects.toMatchObject({
      message:
        'black.service is not healthy after 1 s: http://127.0.0.1:2/health gives no answer: curl: (7) Failed to connect',
      hint: 'The pointer has not moved, and black.service is stopped again: journalctl -u black.service',
    });
    expect(host.done).toEqual(['start black', 'stop black']);
  });
  test('does not get it where a command says no, or nobody listens', async () => {
    const failing = hostThat((label) => (label.startsWith('run') ? { code: 3, stderr: 'not yet' } : undefined));
    await expect(go(start({ ...black, health: ['check', 'it'] }), failing)).rejects.toThrow(
      'not healthy after 1 s: "check it" ends with 3: not yet',
    );
    const silent = hostThat(() => doing(0, { listens: 0 }));
    await expect(go(start(), silent)).rejects.toThrow('black.service does not listen on port 2');
  });
  test('does not get it where it does not even start', async () => {
    const host = hostThat((label) => (label === 'start black' ? { code: 1 } : undefined));
    await expect(go(start(), host)).rejects.toThrow('Could not start black');
    expect(host.done).toEqual(['start black', 'stop black']);
  });
  test('loses it where clients get no answer, once it has done what it got', async () => {
    const host = hostThat((label) =>
      label.startsWith('look') ? doing(0) : label.startsWith('ask') ? answer(502) : '',
    );
    await expect(go(start(), host, { front: 'http://127.0.0.1/health', drainTimeout: 60 })).rejects.toMatchObject({
      message: 'The pointer has moved, but http://127.0.0.1/health answers 502',
      hint: 'It was moved back.',
    });
    expect(host.done).toEqual(['start black', 'point to black', 'reload', 'point to red', 'reload', 'stop black']);
  });
  test('loses it where the proxy refuses it', async () => {
    const loads = [1, 0];
    const host = hostThat((label) => (label === 'reload' ? { code: loads.shift() ?? 0 } : doing(0)));
    await expect(go(start(), host, { drainTimeout: 60 })).rejects.toThrow('Could not reload');
    expect(host.done).toEqual(['start black', 'point to black', 'reload', 'point to red', 'reload', 'stop black']);
  });
});
