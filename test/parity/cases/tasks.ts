import { block } from '../../../src/playbook/index.ts';
import type { ParityCase } from '../case.ts';
import { mark } from '../mark.ts';
import { marking, play, plays, saying, title } from './write.ts';

export const taskCases: readonly ParityCase[] = [
  {
    name: 'ignore_errors',
    ansible: plays(`
tasks:
  - {name: a, mark: {fail: [h1]}, ignore_errors: true}
  - {name: b, mark: {}}`),
    play: () => play(() => [mark('a', { fail: ['h1'] }, { ignoreErrors: true }), mark('b')]),
  },
  {
    name: 'failed_when and changed_when',
    ansible: plays(`
tasks:
  - {name: a, mark: {}, failed_when: inventory_hostname == 'h1'}
  - {name: b, mark: {fail: true}, failed_when: false}
  - {name: c, mark: {}, changed_when: false}
  - {name: d, mark: {ok: true}, changed_when: inventory_hostname == 'h2'}
  - {name: e, mark: {}, register: e, failed_when: e.said == 'x'}
  - {name: f, mark: {fail: true}, register: f, failed_when: not f.failed}`),
    play: () =>
      play(({ host }) => [
        mark('a', {}, { failedWhen: host.name === 'h1' }),
        mark('b', { fail: true }, { failedWhen: false }),
        mark('c', {}, { changedWhen: false }),
        mark('d', { ok: true }, { changedWhen: host.name === 'h2' }),
        mark('e', {}, { failedWhen: ({ result }) => result.said === 'x' }),
        mark('f', { fail: true }, { failedWhen: ({ result }) => !result.failed }),
      ]),
  },
  {
    name: 'a failure judged away is seen by later tasks as none',
    ansible: plays(`
tasks:
  - {name: a, mark: {fail: true}, failed_when: false, register: a}
  - {name: b, mark: {ok: true}, changed_when: false, failed_when: true, ignore_errors: true, register: b}
  - {name: c, mark: {say: "{{ a.failed }} {{ a is changed }} {{ b.failed }} {{ b is changed }}"}}`),
    play: () =>
      play(() => {
        const a = mark('a', { fail: true }, { failedWhen: false });
        const b = mark('b', { ok: true }, { changedWhen: false, failedWhen: true, ignoreErrors: true });
        return [
          a,
          b,
          saying('c', ({ results }) =>
            [results(a).failed, results(a).changed, results(b).failed, results(b).changed].map(title).join(' '),
          ),
        ];
      }),
  },
  {
    name: 'until, retries, delay',
    unforeseen: 'how often it is tried',
    ansible: plays(`
tasks:
  - {name: a, mark: {}, register: a, until: a.tries == 3, retries: 5, delay: 0}
  - {name: b, mark: {say: "{{ a.tries }}"}}
  - {name: c, mark: {fail: true}, register: c, until: c is succeeded, retries: 2, delay: 0, ignore_errors: true}
  - {name: d, mark: {ok: true}, register: d, until: false, retries: 1, delay: 0}
  - {name: e, mark: {}}`),
    play: () =>
      play(() => {
        const a = mark('a', {}, { until: ({ result }) => result.tries === 3, retries: 5, delay: 0 });
        return [
          a,
          saying('b', ({ results }) => String(results(a).tries)),
          mark(
            'c',
            { fail: true },
            { until: ({ result }) => !result.failed, retries: 2, delay: 0, ignoreErrors: true },
          ),
          mark('d', { ok: true }, { until: () => false, retries: 1, delay: 0 }),
          mark('e'),
        ];
      }),
  },
  {
    name: 'until of a failure that holds at once',
    ansible: plays(`
tasks:
  - {name: a, mark: {fail: true}, register: a, until: a is failed, retries: 3, delay: 0}`),
    play: () => play(() => [mark('a', { fail: true }, { until: ({ result }) => result.failed, retries: 3, delay: 0 })]),
  },
  {
    name: 'retries without until mean nothing',
    ansible: plays(`
tasks:
  - {name: a, mark: {fail: true}, retries: 2, delay: 0}`),
    play: () => play(() => [mark('a', { fail: true }, { retries: 2, delay: 0 })]),
  },
  {
    name: 'run_once: the first host, its result for all',
    ansible: plays(`
tasks:
  - {name: before, mark: {}}
  - {name: once, mark: {say: "once on {{ inventory_hostname }}"}, run_once: true, register: once}
  - {name: after, mark: {say: "{{ once.said }}"}}`),
    play: () =>
      play(({ host }) => {
        const once = mark('once', { say: `once on ${host.name}` }, { runOnce: true });
        return [mark('before'), once, saying('after', ({ results }) => results(once).said)];
      }),
  },
  {
    name: 'run_once when the first host has failed before',
    ansible: plays(`
tasks:
  - {name: before, mark: {fail: [h1]}}
  - {name: once, mark: {}, run_once: true}
  - {name: after, mark: {}}`),
    play: () => play(() => [mark('before', { fail: ['h1'] }), mark('once', {}, { runOnce: true }), mark('after')]),
  },
  {
    name: 'run_once that fails takes all hosts with it',
    ansible: plays(`
tasks:
  - {name: once, mark: {fail: true}, run_once: true}
  - {name: after, mark: {}}`),
    play: () => play(() => [mark('once', { fail: true }, { runOnce: true }), mark('after')]),
    differs: {
      by: 'run-once-failure-is-told',
      play: {
        exit: 2,
        told: { h1: ['failed once'], h2: ['failed once'], h3: ['failed once'] },
        marks: { h1: ['once'] },
      },
    },
  },
  {
    name: 'run_once whose host is lost over it: nobody runs it again',
    unforeseen: 'a lost connection',
    ansible: plays(`
tasks:
  - {name: once, mark: {down: [h1]}, run_once: true}
  - {name: after, mark: {}}`),
    play: () => play(() => [mark('once', { down: ['h1'] }, { runOnce: true }), mark('after')]),
    differs: {
      by: 'run-once-failure-is-told',
      play: { exit: 4, told: { h1: ['unreachable'], h2: ['failed once'], h3: ['failed once'] }, marks: {} },
    },
  },
  {
    name: 'run_once when the first host is gone',
    options: { gone: ['h1'] },
    ansible: plays(`
tasks:
  - {name: before, mark: {}}
  - {name: once, mark: {}, run_once: true}
  - {name: after, mark: {}}`),
    play: () => play(() => [mark('before'), mark('once', {}, { runOnce: true }), mark('after')]),
  },
  {
    name: 'run_once inside a block, rescued',
    ansible: plays(`
tasks:
  - block:
      - {name: once, mark: {fail: true}, run_once: true}
    rescue:
      - {name: r, mark: {}}
  - {name: after, mark: {}}`),
    play: () =>
      play(() => [block([mark('once', { fail: true }, { runOnce: true })], { rescue: [mark('r')] }), mark('after')]),
    differs: {
      by: 'run-once-failure-is-told',
      play: {
        exit: 0,
        told: {
          h1: ['failed once', 'changed r', 'changed after'],
          h2: ['failed once', 'changed r', 'changed after'],
          h3: ['failed once', 'changed r', 'changed after'],
        },
      },
    },
  },
  {
    name: 'run_once that fails and is ignored',
    ansible: plays(`
tasks:
  - {name: once, mark: {fail: true}, run_once: true, ignore_errors: true}
  - {name: after, mark: {}}`),
    play: () => play(() => [mark('once', { fail: true }, { runOnce: true, ignoreErrors: true }), mark('after')]),
  },
  {
    name: 'run_once that is skipped on the first host is skipped for all',
    ansible: plays(`
tasks:
  - {name: once, mark: {}, run_once: true, when: inventory_hostname != 'h1'}
  - {name: after, mark: {}}`),
    play: () => play(({ host }) => [mark('once', {}, { runOnce: true, when: host.name !== 'h1' }), mark('after')]),
  },
  {
    name: 'two plays with a run_once task of the same name',
    ansible: plays(
      `
tasks:
  - {name: once, mark: {}, run_once: true}`,
      `
tasks:
  - {name: once, mark: {}, run_once: true}`,
    ),
    play: () => [
      play(() => [mark('once', {}, { runOnce: true })]),
      play(() => [mark('once', {}, { runOnce: true })], { name: 'two' }),
    ],
  },
  {
    name: 'run_once notifies a handler on its host',
    ansible: plays(`
tasks:
  - {name: once, mark: {}, run_once: true, notify: h}
handlers:
  - {name: h, mark: {}}`),
    play: () => {
      const h = marking('h');
      return play(() => [mark('once', {}, { runOnce: true, notify: h })]);
    },
  },
  {
    name: 'delegate_to: result and variables are of the host it is for',
    ansible: plays(`
tasks:
  - {name: a, mark: {say: "for {{ inventory_hostname }}"}, delegate_to: h3, register: a}
  - {name: b, mark: {say: "{{ a.said }}"}}`),
    play: () =>
      play(({ host }) => {
        const a = mark('a', { say: `for ${host.name}` }, { delegateTo: 'h3' });
        return [a, saying('b', ({ results }) => results(a).said)];
      }),
  },
  {
    name: 'a delegated task that fails, and its handler',
    ansible: plays(`
tasks:
  - {name: a, mark: {}, delegate_to: h3, run_once: true, notify: h}
  - {name: b, mark: {fail: [h1]}, delegate_to: h2}
  - {name: c, mark: {}}
handlers:
  - {name: h, mark: {}}`),
    play: () => {
      const h = marking('h');
      return play(() => [
        mark('a', {}, { delegateTo: 'h3', runOnce: true, notify: h }),
        mark('b', { fail: ['h1'] }, { delegateTo: 'h2' }),
        mark('c'),
      ]);
    },
  },
  {
    name: 'delegated to a host that is gone: the host it is for is lost',
    options: { gone: ['h3'] },
    ansible: plays(`
hosts: h1,h2
tasks:
  - {name: a, mark: {}, delegate_to: h3, when: inventory_hostname == 'h1'}
  - {name: b, mark: {}}`),
    play: () =>
      play(({ host }) => [mark('a', {}, { delegateTo: 'h3', when: host.name === 'h1' }), mark('b')], {
        hosts: ['h1', 'h2'],
      }),
  },
  {
    name: 'results of what failed: rc and words of a failure, ignored or not',
    ansible: plays(`
tasks:
  - {name: a, mark: {fail: true}, ignore_errors: true, register: a}
  - {name: b, mark: {say: "{{ a.tries }} {{ a.failed }}"}}
  - {name: c, mark: {fail: true}, register: c, until: c.tries == 2, retries: 3, delay: 0, failed_when: c.tries < 2}
  - {name: d, mark: {say: "{{ c.tries }} {{ c.failed }}"}}
  - {name: e, mark: {}, changed_when: false, register: e, until: e.tries == 2, retries: 3, delay: 0, notify: h}
handlers:
  - {name: h, mark: {}}`),
    unforeseen: 'how often it is tried',
    play: () => {
      const h = marking('h');
      return play(() => {
        const a = mark('a', { fail: true }, { ignoreErrors: true });
        const c = mark(
          'c',
          { fail: true },
          {
            until: ({ result }) => result.tries === 2,
            retries: 3,
            delay: 0,
            failedWhen: ({ result }) => result.tries < 2,
          },
        );
        const e = mark(
          'e',
          {},
          { changedWhen: false, until: ({ result }) => result.tries === 2, retries: 3, delay: 0, notify: h },
        );
        return [
          a,
          saying('b', ({ results }) => `${results(a).tries} ${title(results(a).failed)}`),
          c,
          saying('d', ({ results }) => `${results(c).tries} ${title(results(c).failed)}`),
          e,
        ];
      });
    },
  },
  {
    name: 'when is a list of conditions that must all hold',
    ansible: plays(`
tasks:
  - {name: a, mark: {}, register: a}
  - {name: b, mark: {}, when: [a is changed, inventory_hostname != 'h1']}
  - {name: c, mark: {}, when: false, register: c}
  - {name: d, mark: {say: "{{ c is skipped }} {{ c is changed }}"}}`),
    play: () =>
      play(({ host }) => {
        const a = mark('a');
        const c = mark('c', {}, { when: false });
        return [
          a,
          mark('b', {}, { when: ({ results }) => results(a).changed && host.name !== 'h1' }),
          c,
          saying('d', ({ results }) => `${title(results(c).skipped)} ${title(results(c).changed)}`),
        ];
      }),
  },
  {
    name: '-l and tags',
    options: { limit: 'h1:h3', tags: 'x', skipTags: 'y' },
    ansible: plays(`
tasks:
  - {name: a, mark: {}, tags: x}
  - {name: b, mark: {}, tags: [x, y]}
  - {name: c, mark: {}}
  - {name: d, mark: {}, tags: always}`),
    play: () =>
      play(() => [
        mark('a', {}, { tags: 'x' }),
        mark('b', {}, { tags: ['x', 'y'] }),
        mark('c'),
        mark('d', {}, { tags: 'always' }),
      ]),
  },
  {
    name: '--start-at-task',
    options: { startAtTask: 'c' },
    ansible: plays(
      `
tasks:
  - {name: a, mark: {}}
  - {name: b, mark: {}, tags: always}`,
      `
tasks:
  - {name: b, mark: {}}
  - {name: c, mark: {}, notify: h}
  - {name: d, mark: {}}
  - {name: c, mark: {}}
handlers:
  - {name: h, mark: {}}`,
      `
tasks:
  - {name: e, mark: {}}`,
    ),
    play: () => {
      const h = marking('h');
      return [
        play(() => [mark('a'), mark('b', {}, { tags: 'always' })]),
        play(() => [mark('b'), mark('c', {}, { notify: h }), mark('d'), mark('c')], { name: 'two' }),
        play(() => [mark('e')], { name: 'three' }),
      ];
    },
  },
  {
    name: '--start-at-task inside a block',
    options: { startAtTask: 'b' },
    ansible: plays(`
tasks:
  - {name: x, mark: {}}
  - block:
      - {name: a, mark: {}}
      - {name: b, mark: {fail: [h1]}}
      - {name: c, mark: {}}
    rescue:
      - {name: r, mark: {}}
  - {name: d, mark: {}}`),
    play: () =>
      play(() => [
        mark('x'),
        block([mark('a'), mark('b', { fail: ['h1'] }), mark('c')], { rescue: [mark('r')] }),
        mark('d'),
      ]),
  },
];
