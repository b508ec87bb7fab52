import type { Change, Found } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { utf8 } from '../../formats/text-bytes.ts';
import { content } from '../../probes/index.ts';
import { reveal, Secret } from '../../secrets/index.ts';
import type { ContainerImage } from './container-parts.probe.ts';
import type { WantedContainer } from './wanted.ts';

/** What engines set by themselves: nobody's wish, so nobody's difference. */
const ofTheEngine = new Set(['PATH', 'HOSTNAME', 'HOME', 'TERM', 'container']);

export interface WantedEnvironment {
  /** Beside the image's, as they are given to the engine. */
  readonly own: Readonly<Record<string, string>>;
  /** With the image's. */
  readonly all: Readonly<Record<string, string>>;
}

/** @throws PlayError (failing the task) when the file of variables is none */
export function environmentFor(
  wanted: WantedContainer,
  image: ContainerImage | undefined,
  found: Found,
): WantedEnvironment {
  const given = Object.fromEntries(Object.entries(wanted.env).map(([name, value]) => [name, reveal(value)]));
  const own = { ...(wanted.envFile === undefined ? {} : readFile(wanted.envFile, found)), ...given };
  return { own, all: { ...image?.env, ...own } };
}

function readFile(path: string, found: Found): Record<string, string> {
  const file = found.get(content(path));
  found.require(!('tooLarge' in file), {
    failure: `${path} is too large for a file of environment variables`,
    by: null,
  });
  if ('missing' in file) {
    found.presume(false, {
      failure: `the file of variables ${path} is ${file.missing}`,
      hint: 'Make it before.',
      assume: `${path} exists`,
    });
    return {};
  }
  const lines = utf8
    .decode(file.bytes)
    .split('\n')
    .map((line) => line.trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line, i) => {
      const at = line.indexOf('=');
      // docker would take such a variable from the environment of whoever calls it: from the run's.
      if (at < 1) throw new PlayError(`${path}: variable ${i + 1} has no value; write NAME=value`);
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

/** The variables that differ, without values that may be secret. */
export function environmentChanges(
  wanted: WantedContainer,
  all: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): Change[] {
  const names = [...new Set([...Object.keys(all), ...Object.keys(now)])].sort();
  return names.flatMap((name): Change[] => {
    if (all[name] === now[name] || (all[name] === undefined && ofTheEngine.has(name))) return [];
    const given = wanted.env[name];
    const to =
      all[name] === undefined ? 'absent' : given === undefined || given instanceof Secret ? 'another value' : given;
    return [{ what: `variable ${name}`, ...(now[name] === undefined ? { from: 'absent' } : {}), to }];
  });
}

/** As the engine reads them from a file: a line each (docker-run(1), --env-file). */
export function environmentFile(own: Readonly<Record<string, string>>): Buffer {
  return Buffer.from(
    Object.entries(own)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
}
