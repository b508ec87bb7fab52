import { createHash } from 'node:crypto';
import type { Found, PathState, Question } from '../../../contract/index.ts';
import { content, stat } from '../../../probes/index.ts';
import type { Conffile, PackageContents } from '../apt-contents.probe.ts';
import { conffileSum } from '../conffile.probe.ts';

/**
 * What dpkg does with a conffile when it has to keep what people edited (dpkg(1), --force-confold). `as`: who owns
 * what is written, and its mode, where that is not as in the package; `assumed`: why this is a guess.
 */
export type ConffileFate = { readonly assumed?: string | undefined } & (
  | { readonly is: 'written'; readonly as?: PathState }
  | { readonly is: 'kept' }
  /** The new one is put beside it. */
  | { readonly is: 'beside'; readonly as?: PathState }
);

/** The name of a new conffile beside the one that people edited or removed. */
export const besideName = (path: string): string => `${path}.dpkg-dist`;

export function conffileQuestions(one: PackageContents): Question[] {
  return one.conffiles.flatMap(({ path }) => [stat(path), conffileSum(one.name, path)]);
}

/**
 * dpkg compares sums: of what it brought last, of what lies there now, and of what comes.
 *
 * @param dpkgOptions its `--force-` options, separated by commas
 */
export function fateOf(conf: Conffile, one: PackageContents, dpkgOptions: string, found: Found): ConffileFate {
  const fate = whereKept(conf, one, found);
  // Told otherwise it takes the new one, or asks, which ends the run: that is not worked out.
  const isTold =
    fate.is !== 'beside' || dpkgOptions.split(',').some((word) => word === 'confold' || word === 'confdef');
  return isTold ? fate : { is: 'kept', assumed: `what dpkg makes of ${conf.path}, which differs, by its options` };
}

function whereKept(conf: Conffile, one: PackageContents, found: Found): ConffileFate {
  const last = found.get(conffileSum(one.name, conf.path));
  const { answer: now, assumed } = found.peek(stat(conf.path));
  const comes = sumOf(one.files.get(conf.path));
  if (now.type === 'absent') {
    if (last === null) return { is: 'written', assumed };
    return { ...(comes === last ? { is: 'kept' } : { is: 'beside' }), assumed: assumed ?? unread(conf, comes) };
  }
  if (now.type !== 'file') return { is: 'kept', assumed: `what dpkg makes of the ${now.type} at ${conf.path}` };
  const planned = found.planned(content(conf.path));
  const there = planned === undefined ? conf.there : 'bytes' in planned ? sumOf(planned.bytes) : undefined;
  const isGuess = assumed ?? unread(conf, comes) ?? unread(conf, there ?? undefined);
  // What nobody edited is replaced, and keeps its owner and mode.
  if (comes === last || comes === there) return { is: 'kept', assumed: isGuess };
  return { is: there === last ? 'written' : 'beside', as: now, assumed: isGuess };
}

const unread = ({ path }: Conffile, sum: string | undefined): string | undefined =>
  sum === undefined ? `what the package puts into ${path} was not compared` : undefined;

/** MD5 in hex, as dpkg keeps it. */
export const sumOf = (bytes: Buffer | undefined): string | undefined =>
  bytes && createHash('md5').update(bytes).digest('hex');
