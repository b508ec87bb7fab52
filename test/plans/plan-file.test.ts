/** Plan files without a host: what is written, what is read back, what is taken for a difference. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { argumentsOf, optionsOf, ownPath, planCommand } from '../../src/cli/commands/plan/plan-options.ts';
import type { TaskEvent } from '../../src/engine/index.ts';
import type { Flags } from '../../src/options/flags.ts';
import {
  PlanGuard,
  PlanKey,
  PlanWriter,
  comparePlans,
  planText,
  readPlan,
  replay,
  type Plan,
} from '../../src/plans/index.ts';
import { masked, type ShownEvent } from '../../src/report/index.ts';
import { Redactor, Secret } from '../../src/secrets/index.ts';
import { recapEvent, taskEvent } from '../report/events.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const folder = temporaryFolder('plans');
const key = keyOf('one', '0123456789abcdef0123');

function keyOf(name: string, text: string): PlanKey {
  const file = join(folder, name);
  writeFileSync(file, text, { mode: 0o600 });
  return PlanKey.read(file);
}

const counts = { ok: 1, changed: 1, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 };

function planOf(tasks: readonly Partial<TaskEvent>[], more: Partial<Plan> = {}, by = key): Plan {
  const writer = new PlanWriter('/srv/project');
  const hosts = [...new Set(['web1', ...tasks.map(({ host = 'web1' }) => host)])];
  const redactor = new Redactor();
  writer.listener({ event: 'play', play: 'site', hosts, check: true });
  for (const task of tasks) writer.listener(masked(taskEvent(task), redactor, by));
  writer.listener(recapEvent({ hosts: Object.fromEntries(hosts.map((host) => [host, counts])), check: true }));
  return {
    format: 'play-plan/1',
    made: '2026-11-29T10:00:00.000Z',
    play: '0.1.0',
    playbook: 'playbooks/site.ts',
    code: null,
    key: by.id,
    options: {},
    hosts: writer.hosts(),
    files: {},
    variables: {},
    ...more,
  };
}

const text = (before: string | null, after: string, secret?: readonly Secret[]): Partial<TaskEvent> => ({
  status: 'changed',
  changes: [
    {
      what: 'content',
      text: {
        path: '/etc/x',
        before: before === null ? null : Buffer.from(before),
        after: Buffer.from(after),
        ...(secret ? { secret } : {}),
      },
    },
  ],
});
const apt = (to: string, from = '1.0'): Partial<TaskEvent> => ({
  task: 'install nginx',
  resource: 'apt',
  status: 'changed',
  changes: [{ what: 'package nginx', from, to }],
});

const moves = (plan: Plan, now: Plan): string[] =>
  comparePlans(plan, now).moves.map(
    (move) => `${move.host} ${move.task ?? ''}: ${move.causes.join(',')}: ${move.text}`,
  );

describe('what is taken for a difference', () => {
  test('the same twice is none', () => {
    const plan = planOf([text('a\n', 'b\n'), apt('1.1')]);
    expect(comparePlans(plan, planOf([text('a\n', 'b\n'), apt('1.1')]))).toEqual({ moves: [], inputs: [] });
  });

  test('tasks that do nothing are not compared', () => {
    expect(moves(planOf([{ task: 'a' }, apt('1.1')]), planOf([{ task: 'b' }, { task: 'c' }, apt('1.1')]))).toEqual([]);
  });

  test('the host: the old side', () => {
    expect(moves(planOf([text('a\n', 'b\n')]), planOf([text('c\n', 'b\n')]))).toEqual([
      'web1 nginx : write config: host: content of /etc/x is not as it was; the plan saw another content',
    ]);
    expect(moves(planOf([apt('1.1')]), planOf([apt('1.1', '0.9')]))).toEqual([
      'web1 nginx : install nginx: host: package nginx is 0.9; the plan saw 1.0',
    ]);
  });

  test('the archive: another version', () => {
    expect(moves(planOf([apt('1.1')]), planOf([apt('1.2')]))).toEqual([
      'web1 nginx : install nginx: archive: package nginx would be 1.2; the plan has 1.1',
    ]);
  });

  test('the new side: by what moved of the project', () => {
    const files = { 'roles/nginx/templates/x.hbs': 'sha256:aa' };
    const now = { 'roles/nginx/templates/x.hbs': 'sha256:bb' };
    expect(moves(planOf([text('a\n', 'b\n')], { files }), planOf([text('a\n', 'c\n')], { files: now }))).toEqual([
      'web1 nginx : write config: template: content of /etc/x would be a different one',
    ]);
    expect(moves(planOf([text('a\n', 'b\n')]), planOf([text('a\n', 'c\n')]))).toEqual([
      'web1 nginx : write config: fact: content of /etc/x would be a different one',
    ]);
  });

  test('hosts that came or went; order; what is new and what is gone', () => {
    const [one, two] = [
      { ...apt('1.1'), task: 'one' },
      { ...apt('1.1'), task: 'two' },
    ];
    expect(moves(planOf([one]), planOf([one, { ...two, host: 'web2' }]))).toEqual([
      'web2 : inventory: it is not in the plan',
    ]);
    expect(moves(planOf([one, { ...two, host: 'web2' }]), planOf([one]))).toEqual([
      'web2 : inventory: it is in the plan, but would be left out now',
    ]);
    expect(comparePlans(planOf([one, { ...two, host: 'web2' }]), planOf([one]), true).moves).toEqual([]);
    expect(moves(planOf([one, two]), planOf([two, one]))).toEqual([
      'web1 nginx : two: code: it comes at a different place',
    ]);
    expect(moves(planOf([one]), planOf([one, two]))).toEqual([
      'web1 nginx : two: host: it would change, but is not in the plan',
    ]);
    expect(moves(planOf([one, two]), planOf([one]))).toEqual(['web1 nginx : two: host: there is no such task']);
  });

  test('what was open is not taken for what is certain', () => {
    expect(moves(planOf([{ ...apt('1.1'), may: 'who knows' }]), planOf([apt('1.1')]))).toEqual([
      'web1 nginx : install nginx: host: it would change; the plan says it may change something',
    ]);
  });
});

test('a file that somebody made meanwhile is a matter of the host alone', () => {
  const made = (before: string | null): Plan => {
    const one = text(before, 'b\n');
    const changes = (one.changes ?? []).map((change) => ({
      ...change,
      ...(before === null ? { to: 'new file' } : {}),
    }));
    return planOf([{ ...one, changes }]);
  };
  expect(moves(made(null), made('a\n'))).toEqual([
    'web1 nginx : write config: host: content of /etc/x is not as it was; the plan saw none',
  ]);
});

describe('what a task was told', () => {
  const told = (options: Record<string, unknown>, more: Partial<TaskEvent> = {}): Partial<TaskEvent> => ({
    role: null,
    task: 'stop it',
    resource: 'systemd',
    status: 'changed',
    changes: [{ what: 'state', from: 'active', to: 'stopped' }],
    work: { listed: { key: 'play\0stop it\x000', task: {}, inherited: {} } as never, options },
    ...more,
  });

  test('changes that look alike are not the same where they are of something else', () => {
    const plan = planOf([told({ name: 'cron', state: 'stopped' })]);
    expect(moves(plan, planOf([told({ state: 'stopped', name: 'cron' })]))).toEqual([]);
    expect(moves(plan, planOf([told({ name: 'ssh', state: 'stopped' })]))).toEqual([
      'web1 stop it: fact: option name is "ssh"; the plan has "cron"',
    ]);
    expect(moves(plan, planOf([told({ name: 'cron', state: 'stopped', scope: 'user' })]))).toEqual([
      'web1 stop it: fact: option scope is "user"; the plan has none',
    ]);
    const event = masked(taskEvent(told({ name: 'ssh', state: 'stopped' })), new Redactor(), key) as never;
    const guard = new PlanGuard(plan, '/srv/project');
    guard.listener({ event: 'play', play: 'site', hosts: ['web1'], check: false });
    expect(guard.refuse(event)).toBe('option name is "ssh"; the plan has "cron"');
  });

  test('long texts are digests, paths of the project relative, secrets neither shown nor lost', () => {
    const secret = new Secret('marker-cc03');
    const texts = [secret, new Secret('marker-dd04')].map((one) => one.expose());
    expect(texts).toHaveLength(2);
    const planWith = (options: Record<string, unknown>): Plan => {
      const writer = new PlanWriter('/srv/project');
      writer.listener({ event: 'play', play: 'site', hosts: ['web1'], check: true });
      writer.listener(masked(taskEvent(told(options)), new Redactor(), key));
      writer.listener(recapEvent({ hosts: { web1: counts }, check: true }));
      return planOf([], { hosts: writer.hosts() });
    };
    const options = { src: '/srv/project/files/x', body: 'a\nb\n', token: secret, header: 'X: marker-cc03' };
    const plan = planWith(options);
    expect(plan.hosts['web1']?.plays[0]?.tasks[0]?.options).toEqual({
      src: 'files/x',
      body: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
      token: '********',
      header: 'X: ********',
    });
    expect(moves(plan, planWith({ ...options, body: 'a\nc\n' }))).toEqual([
      'web1 stop it: fact: option body has a different value',
    ]);
    expect(moves(plan, planWith({ ...options, token: new Secret('x-other-one') }))).toEqual([
      'web1 stop it: secret: a secret it uses is a different one',
    ]);
    expect(moves(plan, planWith({ ...options, header: 'X: marker-dd04' }))).toEqual([
      'web1 stop it: secret: a secret it uses is a different one',
    ]);
  });

  test('another content is told once', () => {
    const written = (body: string): Plan =>
      planOf([{ ...told({ body: `${body}\n`, force: true }), ...text('a\n', body) }]);
    expect(moves(written('b'), written('c'))).toEqual([
      'web1 stop it: fact: content of /etc/x would be a different one',
    ]);
  });

  test('noLog hides it, and it is compared all the same', () => {
    const hidden = (name: string): Plan => planOf([told({ name }, { hidden: true })]);
    expect(planText(hidden('cron'))).not.toContain('cron');
    expect(moves(hidden('cron'), hidden('ssh'))).toEqual(['web1 stop it: secret: a secret it uses is a different one']);
  });
});

describe('secrets', () => {
  const planned = (word: string): Plan => {
    const secret = new Secret(word);
    return planOf([
      text(`password = old-${word}\n`, `password = ${word}\n`, [secret]),
      { ...apt('1.1'), hidden: true },
    ]);
  };

  test('are in no plan, nor a digest that could be tried; another one is noticed', () => {
    const plan = planned('marker-aa01');
    expect(planText(plan)).not.toMatch(/marker|sha256/);
    expect(moves(plan, planned('marker-aa01'))).toEqual([]);
    expect(moves(plan, planned('marker-bb02'))).toContain(
      'web1 nginx : write config: secret: a secret in /etc/x is a different one',
    );
  });

  test('what noLog hides is compared all the same', () => {
    const hidden = (to: string): Plan => planOf([{ ...apt(to), hidden: true }]);
    expect(planText(hidden('1.1'))).not.toContain('1.1');
    expect(moves(hidden('1.1'), hidden('1.2'))).toEqual([
      'web1 nginx : install nginx: secret: a secret it uses is a different one',
    ]);
  });

  test('a binary or rewritten file with one in it shows no digest of itself', () => {
    const secret = new Secret('marker-cc03');
    const plan = planOf([text('\0a', `\0${secret.expose()}`), text('a\n', `${'x\n'.repeat(600_000)}marker-cc03\n`)]);
    expect(planText(plan)).not.toMatch(/marker|sha256 /);
    expect(planText(plan)).toContain('with a secret');
  });

  test('another key tells nothing', () => {
    const plan = planOf([text('a\n', 'x marker-dd04\n', [new Secret('marker-dd04')])]);
    const other = planOf([text('a\n', 'x marker-dd04\n')], {}, keyOf('two', 'another-key-0123456789'));
    expect(plan.key).not.toBe(other.key);
    expect(moves(plan, other)).not.toEqual([]);
  });

  test('a key that others may read, or a short one, is refused; ones own is made once', () => {
    expect(() => keyOf('short', 'abc')).toThrow('too short');
    chmodSync(join(folder, 'one'), 0o644);
    expect(() => PlanKey.read(join(folder, 'one'))).toThrow('is readable by others');
    expect(PlanKey.own(join(folder, 'state/plan-key')).id).toBe(PlanKey.own(join(folder, 'state/plan-key')).id);
  });
});

describe('a plan file', () => {
  const read = (content: string | Buffer): Plan => {
    const file = join(folder, 'plan.json');
    writeFileSync(file, content);
    return readPlan(file);
  };

  test('is what was written', () => {
    const plan = planOf([
      text('a\n', 'b\n'),
      { ...apt('1.1'), may: 'who knows', assumed: ['a guess'] },
      { status: 'ok' },
    ]);
    expect(read(planText(plan))).toEqual(plan);
    const events = [...replay(plan)];
    expect(events.map((event) => ('task' in event ? event.task : event.event))).toEqual([
      'play',
      'write config',
      'install nginx',
      'write config',
      'recap',
    ]);
    expect(events.at(-1)).toMatchObject({ hosts: { web1: counts }, assumed: { web1: 1 }, may: { web1: 1 }, exit: 0 });
  });

  test('of any other kind is refused in words', () => {
    expect(() => read('{')).toThrow('not JSON');
    expect(() => read('[]')).toThrow('The file is not a plan');
    expect(() => read('{"format":"play-plan/9"}')).toThrow('the format "play-plan/9"');
    expect(() => read(planText({ ...planOf([]), more: 1 } as Plan))).toThrow('The file is not a plan');
    expect(() => read('['.repeat(1_000_000))).toThrow('The file is not a plan');
    expect(() => read(Buffer.from([0xff, 0xfe]))).toThrow('not JSON');
    expect(() => readPlan(join(folder, 'none.json'))).toThrow('There is no such plan');
    expect(() => readPlan('/dev/zero')).toThrow('more than 128 MiB');
  });
});

describe('a run that is held to a plan', () => {
  const guard = (plan: Plan): PlanGuard => {
    const made = new PlanGuard(plan, '/srv/project');
    made.listener({ event: 'play', play: 'site', hosts: ['web1'], check: false });
    return made;
  };
  const refused = (plan: Plan, task: Partial<TaskEvent>): string | undefined => {
    const event: ShownEvent = masked(taskEvent(task), new Redactor(), key);
    return event.event === 'task' ? guard(plan).refuse(event) : undefined;
  };

  test('lets pass what the plan says, and what is right already', () => {
    expect(refused(planOf([apt('1.1')]), apt('1.1'))).toBeUndefined();
    expect(refused(planOf([apt('1.1')]), { task: 'install nginx' })).toBeUndefined();
  });

  test('refuses what it does not say', () => {
    expect(refused(planOf([apt('1.1')]), apt('1.2'))).toBe('package nginx would be 1.2; the plan has 1.1');
    expect(refused(planOf([{ task: 'install nginx' }]), apt('1.1'))).toBe('the plan does not have it');
    expect(refused(planOf([]), { ...apt('1.1'), host: 'toString' })).toBe('the plan does not have it');
  });

  test('lets what was open come to anything, and what was assumed begin otherwise', () => {
    expect(refused(planOf([{ ...apt('1.1'), may: 'who knows' }]), apt('9'))).toBeUndefined();
    expect(refused(planOf([{ ...apt('1.1'), assumed: ['a guess'] }]), apt('1.1', '0.9'))).toBeUndefined();
    expect(refused(planOf([apt('1.1')]), apt('1.1', '0.9'))).toBe('package nginx is 0.9; the plan saw 1.0');
  });
});

describe('the options of a plan', () => {
  const nothing = { inventory: false, limit: false, extraVars: false };
  const project = '/srv/project';

  test('derive it again', () => {
    const flags = {
      inventory: [join(project, 'inventory/prod')],
      tags: ['web'],
      skipTags: [],
      extraVars: ['version=1.2 db_password=marker-ee05', `@${join(project, 'vars.yml')}`],
      become: true,
      forceHandlers: false,
      sandbox: false,
      user: 'root',
    } as unknown as Flags;
    const given = new Set(['inventory', 'tags', 'extraVars', 'become', 'user']);
    const options = optionsOf({ flags, given, limit: 'web', project, redactor: new Redactor() });
    expect(options).toEqual({
      inventory: ['inventory/prod'],
      limit: 'web',
      tags: ['web'],
      extraVars: ['version=1.2 db_password=********', '@vars.yml'],
      become: true,
      others: ['--user'],
    });
    expect(argumentsOf({ ...options, extraVars: ['version=1.2', '@vars.yml'] }, project, nothing)).toEqual([
      '--inventory=/srv/project/inventory/prod',
      '--limit=web',
      '--tags=web',
      '--extra-vars=version=1.2',
      '--extra-vars=@/srv/project/vars.yml',
      '--become',
    ]);
    expect(() => argumentsOf(options, project, nothing)).toThrow('there are secrets in it');
    expect(argumentsOf(options, project, { inventory: true, limit: true, extraVars: true })).toEqual([
      '--tags=web',
      '--extra-vars=@/srv/project/vars.yml',
      '--become',
    ]);
  });

  test.each([
    [{ inventory: ['/bin/sh'] }, 'it is outside the project'],
    [{ inventory: ['../other'] }, 'it is outside the project'],
    [{ inventory: ['evil.example.org,'] }, 'it is outside the project'],
    [{ limit: 'web:@/etc/passwd' }, 'it names a file'],
    [{ extraVars: ['@/etc/passwd'] }, 'it is outside the project'],
    [{ extraVars: ['a=b ansible_host=evil'] }, 'ansible_host says how hosts are reached'],
    [{ extraVars: ['{"ansible\\u005fssh_common_args": "-o ProxyCommand=evil"}'] }, 'ansible_ssh_common_args says how'],
  ])('are not taken from it where they lead elsewhere: %j', (options, why) => {
    expect(() => argumentsOf(options, project, nothing)).toThrow(why);
  });

  test('nor is a playbook of elsewhere', () => {
    expect(() => ownPath('../evil.ts', project, 'The playbook')).toThrow('it is outside the project');
    expect(() => ownPath('/tmp/evil.ts', project, 'The playbook')).toThrow('it is outside the project');
  });
});

test('the command for a new plan means the same hosts and options, and can be pasted', () => {
  const plan = planOf([], {
    playbook: 'my plays/site.ts',
    options: { limit: 'web:!web 1', tags: ['a'], extraVars: ['x=1 y=2'], sandbox: 'pristine', become: true },
  });
  expect(planCommand(plan, 'plans/plan one.json')).toBe(
    "play 'my plays/site.ts' -l 'web:!web 1' -t a -e 'x=1 y=2' -b --sandbox=pristine -C --out 'plans/plan one.json'",
  );
  const patch = planOf([], { playbook: 'patch', options: { limit: '~web', patch: { security: true } } });
  expect(planCommand(patch, 'p.json')).toBe("play patch --security -l '~web' -C --out p.json");
});
