import { block } from '../../../src/playbook/index.ts';
import type { ParityCase } from '../case.ts';
import { mark } from '../mark.ts';
import { marking, play, plays, saying, title } from './write.ts';

export const blockCases: readonly ParityCase[] = [
  {
    name: 'rescue and always',
    ansible: plays(
      `
tasks:
  - block:
      - {name: a, mark: {}}
      - {name: b, mark: {fail: [h1]}}
      - {name: c, mark: {}}
    rescue:
      - {name: r, mark: {}}
    always:
      - {name: z, mark: {}}
  - {name: end, mark: {}}`,
      `
tasks:
  - {name: next, mark: {}}`,
    ),
    play: () => [
      play(() => [
        block([mark('a'), mark('b', { fail: ['h1'] }), mark('c')], { rescue: [mark('r')], always: [mark('z')] }),
        mark('end'),
      ]),
      play(() => [mark('next')], { name: 'two' }),
    ],
  },
  {
    name: 'always without rescue',
    ansible: plays(`
tasks:
  - block:
      - {name: b, mark: {fail: [h1]}}
    always:
      - {name: z, mark: {}}
      - {name: y, mark: {}}
  - {name: end, mark: {}}`),
    play: () => play(() => [block([mark('b', { fail: ['h1'] })], { always: [mark('z'), mark('y')] }), mark('end')]),
  },
  {
    name: 'a rescue that fails, with always',
    ansible: plays(`
tasks:
  - block:
      - {name: b, mark: {fail: [h1, h2]}}
    rescue:
      - {name: r, mark: {fail: [h1]}}
      - {name: s, mark: {}}
    always:
      - {name: z, mark: {}}
  - {name: end, mark: {}}`),
    play: () =>
      play(() => [
        block([mark('b', { fail: ['h1', 'h2'] })], {
          rescue: [mark('r', { fail: ['h1'] }), mark('s')],
          always: [mark('z')],
        }),
        mark('end'),
      ]),
  },
  {
    name: 'an always that fails after a rescue',
    ansible: plays(`
tasks:
  - block:
      - {name: b, mark: {fail: [h1]}}
    rescue:
      - {name: r, mark: {}}
    always:
      - {name: z, mark: {fail: [h1]}}
      - {name: y, mark: {}}
  - {name: end, mark: {}}`),
    play: () =>
      play(() => [
        block([mark('b', { fail: ['h1'] })], { rescue: [mark('r')], always: [mark('z', { fail: ['h1'] }), mark('y')] }),
        mark('end'),
      ]),
  },
  {
    name: 'nested: the inner rescue makes it good for the outer',
    ansible: plays(`
tasks:
  - block:
      - block:
          - {name: a, mark: {fail: [h1]}}
        rescue:
          - {name: inner, mark: {}}
      - {name: b, mark: {}}
    rescue:
      - {name: outer, mark: {}}
    always:
      - {name: z, mark: {}}`),
    play: () =>
      play(() => [
        block([block([mark('a', { fail: ['h1'] })], { rescue: [mark('inner')] }), mark('b')], {
          rescue: [mark('outer')],
          always: [mark('z')],
        }),
      ]),
  },
  {
    name: 'nested: the inner rescue fails, the outer makes it good',
    ansible: plays(`
tasks:
  - block:
      - block:
          - {name: a, mark: {fail: [h1]}}
        rescue:
          - {name: inner, mark: {fail: [h1]}}
        always:
          - {name: y, mark: {}}
      - {name: b, mark: {}}
    rescue:
      - {name: outer, mark: {}}
    always:
      - {name: z, mark: {}}
  - {name: end, mark: {}}`),
    play: () =>
      play(() => [
        block(
          [
            block([mark('a', { fail: ['h1'] })], { rescue: [mark('inner', { fail: ['h1'] })], always: [mark('y')] }),
            mark('b'),
          ],
          { rescue: [mark('outer')], always: [mark('z')] },
        ),
        mark('end'),
      ]),
  },
  {
    name: 'nested: an inner block without rescue is made good by the outer',
    ansible: plays(`
tasks:
  - block:
      - block:
          - {name: a, mark: {fail: [h1]}}
        always:
          - {name: y, mark: {}}
      - {name: b, mark: {}}
    rescue:
      - {name: outer, mark: {}}
  - {name: end, mark: {}}`),
    play: () =>
      play(() => [
        block([block([mark('a', { fail: ['h1'] })], { always: [mark('y')] }), mark('b')], { rescue: [mark('outer')] }),
        mark('end'),
      ]),
  },
  {
    name: 'a block inside a rescue, with a rescue of its own',
    ansible: plays(`
tasks:
  - block:
      - {name: a, mark: {fail: [h1]}}
    rescue:
      - block:
          - {name: b, mark: {fail: [h1]}}
        rescue:
          - {name: c, mark: {}}
      - {name: d, mark: {}}
  - {name: end, mark: {}}`),
    play: () =>
      play(() => [
        block([mark('a', { fail: ['h1'] })], {
          rescue: [block([mark('b', { fail: ['h1'] })], { rescue: [mark('c')] }), mark('d')],
        }),
        mark('end'),
      ]),
  },
  {
    name: 'a block inside an always',
    ansible: plays(`
tasks:
  - block:
      - {name: a, mark: {fail: [h1]}}
    always:
      - block:
          - {name: b, mark: {fail: [h1]}}
        rescue:
          - {name: c, mark: {}}
      - {name: d, mark: {}}
  - {name: end, mark: {}}`),
    play: () =>
      play(() => [
        block([mark('a', { fail: ['h1'] })], {
          always: [block([mark('b', { fail: ['h1'] })], { rescue: [mark('c')] }), mark('d')],
        }),
        mark('end'),
      ]),
  },
  {
    name: 'an ignored failure does not set off the rescue',
    ansible: plays(`
tasks:
  - block:
      - {name: a, mark: {fail: true}, ignore_errors: true}
      - {name: b, mark: {}}
    rescue:
      - {name: r, mark: {}}`),
    play: () =>
      play(() => [block([mark('a', { fail: true }, { ignoreErrors: true }), mark('b')], { rescue: [mark('r')] })]),
  },
  {
    name: 'ignore_errors of a block holds for its tasks and its rescue',
    ansible: plays(`
tasks:
  - block:
      - {name: a, mark: {fail: [h1]}}
      - {name: b, mark: {}}
    ignore_errors: true
    rescue:
      - {name: r, mark: {}}
  - {name: end, mark: {}}`),
    play: () =>
      play(() => [
        block([mark('a', { fail: ['h1'] }), mark('b')], { ignoreErrors: true, rescue: [mark('r')] }),
        mark('end'),
      ]),
  },
  {
    name: 'when on a block holds for block, rescue and always',
    ansible: plays(`
tasks:
  - block:
      - {name: a, mark: {}}
      - {name: b, mark: {}, when: inventory_hostname != 'h3'}
    when: inventory_hostname != 'h1'
    rescue:
      - {name: r, mark: {}}
    always:
      - {name: z, mark: {}}`),
    play: () =>
      play(({ host }) => [
        block([mark('a'), mark('b', {}, { when: host.name !== 'h3' })], {
          when: host.name !== 'h1',
          rescue: [mark('r')],
          always: [mark('z')],
        }),
      ]),
  },
  {
    name: 'when of a block and of a task: the outer is asked first',
    ansible: plays(`
tasks:
  - block:
      - {name: a, mark: {}, when: nobody_set_this == 1}
    when: false`),
    play: () =>
      play(() => [block([mark('a', {}, { when: ({ results }) => results(mark('other')).changed })], { when: false })]),
  },
  {
    name: 'tags on a block',
    options: { tags: 'x' },
    ansible: plays(`
tasks:
  - block:
      - {name: a, mark: {fail: [h1]}}
      - {name: b, mark: {}, tags: y}
    tags: x
    rescue:
      - {name: r, mark: {}}
    always:
      - {name: z, mark: {}}
  - {name: end, mark: {}}`),
    play: () =>
      play(() => [
        block([mark('a', { fail: ['h1'] }), mark('b', {}, { tags: 'y' })], {
          tags: 'x',
          rescue: [mark('r')],
          always: [mark('z')],
        }),
        mark('end'),
      ]),
  },
  {
    name: 'tags that leave a block only its rescue or always',
    options: { tags: 'x' },
    ansible: plays(`
tasks:
  - block:
      - {name: a, mark: {fail: [h1]}}
    rescue:
      - {name: r, mark: {}, tags: x}
    always:
      - {name: z, mark: {}, tags: x}
  - {name: end, mark: {}, tags: x}`),
    play: () =>
      play(() => [
        block([mark('a', { fail: ['h1'] })], {
          rescue: [mark('r', {}, { tags: 'x' })],
          always: [mark('z', {}, { tags: 'x' })],
        }),
        mark('end', {}, { tags: 'x' }),
      ]),
  },
  {
    name: 'a rescued host runs the handlers it was notified of',
    ansible: plays(`
tasks:
  - block:
      - {name: a, mark: {fail: true}}
    rescue:
      - {name: r, mark: {}, notify: h}
handlers:
  - {name: h, mark: {}}`),
    play: () => {
      const h = marking('h');
      return play(() => [block([mark('a', { fail: true })], { rescue: [mark('r', {}, { notify: h })] })], {});
    },
  },
  {
    name: 'a rescue reads what failed',
    ansible: plays(`
tasks:
  - block:
      - {name: a, mark: {fail: true}, register: first}
    rescue:
      - {name: r, mark: {say: "{{ first.failed }} {{ first.changed }} {{ first.said }}"}}`),
    play: () =>
      play(() => {
        const a = mark('a', { fail: true });
        return [
          block([a], {
            rescue: [
              saying(
                'r',
                ({ results }) => `${title(results(a).failed)} ${title(results(a).changed)} ${results(a).said}`,
              ),
            ],
          }),
        ];
      }),
  },
];
