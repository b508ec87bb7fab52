import * as v from 'valibot';
import { predict, settled, type Found, type Options, type Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { flag, text } from '../kit/schemas.ts';
import { containersSubject } from './container-engine.probe.ts';
import { containerVolume as volumeQuestion } from './container-parts.probe.ts';
import { reached } from './engine.ts';
import { engine, engineName, labels } from './options.ts';

const options = {
  name: engineName('The volume.'),
  state: v.optional(
    v.pipe(
      v.picklist(['present', 'absent']),
      v.description('Whether the volume should exist. `absent` deletes its contents. Default `present`.'),
    ),
    'present',
  ),
  driver: v.optional(text('What keeps it.'), 'local'),
  driverOptions: v.optional(
    v.pipe(
      v.record(v.string(), v.string()),
      v.description('Options of the driver; for the local one `type`, `device` and `o` are those of mount(8).'),
    ),
    {},
  ),
  labels,
  recreate: flag('Recreate a volume whose driver, options or labels differ, empty. Otherwise the task fails.', false),
  engine,
};
type Wanted = Options<typeof options>;

interface VolumeResult {
  /** The name of the volume. */
  readonly name: string;
}

/** A named volume. */
export const containerVolume = defineResource({
  name: 'containerVolume',
  summary: 'A named volume of docker or podman. Its contents are never deleted unless you ask for it.',
  options,
  example: `containerVolume({ name: 'redis' })`,
  validateOptions: ({ recreate, state }) =>
    recreate && state === 'absent' ? '`recreate` needs state `present`' : undefined,
  title: (given) => given.name ?? '',
  prepare: (given): Wanted => given,
  probes: ({ engine: choice, name }) => [volumeQuestion(choice, name)],
  plan,
  owns: ({ name }) => [{ on: 'named', name: `container volume ${name}` }],
});

function plan(wanted: Wanted, found: Found): Plan<VolumeResult> {
  const { name, state, driver, driverOptions, labels: given } = wanted;
  const question = volumeQuestion(wanted.engine, name);
  const answer = found.get(question);
  if (state === 'absent' && 'down' in answer && answer.down.endsWith('installed')) return settled({ name });
  const { engine: program, is: now } = reached(answer, wanted.engine, found);
  if (state === 'absent') {
    if (now === null) return settled({ name });
    return {
      changes: [{ what: 'state', from: 'present', to: 'absent' }],
      steps: [{ script: '"$1" volume rm "$2" >/dev/null', args: [program, name], label: `remove the volume ${name}` }],
      after: [predict(question, { engine: program, is: null })],
      touches: [containersSubject],
      result: { name },
    };
  }
  const texts = (one: Readonly<Record<string, string>>): string =>
    Object.entries(one)
      .map((pair) => pair.join('='))
      .sort()
      .join(' ');
  const differing =
    now === null
      ? []
      : (
          [
            ['driver', now.driver, driver],
            ['driver options', texts(now.options), texts(driverOptions)],
            ['labels', texts(now.labels), texts(given)],
          ] as const
        ).filter(([, from, to]) => from !== to);
  if (now && differing.length === 0) return settled({ name });
  if (now && !wanted.recreate) {
    return {
      ...settled({ name }),
      failure: `the volume ${name} is there with ${differing.map(([what, from]) => `${what} ${from === '' ? 'none' : from}`).join(', ')}, which cannot be changed; \`recreate: true\` recreates it, without its contents`,
    };
  }
  const flags = [
    '--driver',
    driver,
    ...Object.entries(driverOptions).flatMap((pair) => ['--opt', pair.join('=')]),
    ...Object.entries(given).flatMap((pair) => ['--label', pair.join('=')]),
  ];
  return {
    changes: now
      ? [
          ...differing.map(([what, from, to]) => ({ what, from, to })),
          { what: 'volume', from: 'present', to: 'recreated, empty' },
        ]
      : [{ what: 'state', from: 'absent', to: 'present' }],
    steps: [
      {
        script:
          'e=$1 name=$2 there=$3; shift 3; [ "$there" = n ] || "$e" volume rm "$name" >/dev/null || exit; "$e" volume create "$@" "$name" >/dev/null',
        args: [program, name, now ? 'y' : 'n', ...flags],
        label: `make the volume ${name}`,
      },
    ],
    after: [predict(question, { engine: program, is: { name, driver, options: driverOptions, labels: given } })],
    touches: [containersSubject],
    result: { name },
  };
}
