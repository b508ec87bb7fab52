import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { normalize } from 'node:path/posix';
import * as v from 'valibot';
import { settled, type Found, type ImperativeContext, type Plan } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { sha256, stat } from '../../probes/index.ts';
import { isMadeOnlyThen } from '../kit/made-only-then.ts';
import { flag, follow, path, text } from '../kit/schemas.ts';
import { inTheWay, OpenPlace, pathOf, placeOfHostPath, type Place } from './fetch-place.ts';

export interface FetchResult {
  /** The path of the copy on this machine. */
  readonly dest: string;
  /** SHA-256, in hex; empty if there was nothing to fetch. */
  readonly checksum: string;
}

interface Wanted {
  readonly src: string;
  readonly place: Place;
  readonly failOnMissing: boolean;
}

/** A file of the host, brought here. */
export const fetch = defineResource({
  name: 'fetch',
  summary:
    'Copies a file from the host to this machine: below `dest` by host and path, or with `flat` to `dest` itself.',
  options: {
    src: path('The file on the host. A link is followed.'),
    follow,
    dest: v.pipe(
      text(
        "The destination on this machine: a folder, in which the file gets the path HOST/path/on/the/host; with `flat`, the file itself, or, with a slash at the end, its folder. Relative to the role's folder.",
      ),
      v.minLength(1),
    ),
    flat: flag(
      'Create no folders for host and path. Several hosts then write the same file, unless `dest` differs for each.',
      false,
    ),
    failOnMissing: flag('Fail if there is no such file.', true),
  },
  example: `fetch({ src: '/etc/machine-id', dest: 'fetched' })
fetch({ src: '/root/backup.tar.gz', dest: '/var/backups/web.tar.gz', flat: true })`,
  title: (options) => options.src ?? '',
  prepare({ src, dest, flat, failOnMissing }, scope): Wanted {
    const folder = isAbsolute(dest) ? join(dest) : join(scope.dir, dest);
    const name = basename(normalize(src));
    if (name === '') throw new PlayError('fetch: src is a directory, /', { hint: 'Name a file.' });
    const place: Place = !flat
      ? placeOfHostPath(folder, scope.host.name, src)
      : dest.endsWith('/')
        ? { folder, names: [name] }
        : { folder: dirname(folder), names: [basename(folder)] };
    return { src, place, failOnMissing };
  },
  probes: ({ src }) => [stat(src), sha256(src)],
  plan: planFetch,
});

function planFetch({ src, place, failOnMissing }: Wanted, found: Found): Plan<FetchResult> {
  const dest = pathOf(place);
  if (isMadeOnlyThen(src, found) && hashHere(dest) === undefined && inTheWay(place) === undefined)
    return {
      ...bringing(src, place, settled({ dest, checksum: '' }), 'absent'),
      unforeseen: true,
      bringsNothing: true,
    };
  const there = found.get(sha256(src));
  if (there === null) {
    const { type } = found.get(stat(src));
    // A file without content is one that is only planned, of which nobody knows what it holds.
    const failure = type === 'absent' || type === 'file' ? `${src} does not exist` : `${src} is not a regular file`;
    found.require(!failOnMissing, { failure });
    found.doubt(`${failure} yet`);
    return { ...settled({ dest, checksum: '' }), message: failure };
  }
  const nothing = settled({ dest, checksum: there });
  const way = inTheWay(place);
  if (way !== undefined) throw new PlayError(way);
  const here = hashHere(dest);
  if (here === there) return nothing;
  return bringing(src, place, nothing, here === undefined ? 'absent' : 'other content');
}

function bringing(src: string, place: Place, nothing: Plan<FetchResult>, from: string): Plan<FetchResult> {
  return {
    ...nothing,
    changes: [{ what: pathOf(place), from, to: `content of ${src}` }],
    imperative: (context) => bring(src, place, context),
  };
}

function hashHere(file: string): string | undefined {
  let opened: number;
  try {
    opened = openSync(file, 'r');
  } catch {
    return undefined;
  }
  try {
    const hash = createHash('sha256');
    const chunk = Buffer.alloc(1024 * 1024);
    for (let size = readSync(opened, chunk); size > 0; size = readSync(opened, chunk))
      hash.update(chunk.subarray(0, size));
    return hash.digest('hex');
  } catch (cause) {
    throw new PlayError(`${file} cannot be read`, { where: file, cause });
  } finally {
    closeSync(opened);
  }
}

/** Bytes a request; a reply has at most 16 MiB, in base64. */
const chunkSize = 8 * 1024 * 1024;
const chunkScript = `tail -c "+$(($2 + 1))" -- "$1" | head -c ${chunkSize} | base64`;

async function bring(src: string, place: Place, context: ImperativeContext): Promise<FetchResult> {
  const dest = pathOf(place);
  let open: OpenPlace | undefined;
  try {
    open = new OpenPlace(place);
    const file = open.open();
    const hash = createHash('sha256');
    try {
      for (let at = 0, size = chunkSize; size === chunkSize; at += size) {
        const { stdout } = await context.run({ script: chunkScript, args: [src, String(at)], label: `read ${src}` });
        const bytes = Buffer.from(stdout, 'base64');
        size = bytes.length;
        writeSync(file, bytes);
        hash.update(bytes);
      }
    } finally {
      closeSync(file);
    }
    open.putInPlace();
    return { dest, checksum: hash.digest('hex') };
  } catch (cause) {
    if (cause instanceof PlayError) throw cause;
    throw new PlayError(`${dest} cannot be written on this machine`, { where: dest, cause });
  } finally {
    open?.close();
  }
}
