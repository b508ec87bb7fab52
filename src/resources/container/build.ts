import { posix } from 'node:path';
import * as v from 'valibot';
import { predict, type Found, type Plan, type Step } from '../../contract/index.ts';
import { stat } from '../../probes/index.ts';
import { flag, path, text } from '../kit/schemas.ts';
import { containersSubject, type ContainerEngine } from './container-engine.probe.ts';
import type { ContainerImage, containerImage } from './container-parts.probe.ts';
import { labels } from './options.ts';

const variable = v.pipe(v.string(), v.regex(/^[A-Za-z_]\w*$/, 'must be the name of a variable'));

/** What an image is built of. */
export const build = v.strictObject({
  path: path('The build context: a folder on the host.'),
  dockerfile: v.optional(text('The Dockerfile: a path in that folder, or an absolute one. Default `Dockerfile`.')),
  args: v.optional(
    v.pipe(
      v.record(variable, v.string()),
      v.description(
        "Values for `ARG`. They stay in the image's history, where anybody who has the image can see them: no secrets.",
      ),
    ),
    {},
  ),
  target: v.optional(text('The stage to build. Default: the last one.')),
  network: v.optional(text('The network used by commands during the build.')),
  labels,
  pull: flag('Pull base images even if the host has them.', false),
  nocache: flag('Do not use the build cache.', false),
});

export type Build = v.InferOutput<typeof build>;

/** Where its Dockerfile lies. */
function dockerfileOf({ path: folder, dockerfile = 'Dockerfile' }: Build): string {
  return posix.resolve(folder, dockerfile);
}

const script = 'exec "$@" >/dev/null';

function stepOf(name: string, program: ContainerEngine, given: Build): Step {
  const named = (flagName: string, values: Readonly<Record<string, string>>): string[] =>
    Object.entries(values).flatMap(([key, value]) => [flagName, `${key}=${value}`]);
  return {
    script,
    args: [
      program,
      'build',
      '-q',
      '-t',
      name,
      '-f',
      dockerfileOf(given),
      ...(given.pull ? ['--pull'] : []),
      ...(given.nocache ? ['--no-cache'] : []),
      ...(given.target === undefined ? [] : ['--target', given.target]),
      ...(given.network === undefined ? [] : ['--network', given.network]),
      ...named('--build-arg', given.args),
      ...named('--label', given.labels),
      '--',
      given.path,
    ],
    label: `build the image ${name} from ${given.path}`,
  };
}

/** Builds an image, whether or not the host has one of that name. */
export function planBuild(
  name: string,
  given: Build,
  question: ReturnType<typeof containerImage>,
  program: ContainerEngine,
  now: ContainerImage | null,
  found: Found,
): Plan<{ readonly id: string }> {
  const file = dockerfileOf(given);
  found.need(stat(given.path), stat(file));
  const folder = found.get(stat(given.path));
  found.require(folder.type === 'directory' || folder.type === 'link', {
    failure: `there is no folder ${given.path} to build the image ${name} from`,
    hint: 'Put it there first: sync({ ... })',
  });
  const text = found.get(stat(file));
  found.require(text.type === 'file' || text.type === 'link', {
    failure: `there is no ${file} to build the image ${name} with`,
    hint: 'Say where it is with `dockerfile`.',
  });
  return {
    touches: [containersSubject],
    changes: [{ what: 'image', from: now?.id.slice(0, 12) ?? 'absent', to: 'built' }],
    steps: [stepOf(name, program, given)],
    after: [
      predict(
        question,
        {
          engine: program,
          is: {
            id: '',
            names: [name],
            env: {},
            command: [],
            entrypoint: [],
            user: '',
            workingDir: '/',
            labels: given.labels,
          },
        },
        `the image ${name} is built by then`,
      ),
    ],
    assumed: [`the image ${name} can be built from ${given.path}`],
    result: { id: now?.id ?? '' },
  };
}
