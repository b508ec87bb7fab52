import { ProbeFailure, questionKey, type Prediction, type Question, type Subject } from '../contract/index.ts';
import { accountFiles, identityOf } from '../probes/index.ts';
import { resolveLinks } from './links.ts';
import { baseName, type QuestionIndex } from './question-index.ts';
import type { SeenPaths } from './seen-paths.ts';
import { ancestors, askedOf, dependsOn, foldersOf, isBelow, pathOf } from './subjects.ts';

/** What a change puts in doubt. */
export interface Doubt {
  /** Whether it does so with this question; the answer it had says more, where there is one. */
  is(question: Question, known: { readonly answer: unknown } | undefined): boolean;
  /** All of these with a question of which that may be so. */
  among<V>(index: QuestionIndex<V>): Iterable<V>;
}

/**
 * Which answers a change makes doubtful: those it replaces, under any name, and those that depend on what it touches.
 */
export function doubtOf(seen: SeenPaths, after: readonly Prediction[], touches: readonly Subject[]): Doubt {
  const realPath = (path: string): string => resolveLinks(path, true, (at) => seen.linkAt(at)).path;
  const identity = (path: string): string | undefined => identityOf(seen.stat(path));
  const hasOtherNames = (path: string): boolean => {
    const at = seen.stat(path);
    return at !== undefined && at.type !== 'absent' && at.hasOtherNames === true;
  };
  const replaced = new Set(after.map((known) => questionKey(known.question)));
  const paths = after.map((known) => pathOf(known.question)).filter((path) => path !== undefined);
  const names = new Set(paths.map(baseName));
  const files = new Set(paths.flatMap((path) => identity(path) ?? []));
  // Where a link is made, removed or redirected, everything reached through it changes.
  const turned = after
    .map(({ question }) => question)
    .filter(
      ({ kind, args: [path = ''] }) =>
        kind.kind === 'link' || (kind.kind === 'stat' && typeof seen.linkAt(path) === 'string'),
    )
    .map(({ args: [path = ''] }) => path);
  const touched = [
    ...touches,
    ...turned.map((path): Subject => ({ on: 'path', path })),
    ...(paths.some((path) => accountFiles.includes(path)) ? [{ on: 'accounts' } as const] : []),
  ];
  const everywhere = [
    ...touched,
    ...touched.flatMap((one): Subject[] => (one.on === 'path' ? [{ on: 'path', path: realPath(one.path) }] : [])),
  ];
  const real = new Set(paths.map((path) => realPath(path)));
  // A file with several names may lie in any folder, and what is done to everything below a folder may be done to it.
  const changesShared = paths.some((path) => hasOtherNames(path));
  const changesTree = touches.some((one) => one.on === 'path');
  const is: Doubt['is'] = (question, known) => {
    if (replaced.has(questionKey(question)) || question.kind.volatile || dependsOn(question, everywhere)) return true;
    if (question.kind.files?.(question.args).some((file) => paths.includes(file) || real.has(realPath(file))))
      return true;
    const folders = foldersOf(question);
    if (
      folders.length > 0 &&
      [...paths, ...real].some(
        (one) =>
          isBelow(one, folders) ||
          isBelow(
            one,
            folders.map((folder) => realPath(folder)),
          ),
      )
    )
      return true;
    const path = pathOf(question);
    if (changesShared && folders.length > 0) return true;
    if (changesTree && known !== undefined && tellsOfOtherNames(question, known.answer)) return true;
    if (path === undefined) return false;
    if (question.kind.ofWay && ancestors(path).some((one) => paths.includes(one) || real.has(one))) return true;
    if (changesTree && hasOtherNames(path)) return true;
    // A path with the same last name may be the same file behind a mount.
    if (names.has(baseName(path))) return true;
    const leadsTo = realPath(path);
    const file = identity(path);
    return (
      real.has(leadsTo) ||
      (file !== undefined && files.has(file)) ||
      (leadsTo !== path && dependsOn(askedOf(question, path, leadsTo), everywhere))
    );
  };
  // Where nothing is touched but what is replaced, no other path is meant than those that have a name of these, are
  // a link, or are known to be the same file.
  const among: Doubt['among'] = (index) =>
    everywhere.length > 0
      ? index.all()
      : index.near({
          keys: replaced,
          names: [...names, ...[...real].map(baseName), ...seen.namesOfLinks()],
          paths: [...files].flatMap((one) => seen.namesOf(one)),
        });
  return { is, among };
}

function tellsOfOtherNames({ kind }: Question, answer: unknown): boolean {
  return !(answer instanceof ProbeFailure) && (kind.hasOtherNames?.(answer) ?? false);
}
