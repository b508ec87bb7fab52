import {
  ProbeFailure,
  questionKey,
  type Prediction,
  type ProbeKind,
  type Question,
  type Stat,
  type Subject,
} from '../contract/index.ts';
import { accountFiles, identityOf } from '../probes/index.ts';
import { resolveLinks } from './links.ts';
import { baseName, type QuestionIndex } from './question-index.ts';
import type { SeenPaths } from './seen-paths.ts';
import { ancestors, askedOf, dependsOn, foldersOf, isBelow, otherPathsOf, pathOf } from './subjects.ts';

/** What a change puts in doubt. */
export interface Doubt {
  /**
   * Whether it does so with this question; the answer it had says more, where there is one.
   *
   * @param isRoots whether who asked may look everywhere
   */
  is(question: Question, known: { readonly answer: unknown } | undefined, isRoots: boolean): boolean;
  /** All of these with a question of which that may be so. */
  among<V>(index: QuestionIndex<V>): Iterable<V>;
}

/**
 * Which answers a change makes doubtful: those it replaces, under any name, and those that depend on what it touches.
 *
 * @param isAmongOthers whether accounts ask that may not look everywhere
 */
export function doubtOf(
  seen: SeenPaths,
  after: readonly Prediction[],
  touches: readonly Subject[],
  isAmongOthers: boolean,
): Doubt {
  const realPath = (path: string): string => resolveLinks(path, true, (at) => seen.linkAt(at)).path;
  // The folders a path lies in, by its own name and by those that links on the way lead to, and these links.
  const wholeWay = (path: string): string[] => {
    const { path: to, followed } = resolveLinks(path, true, (at) => seen.linkAt(at));
    return [...followed, ...[path, ...followed, to].flatMap(ancestors)];
  };
  // Links are among what is looked at for any change (`namesOfLinks`), so that the index need not know of these.
  const hangsOnWay = ({ ofWay, ofWayIfLink }: ProbeKind, path: string): boolean =>
    ofWay === true || (ofWayIfLink === true && typeof seen.linkAt(path) === 'string');
  const identity = (path: string): string | undefined => identityOf(seen.stat(path));
  const hasOtherNames = (path: string): boolean => {
    const at = seen.stat(path);
    return at !== undefined && at.type !== 'absent' && at.hasOtherNames === true;
  };
  const replaced = new Set(after.map((known) => questionKey(known.question)));
  const paths = [...new Set(after.flatMap((known) => pathOf(known.question) ?? []))];
  const names = new Set(paths.map(baseName));
  const files = new Set(paths.flatMap((path) => identity(path) ?? []));
  // Where a link is made, removed or redirected, everything reached through it changes. That no link comes to a place
  // where a file is turns nothing.
  const turned = after
    .filter(
      ({
        question: {
          kind,
          args: [path = ''],
        },
        answer,
        unknown,
      }) =>
        (kind.kind === 'link' && (answer !== null || unknown !== undefined || seen.stat(path)?.type !== 'file')) ||
        (kind.kind === 'stat' && typeof seen.linkAt(path) === 'string'),
    )
    .map(
      ({
        question: {
          args: [path = ''],
        },
      }) => path,
    );
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
  // What an account sees below a folder hangs on what it may do there.
  const opened = (isAmongOthers ? after : []).flatMap(({ question, answer, unknown }) => {
    const [path = ''] = question.args;
    const isOther =
      question.kind.kind === 'acl-entries' ||
      (question.kind.kind === 'stat' && unknown === undefined && givesOtherRights(seen.stat(path), answer as Stat));
    return isOther ? [path, realPath(path)] : [];
  });
  const is: Doubt['is'] = (question, known, isRoots) => {
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
    // Of a question about two paths, the other one.
    if (otherPathsOf(question).some((one) => names.has(baseName(one)) || real.has(realPath(one)))) return true;
    if (opened.length > 0 && !isRoots && [path, realPath(path)].some((one) => isBelow(one, opened))) return true;
    if (hangsOnWay(question.kind, path) && wholeWay(path).some((one) => paths.includes(one) || real.has(one)))
      return true;
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
    everywhere.length + opened.length > 0
      ? index.all()
      : index.near({
          keys: replaced,
          names: [...names, ...[...real].map(baseName), ...seen.namesOfLinks()],
          paths: [...files].flatMap((one) => seen.namesOf(one)),
        });
  return { is, among };
}

/** Whether a folder is open to more than it was, or to fewer. What it was is no longer known where it is due to change. */
function givesOtherRights(before: Stat | undefined, after: Stat): boolean {
  if (after.type !== 'directory' || before === undefined) return after.type === 'directory';
  if (before.type !== 'directory') return false;
  return before.mode !== after.mode || before.uid !== after.uid || before.gid !== after.gid;
}

function tellsOfOtherNames({ kind }: Question, answer: unknown): boolean {
  return !(answer instanceof ProbeFailure) && (kind.hasOtherNames?.(answer) ?? false);
}
