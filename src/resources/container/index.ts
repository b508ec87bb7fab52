import type { Question } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { content } from '../../probes/index.ts';
import { reveal } from '../../secrets/index.ts';
import { containerImage } from './container-parts.probe.ts';
import { container as containerQuestion } from './container.probe.ts';
import { containerOptions, makingOptions } from './options.ts';
import { planContainer } from './plan.ts';
import type { WantedContainer } from './wanted.ts';

export type { ContainerResult } from './plan.ts';

/** A container of docker or podman. */
export const container = defineResource({
  name: 'container',
  summary:
    'A container of docker or podman: created from its image, running, and recreated when the settings it was created with differ.',
  options: containerOptions,
  example: `container({ name: 'redis', image: 'redis:7', networks: ['backend'], volumes: ['redis:/data'], restartPolicy: 'unless-stopped' })
container({ name: 'api', image: 'api:1.4', env: { DATABASE_PASSWORD: password }, ports: ['127.0.0.1:8080:80'], user: '1000' }, { notify: checkApi })
const restart = handler('restart api', () => container({ name: 'api', restart: true }))`,
  validateOptions(options) {
    const { image, state, restart, networks, networkMode, env } = options;
    if (restart && state !== 'started') return '`restart` goes with state `started`';
    if (networks !== undefined && networkMode !== undefined) return 'give either `networks` or `networkMode`';
    const names = (networks ?? []).map((one) => (typeof one === 'string' ? one : one.name));
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) return `the network ${twice} is listed twice`;
    const broken = Object.entries(env).find(([, value]) => typeof value === 'string' && /[\n\0]/.test(value));
    if (broken) return `the variable ${broken[0]} holds a line break, which engines cannot be given`;
    if (image !== undefined || state === 'absent') return undefined;
    if (state === 'present') return 'give the `image` it is made from';
    const needless = makingOptions.find((name) => !isDefault(options[name]));
    return needless === undefined
      ? undefined
      : `\`${needless}\` needs the \`image\`: without one, only the state of an existing container is meant`;
  },
  title: (options) => options.name ?? '',
  prepare(options): WantedContainer {
    // Missing secrets and those an engine cannot be given are told at the desk.
    for (const [name, value] of Object.entries(options.env))
      if (/[\n\0]/.test(reveal(value)))
        throw new PlayError(`container: the variable ${name} holds a line break, which engines cannot be given`);
    return options;
  },
  probes({ engine, name, image, envFile, state }): Question[] {
    if (state === 'absent') return [containerQuestion(engine, name)];
    return [
      containerQuestion(engine, name),
      ...(image === undefined ? [] : [containerImage(engine, image)]),
      ...(envFile === undefined ? [] : [content(envFile)]),
    ];
  },
  plan: planContainer,
  owns: ({ name, image }) => (image === undefined ? [] : [{ on: 'named', name: `container ${name}` }]),
});

function isDefault(value: unknown): boolean {
  return (
    value === undefined ||
    value === false ||
    (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  );
}
