import * as v from 'valibot';
import { predict, settled, type Found, type Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { readRoleFile, roleFile } from '../kit/role-file.ts';
import { flag, text } from '../kit/schemas.ts';
import { readImageArchive, type ImageArchive } from './archive.ts';
import { build, planBuild, type Build } from './build.ts';
import { containersSubject, type EngineChoice } from './container-engine.probe.ts';
import { containerImage as imageQuestion, isSameImage } from './container-parts.probe.ts';
import { reached } from './engine.ts';
import { engine, imageName } from './options.ts';

export interface ContainerImageResult {
  /** The id of the image on the host; empty if it is not known yet. */
  readonly id: string;
}

interface Wanted {
  readonly name: string;
  readonly engine: EngineChoice;
  readonly state: 'present' | 'absent';
  readonly archive: ImageArchive | undefined;
  readonly build: Build | undefined;
  readonly force: boolean;
}

/** An image on the host. */
export const containerImage = defineResource({
  name: 'containerImage',
  summary: 'An image on the host: pulled from its registry, loaded from an archive in the role, or built on the host.',
  options: {
    name: imageName('The image, with its tag: `redis:7`.'),
    archive: v.optional(
      text(
        "The output of `docker save`, compressed with gzip or not: a path relative to the role's `files/`, or an absolute one. For hosts that cannot reach a registry. The host gets the archive's image, even if another image had its name.",
      ),
    ),
    tag: v.optional(
      v.pipe(
        text('The tag, if `name` has none. Default `latest`.'),
        v.regex(/^\w[\w.-]{0,127}$/, 'must be a tag, such as 7 or latest'),
      ),
    ),
    source: v.optional(
      v.pipe(
        v.picklist(['pull', 'build']),
        v.description('Where it comes from. Default: `build` if that is given, else `pull`.'),
      ),
    ),
    build: v.optional(
      v.pipe(
        build,
        v.description(
          'How to build it if the host has no image of that name: `{ path: "/srv/shovel", args: { VERSION: "0.0.58" } }`. Changes in the folder are not noticed: give another tag, or set `forceSource`.',
        ),
      ),
    ),
    forceSource: flag('Pull or build it every time, even if the host has one of that name.', false),
    state: v.optional(
      v.pipe(v.picklist(['present', 'absent']), v.description('Whether the host should have it. Default `present`.')),
      'present',
    ),
    engine,
  },
  example: `containerImage({ name: 'openobservatory/shovel:0.0.58' })
containerImage({ name: 'shovel:0.0.58', archive: 'shovel-0.0.58.tar.gz' })
containerImage({ name: 'shovel:0.0.58', build: { path: '/srv/shovel' } })`,
  validateOptions({ name, tag, archive, state, source, build: how, forceSource }) {
    if (archive !== undefined && state === 'absent') return '`archive` needs state `present`';
    if ((how !== undefined || forceSource) && state === 'absent')
      return `\`${how === undefined ? 'forceSource' : 'build'}\` needs state \`present\``;
    if (tag !== undefined && hasTag(name)) return '`tag` is in `name` already';
    if ((source === 'build') !== (how !== undefined) && source !== undefined)
      return source === 'build' ? 'the source `build` needs `build`' : '`build` needs the source `build`';
    return archive !== undefined && (source ?? how ?? (forceSource || undefined)) !== undefined
      ? 'give either `archive` or another source'
      : undefined;
  },
  title: ({ name, tag }) => (name === undefined ? '' : named(name, tag)),
  prepare: ({ name: bare, tag, archive: given, state, engine: choice, build: how, forceSource }, scope): Wanted => {
    const name = named(bare, tag);
    const archive = given ?? (state === 'present' && how === undefined ? scope.host.standInImages[name] : undefined);
    return {
      name,
      state,
      engine: choice,
      build: how,
      force: forceSource,
      archive:
        archive === undefined
          ? undefined
          : readImageArchive(readRoleFile(scope, 'files', archive).bytes, roleFile(scope, 'files', archive), name),
    };
  },
  probes: ({ engine: choice, name }) => [imageQuestion(choice, name)],
  plan,
  owns: ({ name }) => [{ on: 'named', name: `image ${name}` }],
});

const hasTag = (name: string): boolean => /[:@]/.test(name.slice(name.lastIndexOf('/') + 1));
const named = (name: string, tag: string | undefined): string => (tag === undefined ? name : `${name}:${tag}`);

function plan(
  { name, engine: choice, state, archive, build: how, force }: Wanted,
  found: Found,
): Plan<ContainerImageResult> {
  const question = imageQuestion(choice, name);
  const answer = found.get(question);
  // Where there is no engine, there is no image either.
  if (state === 'absent' && 'down' in answer && answer.down.endsWith('installed')) return settled({ id: '' });
  const { engine: program, is: now } = reached(answer, choice, found);
  const result = { id: now?.id ?? '' };
  const touches = [containersSubject];
  if (state === 'absent') {
    if (now === null) return settled(result);
    return {
      touches,
      changes: [{ what: 'state', from: 'present', to: 'absent' }],
      steps: [{ script: '"$1" image rm -- "$2" >/dev/null', args: [program, name], label: `remove the image ${name}` }],
      after: [predict(question, { engine: program, is: null })],
      result: { id: '' },
    };
  }
  if (archive) {
    if (now && archive.ids.includes(now.id)) return settled(result);
    const { image, bytes } = archive;
    return {
      touches,
      changes: [{ what: 'image', from: now?.id.slice(0, 12) ?? 'absent', to: `${image.id.slice(0, 12)}, loaded` }],
      steps: [{ script: '"$1" load -q >/dev/null', args: [program], stdin: bytes, label: `load the image ${name}` }],
      // podman puts a registry of its own before a short name.
      after: [
        predict(question, {
          engine: program,
          is: { ...image, names: [...image.names, ...(now?.names ?? []).filter((one) => isSameImage(one, name))] },
        }),
      ],
      result: { id: image.id },
    };
  }
  if (now && !force) return settled(result);
  const due = force ? { again: true, always: true } : {};
  if (how) return { ...planBuild(name, how, question, program, now, found), ...due };
  return {
    ...due,
    touches,
    changes: [{ what: 'image', from: now?.id.slice(0, 12) ?? 'absent', to: 'pulled' }],
    steps: [{ script: '"$1" pull -q "$2" >/dev/null', args: [program, name], label: `pull the image ${name}` }],
    after: [
      predict(
        question,
        {
          engine: program,
          is: { id: '', names: [name], env: {}, command: [], entrypoint: [], user: '', workingDir: '/', labels: {} },
        },
        `the image ${name} is pulled by then`,
      ),
    ],
    assumed: [`the registry has the image ${name}`],
    result,
  };
}
