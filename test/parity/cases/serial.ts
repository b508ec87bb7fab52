import type { ParityCase } from '../case.ts';
import { mark } from '../mark.ts';
import { marking, play, plays } from './write.ts';

const seven = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'h7'];
const twoTasks = 'tasks:\n  - {name: a, mark: {}}\n  - {name: b, mark: {}}';

function sizes(name: string, yaml: string, serial: number | string | readonly (number | string)[]): ParityCase {
  return {
    name: `serial: ${name}`,
    options: { hosts: seven },
    ansible: plays(`serial: ${yaml}\n${twoTasks}`),
    play: () => play(() => [mark('a'), mark('b')], { serial }),
  };
}

export const serialCases: readonly ParityCase[] = [
  sizes('a number', '3', 3),
  sizes('a percentage', '"30%"', '30%'),
  sizes('a small percentage is one host', '"1%"', '1%'),
  sizes('a list whose last repeats', '[1, "30%", 3]', [1, '30%', 3]),
  sizes('more than there are', '10', 10),
  sizes('a number as text', '"4"', '4'),
  {
    name: 'handlers run per batch',
    ansible: plays(`
serial: 2
tasks:
  - {name: a, mark: {}, notify: h}
handlers:
  - {name: h, mark: {}}`),
    play: () => {
      const h = marking('h');
      return play(() => [mark('a', {}, { notify: h })], { serial: 2 });
    },
  },
  {
    name: 'a batch that failed whole ends the run',
    ansible: plays(
      `
serial: 1
tasks:
  - {name: a, mark: {fail: [h2]}}`,
      `
tasks:
  - {name: b, mark: {}}`,
    ),
    play: () => [play(() => [mark('a', { fail: ['h2'] })], { serial: 1 }), play(() => [mark('b')], { name: 'two' })],
  },
  {
    name: 'a batch that failed partly',
    ansible: plays(
      `
serial: 2
tasks:
  - {name: a, mark: {fail: [h1]}}`,
      `
tasks:
  - {name: b, mark: {}}`,
    ),
    play: () => [play(() => [mark('a', { fail: ['h1'] })], { serial: 2 }), play(() => [mark('b')], { name: 'two' })],
    differs: {
      by: 'partly-failed-batch',
      play: { told: { h1: ['failed a'], h2: ['changed a'] }, recap: { h1: 'failed=1', h2: 'ok=1 changed=1' }, exit: 2 },
    },
  },
  {
    name: 'a batch that failed partly, where that is allowed',
    ansible: plays(
      `
serial: 2
max_fail_percentage: 99
tasks:
  - {name: a, mark: {fail: [h1]}}`,
      `
tasks:
  - {name: b, mark: {}}`,
    ),
    play: () => [
      play(() => [mark('a', { fail: ['h1'] })], { serial: 2, maxFailPercentage: 99 }),
      play(() => [mark('b')], { name: 'two' }),
    ],
  },
  {
    name: 'a batch of which one host is gone',
    options: { gone: ['h1'] },
    ansible: plays(`
serial: 1
tasks:
  - {name: a, mark: {}}`),
    play: () => play(() => [mark('a')], { serial: 1 }),
  },
  {
    name: 'the hosts of a later play in batches are those that are left',
    ansible: plays(
      `
tasks:
  - {name: a, mark: {fail: [h1]}}`,
      `
serial: 1
tasks:
  - {name: b, mark: {}}`,
    ),
    play: () => [play(() => [mark('a', { fail: ['h1'] })]), play(() => [mark('b')], { serial: 1, name: 'two' })],
  },
  {
    name: 'a percentage is of all hosts of the play, also of those that are out',
    options: { hosts: seven },
    ansible: plays(
      `
tasks:
  - {name: a, mark: {fail: [h1, h2, h3, h4]}}`,
      `
serial: "30%"
tasks:
  - {name: b, mark: {}}`,
    ),
    play: () => [
      play(() => [mark('a', { fail: ['h1', 'h2', 'h3', 'h4'] })]),
      play(() => [mark('b')], { serial: '30%', name: 'two' }),
    ],
  },
  {
    name: 'run_once in batches',
    ansible: plays(`
serial: 1
tasks:
  - {name: once, mark: {}, run_once: true}
  - {name: b, mark: {}}`),
    play: () => play(() => [mark('once', {}, { runOnce: true }), mark('b')], { serial: 1 }),
    differs: {
      by: 'run-once-is-once',
      play: { told: { h1: ['changed once', 'changed b'], h2: ['changed b'], h3: ['changed b'] } },
    },
  },
];
