import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { parse } from 'yaml';
import { PlayError } from '../errors/index.ts';
import { ownFolder, scratchFolder } from '../project/cache-folder.ts';
import { findProject } from '../project/project.ts';
import { distrust, requireTrustedSource } from '../trust/index.ts';
import { standInImage } from './stand-in-image.ts';

/**
 * What a project declares for its throwaway hosts, in the folder `sandbox/` beside its inventory: what stands in there
 * for what they cannot have.
 */
export interface StandIns {
  readonly folder: string;
  /** Variables that beat the inventory's there; undefined where there are none. */
  readonly vars: string | undefined;
  /** Folders of packages, by name. */
  readonly packages: ReadonlyMap<string, string>;
  /** Programs each image has beside a shell, as sh, by image. */
  readonly images: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

const images = v.record(
  v.string(),
  v.nullable(v.record(v.pipe(v.string(), v.regex(/^[\w.-]+$/, 'must be the name of a program')), v.string())),
);

/** @returns undefined where the project declares nothing @throws PlayError for a file that cannot be read */
export function findStandIns(
  playbook: string | undefined,
  project: string | undefined = findProject(playbook),
): StandIns | undefined {
  const folder = join(project ?? '', 'sandbox');
  if (project === undefined || !existsSync(folder)) return undefined;
  const vars = join(folder, 'vars.yml');
  const packages = join(folder, 'packages');
  return {
    folder,
    vars: existsSync(vars) ? vars : undefined,
    packages: new Map(
      existsSync(packages)
        ? readdirSync(packages)
            .filter((name) => !name.startsWith('.'))
            .sort()
            .map((name) => [name, join(packages, name)])
        : [],
    ),
    images: readImages(join(folder, 'images.yml')),
  };
}

function readImages(file: string): StandIns['images'] {
  if (!existsSync(file)) return new Map();
  const read = v.safeParse(images, parseYaml(file));
  if (!read.success) {
    throw new PlayError(
      'The images of throwaway hosts cannot be read: each image is followed by its programs, as sh, by name',
      { where: { file }, hint: "For example:  redis:5: {}  or  app:1: { app: 'exec sleep infinity' }" },
    );
  }
  return new Map(Object.entries(read.output).map(([image, programs]) => [image, programs ?? {}]));
}

function parseYaml(file: string): unknown {
  try {
    requireTrustedSource(file);
    return parse(readFileSync(file, 'utf8')) ?? {};
  } catch (cause) {
    if (cause instanceof PlayError) throw cause;
    throw new PlayError('This is not valid YAML', { where: { file }, cause });
  }
}

/**
 * The archives of the images, by image; made where they are not there yet, in the project's folder for what it can do
 * without.
 */
export function imageArchives({ folder, images: declared }: StandIns): Record<string, string> {
  const kept = ownFolder(join(folder, '../.play/stand-ins')) ?? scratchFolder();
  return Object.fromEntries(
    [...declared].map(([image, programs]) => {
      const stamp = createHash('sha256')
        .update(JSON.stringify([image, programs]))
        .digest('hex')
        .slice(0, 24);
      const file = join(kept, `${stamp}.tar`);
      if (!existsSync(file) || distrust(file)) {
        writeFileSync(`${file}.part`, standInImage(image, programs));
        renameSync(`${file}.part`, file);
      }
      return [image, file];
    }),
  );
}

/** What to say of them at the top of a run: undefined where there is nothing. */
export function standInNotice({ vars, packages, images: declared }: StandIns): string | undefined {
  const parts = [
    ...(packages.size > 0 ? [`packages ${[...packages.keys()].join(', ')}`] : []),
    ...(declared.size > 0 ? [`images ${[...declared.keys()].join(', ')}`] : []),
    ...(vars === undefined
      ? []
      : [`variables ${Object.keys(v.parse(v.record(v.string(), v.unknown()), parseYaml(vars))).join(', ')}`]),
  ];
  return parts.length === 0
    ? undefined
    : `sandbox: small stand-ins, declared in sandbox/, take the place of the real ones: ${parts.join('; ')}`;
}
