import { block } from '../../../src/playbook/index.ts';
import type { ParityCase } from '../case.ts';
import { mark } from '../mark.ts';
import { play, plays } from './write.ts';

export const failureCases: readonly ParityCase[] = [
  {
    name: 'nothing to do',
    ansible: plays(`tasks: [{name: a, mark: {ok: true}}]`),
    play: () => play([], { tasks: () => [mark('a', { ok: true })] }),
  },
  {
    name: 'a failed host is out of the play and of later ones',
    ansible: plays(
      `
tasks:
  - {name: a, mark: {fail: [h1]}}
  - {name: b, mark: {}}`,
      `
tasks:
  - {name: c, mark: {}}`,
    ),
    play: () => [play(() => [mark('a', { fail: ['h1'] }), mark('b')]), play(() => [mark('c')], { name: 'two' })],
  },
  {
    name: 'all hosts lost ends the run',
    ansible: plays(
      `
hosts: h1,h2
tasks:
  - {name: a, mark: {fail: true}}`,
      `
hosts: h3
tasks:
  - {name: c, mark: {}}`,
    ),
    play: () => [
      play(() => [mark('a', { fail: true })], { hosts: ['h1', 'h2'] }),
      play(() => [mark('c')], { hosts: 'h3' }),
    ],
  },
  {
    name: 'a play whose hosts are all out already is passed over',
    ansible: plays(
      `
tasks:
  - {name: a, mark: {fail: [h1, h2]}}`,
      `
hosts: h1,h2
tasks:
  - {name: b, mark: {}}`,
      `
tasks:
  - {name: c, mark: {}}`,
    ),
    play: () => [
      play(() => [mark('a', { fail: ['h1', 'h2'] })]),
      play(() => [mark('b')], { hosts: ['h1', 'h2'] }),
      play(() => [mark('c')], { name: 'three' }),
    ],
  },
  {
    name: 'a play for nobody is passed over',
    options: { limit: 'h1' },
    ansible: plays(
      `
hosts: h2
tasks:
  - {name: a, mark: {}}`,
      `
tasks:
  - {name: b, mark: {}}`,
    ),
    play: () => [play(() => [mark('a')], { hosts: 'h2' }), play(() => [mark('b')])],
  },
  {
    name: 'a host that cannot be reached is out of the run, and the others go on',
    options: { gone: ['h2'] },
    ansible: plays(
      `
tasks:
  - {name: a, mark: {}}`,
      `
tasks:
  - {name: b, mark: {}}`,
    ),
    play: () => [play(() => [mark('a')]), play(() => [mark('b')], { name: 'two' })],
  },
  {
    name: 'unreachable beside failed',
    options: { gone: ['h2'] },
    ansible: plays(`
tasks:
  - {name: a, mark: {fail: [h1]}}`),
    play: () => play(() => [mark('a', { fail: ['h1'] })]),
  },
  {
    name: 'no host can be reached',
    options: { gone: ['h1', 'h2', 'h3'] },
    ansible: plays(
      `
tasks:
  - {name: a, mark: {}}`,
      `
tasks:
  - {name: b, mark: {}}`,
    ),
    play: () => [play(() => [mark('a')]), play(() => [mark('b')], { name: 'two' })],
  },
  {
    name: 'a host lost in the middle is out of later plays',
    ansible: plays(
      `
tasks:
  - {name: a, mark: {}}
  - {name: b, mark: {down: [h2]}}
  - {name: c, mark: {}}`,
      `
tasks:
  - {name: d, mark: {}}`,
    ),
    play: () => [
      play(() => [mark('a'), mark('b', { down: ['h2'] }), mark('c')]),
      play(() => [mark('d')], { name: 'two' }),
    ],
    differs: {
      by: 'lost-in-flight',
      play: {
        exit: 4,
        told: { h1: ['changed a', 'changed b', 'changed c', 'changed d'], h2: ['unreachable'] },
        marks: { h2: ['a'] },
      },
    },
    unforeseen: 'a lost connection',
  },
  {
    name: 'a lost connection is not rescued, nor ignored by ignore_errors',
    ansible: plays(`
tasks:
  - block:
      - {name: a, mark: {down: [h1]}}
    rescue:
      - {name: r, mark: {}}
    always:
      - {name: z, mark: {}}
  - {name: b, mark: {down: [h2]}, ignore_errors: true}
  - {name: c, mark: {}}`),
    play: () =>
      play(() => [
        block([mark('a', { down: ['h1'] })], { rescue: [mark('r')], always: [mark('z')] }),
        mark('b', { down: ['h2'] }, { ignoreErrors: true }),
        mark('c'),
      ]),
    differs: {
      by: 'always-is-always',
      play: {
        exit: 4,
        told: { h1: ['changed z', 'unreachable'], h2: ['changed a', 'changed z', 'unreachable'] },
        marks: { h1: ['z'], h2: ['a', 'z'] },
      },
    },
    unforeseen: 'a lost connection',
  },
  {
    name: 'ignore_unreachable goes on with the next task',
    ansible: plays(`
tasks:
  - {name: a, mark: {}}
  - {name: b, mark: {down: [h2]}, ignore_unreachable: true}
  - {name: c, mark: {}}`),
    play: () => play(() => [mark('a'), mark('b', { down: ['h2'] }, { ignoreUnreachable: true }), mark('c')]),
    unforeseen: 'a lost connection',
  },
  {
    name: 'ignore_unreachable of a play, with a host that is gone',
    options: { gone: ['h2'] },
    ansible: plays(
      `
ignore_unreachable: true
tasks:
  - {name: a, mark: {}}
  - {name: b, mark: {}}`,
      `
tasks:
  - {name: c, mark: {}}`,
    ),
    play: () => [
      play(() => [mark('a'), mark('b')], { ignoreUnreachable: true }),
      play(() => [mark('c')], { name: 'two' }),
    ],
  },
  {
    name: 'ignore_unreachable of the first task, with a host that is gone',
    options: { gone: ['h2'] },
    ansible: plays(`
tasks:
  - {name: a, mark: {}, ignore_unreachable: true}
  - {name: b, mark: {}}
  - {name: c, mark: {}}`),
    play: () => play(() => [mark('a', {}, { ignoreUnreachable: true }), mark('b'), mark('c')]),
  },
  {
    name: 'ignore_errors of a play',
    ansible: plays(`
ignore_errors: true
tasks:
  - {name: a, mark: {fail: [h1]}}
  - {name: b, mark: {}}`),
    play: () => play(() => [mark('a', { fail: ['h1'] }), mark('b')], { ignoreErrors: true }),
  },
  {
    name: 'any_errors_fatal ends the play on every host, and the run',
    ansible: plays(
      `
any_errors_fatal: true
tasks:
  - {name: a, mark: {fail: [h1]}}
  - {name: b, mark: {}}`,
      `
tasks:
  - {name: c, mark: {}}`,
    ),
    play: () => [
      play(() => [mark('a', { fail: ['h1'] }), mark('b')], { anyErrorsFatal: true }),
      play(() => [mark('c')], { name: 'two' }),
    ],
    differs: { by: 'hosts-run-independently', play: { exit: 2, told: { h1: ['failed a'] } } },
    unforeseen: 'how far the other hosts get',
  },
  {
    name: 'any_errors_fatal with serial: the next batch does not begin',
    ansible: plays(`
any_errors_fatal: true
serial: 1
tasks:
  - {name: a, mark: {fail: [h2]}}
  - {name: b, mark: {}}`),
    play: () => play(() => [mark('a', { fail: ['h2'] }), mark('b')], { anyErrorsFatal: true, serial: 1 }),
  },
  {
    name: 'max_fail_percentage that is not exceeded',
    ansible: plays(
      `
max_fail_percentage: 34
tasks:
  - {name: a, mark: {fail: [h1]}}
  - {name: b, mark: {}}`,
      `
tasks:
  - {name: c, mark: {}}`,
    ),
    play: () => [
      play(() => [mark('a', { fail: ['h1'] }), mark('b')], { maxFailPercentage: 34 }),
      play(() => [mark('c')], { name: 'two' }),
    ],
  },
  {
    name: 'max_fail_percentage that is exceeded in the last task ends the run',
    ansible: plays(
      `
max_fail_percentage: 30
tasks:
  - {name: a, mark: {fail: [h1]}}`,
      `
tasks:
  - {name: c, mark: {}}`,
    ),
    play: () => [
      play(() => [mark('a', { fail: ['h1'] })], { maxFailPercentage: 30 }),
      play(() => [mark('c')], { name: 'two' }),
    ],
    differs: { by: 'hosts-run-independently', play: { exit: 2, told: { h1: ['failed a'] } } },
    unforeseen: 'how far the other hosts get',
  },
  {
    name: 'max_fail_percentage 100 where a whole batch failed',
    ansible: plays(`
max_fail_percentage: 100
serial: 1
tasks:
  - {name: a, mark: {fail: [h1]}}`),
    play: () => play(() => [mark('a', { fail: ['h1'] })], { maxFailPercentage: 100, serial: 1 }),
    differs: {
      by: 'all-may-fail',
      play: { exit: 2, told: { h1: ['failed a'], h2: ['changed a'], h3: ['changed a'] } },
    },
  },
  {
    name: 'max_fail_percentage 0 with serial',
    ansible: plays(`
max_fail_percentage: 0
serial: 2
tasks:
  - {name: a, mark: {fail: [h1]}}`),
    play: () => play(() => [mark('a', { fail: ['h1'] })], { maxFailPercentage: 0, serial: 2 }),
    differs: { by: 'hosts-run-independently', play: { exit: 2, told: { h1: ['failed a'] } } },
    unforeseen: 'how far the other host of the batch gets',
  },
  {
    name: 'max_fail_percentage of exactly what failed is not exceeded',
    options: { hosts: ['h1', 'h2', 'h3', 'h4'] },
    ansible: plays(`
max_fail_percentage: 50
serial: 2
tasks:
  - {name: a, mark: {fail: [h1]}}`),
    play: () => play(() => [mark('a', { fail: ['h1'] })], { maxFailPercentage: 50, serial: 2 }),
  },
];
