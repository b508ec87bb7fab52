import { block, handler, topic } from '../../../src/playbook/index.ts';
import { flushHandlers } from '../../../src/resources/index.ts';
import type { ParityCase } from '../case.ts';
import { mark } from '../mark.ts';
import { marking, play, plays } from './write.ts';

export const handlerCases: readonly ParityCase[] = [
  {
    name: 'handlers run in the order of their list, not of notification, and once',
    ansible: plays(`
tasks:
  - {name: a, mark: {}, notify: [second, first]}
  - {name: b, mark: {}, notify: second}
  - {name: c, mark: {ok: true}, notify: third}
handlers:
  - {name: first, mark: {}}
  - {name: second, mark: {}}
  - {name: third, mark: {}}`),
    play: () => {
      const [first, second, third] = [marking('first'), marking('second'), marking('third')];
      return play(() => [
        mark('a', {}, { notify: [second, first] }),
        mark('b', {}, { notify: second }),
        mark('c', { ok: true }, { notify: third }),
      ]);
    },
  },
  {
    name: 'a handler notifies a later one',
    ansible: plays(`
tasks:
  - {name: a, mark: {}, notify: first}
handlers:
  - {name: first, mark: {}, notify: second}
  - {name: second, mark: {}}`),
    play: () => {
      const first = handler('first', () => mark('first', {}, { notify: second }));
      const second = marking('second');
      return play(() => [mark('a', {}, { notify: first })]);
    },
  },
  {
    name: 'a handler notifies an earlier one',
    ansible: plays(`
tasks:
  - {name: a, mark: {}, notify: second}
handlers:
  - {name: first, mark: {}}
  - {name: second, mark: {}, notify: first}`),
    play: () => {
      const first = marking('first');
      const second = handler('second', () => mark('second', {}, { notify: first }));
      return play(() => [mark('a', {}, { notify: second })]);
    },
  },
  {
    name: 'a topic notifies its handlers',
    ansible: plays(`
tasks:
  - {name: a, mark: {}, notify: web changed}
handlers:
  - {name: first, mark: {}, listen: web changed}
  - {name: second, mark: {}}
  - {name: third, mark: {}, listen: web changed}`),
    play: () => {
      const [first, third] = [marking('first'), marking('third')];
      return play(() => [mark('a', {}, { notify: topic('web changed', [third, first]) })], {});
    },
  },
  {
    name: 'flushing runs what is due, and it may become due again',
    ansible: plays(`
tasks:
  - {name: a, mark: {}, notify: h}
  - meta: flush_handlers
  - {name: b, mark: {}}
  - meta: flush_handlers
  - {name: c, mark: {}, notify: h}
handlers:
  - {name: h, mark: {}}`),
    play: () => {
      const h = marking('h');
      return play(() => [
        mark('a', {}, { notify: h }),
        flushHandlers({}),
        mark('b'),
        flushHandlers({}),
        mark('c', {}, { notify: h }),
      ]);
    },
  },
  {
    name: 'a failed host runs no handlers',
    ansible: plays(`
tasks:
  - {name: a, mark: {}, notify: h}
  - {name: b, mark: {fail: [h1]}}
handlers:
  - {name: h, mark: {}}`),
    play: () => {
      const h = marking('h');
      return play(() => [mark('a', {}, { notify: h }), mark('b', { fail: ['h1'] })]);
    },
  },
  {
    name: '--force-handlers runs them on a failed host too',
    options: { forceHandlers: true },
    ansible: plays(`
tasks:
  - {name: a, mark: {}, notify: h}
  - {name: b, mark: {fail: [h1]}}
  - {name: c, mark: {}}
handlers:
  - {name: h, mark: {}}`),
    play: () => {
      const h = marking('h');
      return play(() => [mark('a', {}, { notify: h }), mark('b', { fail: ['h1'] }), mark('c')]);
    },
  },
  {
    name: '--force-handlers when all hosts failed',
    options: { forceHandlers: true },
    ansible: plays(`
tasks:
  - {name: a, mark: {}, notify: h}
  - {name: b, mark: {fail: true}}
handlers:
  - {name: h, mark: {}}`),
    play: () => {
      const h = marking('h');
      return play(() => [mark('a', {}, { notify: h }), mark('b', { fail: true })]);
    },
  },
  {
    name: '--force-handlers of a play, by keyword',
    ansible: plays(`
force_handlers: true
tasks:
  - {name: a, mark: {}, notify: h}
  - {name: b, mark: {fail: [h1]}}
handlers:
  - {name: h, mark: {}}`),
    play: () => {
      const h = marking('h');
      return play(() => [mark('a', {}, { notify: h }), mark('b', { fail: ['h1'] })], {
        forceHandlers: true,
      });
    },
  },
  {
    name: 'a handler that fails stops those behind it on its host',
    ansible: plays(
      `
tasks:
  - {name: a, mark: {}, notify: [first, second]}
handlers:
  - {name: first, mark: {fail: [h1]}}
  - {name: second, mark: {}}`,
      `
tasks:
  - {name: next, mark: {}}`,
    ),
    play: () => {
      const [first, second] = [marking('first', { fail: ['h1'] }), marking('second')];
      return [play(() => [mark('a', {}, { notify: [first, second] })]), play(() => [mark('next')], { name: 'next' })];
    },
  },
  {
    name: 'a handler that fails under --force-handlers',
    options: { forceHandlers: true },
    ansible: plays(`
tasks:
  - {name: a, mark: {}, notify: [first, second]}
handlers:
  - {name: first, mark: {fail: [h1]}}
  - {name: second, mark: {}}`),
    play: () => {
      const [first, second] = [marking('first', { fail: ['h1'] }), marking('second')];
      return play(() => [mark('a', {}, { notify: [first, second] })]);
    },
  },
  {
    name: 'a handler may ignore its errors, and be skipped',
    ansible: plays(`
tasks:
  - {name: a, mark: {}, notify: [first, second, third]}
handlers:
  - {name: first, mark: {fail: true}, ignore_errors: true}
  - {name: second, mark: {}, when: false}
  - {name: third, mark: {}}`),
    play: () => {
      const first = handler('first', () => mark('first', { fail: true }, { ignoreErrors: true }));
      const second = handler('second', () => mark('second', {}, { when: false }));
      const third = marking('third');
      return play(() => [mark('a', {}, { notify: [first, second, third] })]);
    },
  },
  {
    name: 'what did not change, failed, or failed and was ignored, notifies nobody',
    ansible: plays(`
tasks:
  - {name: a, mark: {}, changed_when: false, notify: first}
  - {name: b, mark: {fail: true}, ignore_errors: true, notify: second}
  - {name: c, mark: {}, when: false, notify: third}
  - {name: d, mark: {ok: true}, changed_when: true, notify: fourth}
handlers:
  - {name: first, mark: {}}
  - {name: second, mark: {}}
  - {name: third, mark: {}}
  - {name: fourth, mark: {}}`),
    play: () => {
      const all = ['first', 'second', 'third', 'fourth'].map((name) => marking(name));
      const [first = [], second = [], third = [], fourth = []] = all;
      return play(() => [
        mark('a', {}, { changedWhen: false, notify: first }),
        mark('b', { fail: true }, { ignoreErrors: true, notify: second }),
        mark('c', {}, { when: false, notify: third }),
        mark('d', { ok: true }, { changedWhen: true, notify: fourth }),
      ]);
    },
  },
  {
    name: 'a notification inside a block that is rescued stays',
    ansible: plays(`
tasks:
  - block:
      - {name: a, mark: {}, notify: h}
      - {name: b, mark: {fail: true}, notify: never}
    rescue:
      - {name: r, mark: {}}
handlers:
  - {name: h, mark: {}}
  - {name: never, mark: {}}`),
    play: () => {
      const [h, never] = [marking('h'), marking('never')];
      return play(() => [
        block([mark('a', {}, { notify: h }), mark('b', { fail: true }, { notify: never })], { rescue: [mark('r')] }),
      ]);
    },
  },
  {
    name: 'handlers flushed inside a block; one fails, and is rescued',
    ansible: plays(`
tasks:
  - block:
      - {name: a, mark: {}, notify: [first, second]}
      - meta: flush_handlers
      - {name: b, mark: {}}
    rescue:
      - {name: r, mark: {}}
  - {name: end, mark: {}}
handlers:
  - {name: first, mark: {fail: [h1]}}
  - {name: second, mark: {}}`),
    play: () => {
      const [first, second] = [marking('first', { fail: ['h1'] }), marking('second')];
      return play(() => [
        block([mark('a', {}, { notify: [first, second] }), flushHandlers({}), mark('b')], { rescue: [mark('r')] }),
        mark('end'),
      ]);
    },
    differs: {
      by: 'rescued-handler',
      play: { exit: 0, recap: { h1: 'ok=4 changed=4 rescued=1', h2: 'ok=5 changed=5', h3: 'ok=5 changed=5' } },
    },
  },
  {
    name: 'handlers of a play run before those of the next play, also when the names are the same',
    ansible: plays(
      `
tasks:
  - {name: a, mark: {}, notify: h}
handlers:
  - {name: h, mark: {say: h of one}}`,
      `
tasks:
  - {name: b, mark: {}, notify: h}
handlers:
  - {name: h, mark: {say: h of two}}`,
    ),
    play: () => {
      const one = handler('h', () => mark('h', { say: 'h of one' }));
      const two = handler('h', () => mark('h', { say: 'h of two' }));
      return [
        play(() => [mark('a', {}, { notify: one })], { name: 'one' }),
        play(() => [mark('b', {}, { notify: two })], { name: 'two' }),
      ];
    },
  },
  {
    name: 'handlers run whatever the tags',
    options: { tags: 'x' },
    ansible: plays(`
tasks:
  - {name: a, mark: {}, notify: h, tags: x}
  - {name: b, mark: {}, notify: g, tags: y}
handlers:
  - {name: h, mark: {}, tags: y}
  - {name: g, mark: {}}`),
    play: () => {
      const h = handler('h', () => mark('h', {}, { tags: 'y' }));
      const g = marking('g');
      return play(() => [mark('a', {}, { notify: h, tags: 'x' }), mark('b', {}, { notify: g, tags: 'y' })], {});
    },
  },
  {
    name: 'a host that is lost while handlers run loses the rest of them',
    ansible: plays(`
tasks:
  - {name: a, mark: {}, notify: [first, second]}
handlers:
  - {name: first, mark: {down: [h2]}}
  - {name: second, mark: {}}`),
    play: () => {
      const [first, second] = [marking('first', { down: ['h2'] }), marking('second')];
      return play(() => [mark('a', {}, { notify: [first, second] })]);
    },
    unforeseen: 'a lost connection',
  },
];
