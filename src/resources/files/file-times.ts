import { predict, questionKey, type Change, type Found, type Plan, type Question } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { self, sha256, stat, walkSh } from '../../probes/index.ts';
import { folderOf } from '../kit/folder.ts';
import { requireNoObstacle } from '../kit/obstacle.ts';
import { fileTimes, localMoment, type FileTimes } from './file-times.probe.ts';
import type { Moment } from './moment.ts';

export interface WantedTimes {
  readonly accessTime?: Moment | undefined;
  readonly modificationTime?: Moment | undefined;
}

const timesScript = `set -e
${walkSh}
enter "\${1%/*}/"
name=./\${1##*/}
[ -z "$2" ] || touch -c -h -a -d "@$2" -- "$name"
[ -z "$3" ] || touch -c -h -m -d "@$3" -- "$name"`;

/** The questions that are sure to be asked. */
export function timeQuestions(path: string, { accessTime, modificationTime }: WantedTimes): Question[] {
  const fixed = [accessTime, modificationTime].filter((one) => typeof one === 'object');
  if (fixed.length === 0) return [];
  return [self, fileTimes(path), ...fixed.flatMap((one) => ('local' in one ? [localMoment(one.local)] : []))];
}

/** A plan, and the times that what is at the path shall have once it is carried out. */
export function withTimes<R>(path: string, wanted: WantedTimes, found: Found, plan: Plan<R>): Plan<R> {
  const accessed = secondsOf(wanted.accessTime, found);
  const modified = secondsOf(wanted.modificationTime, found);
  if ((accessed ?? modified) === undefined || plan.failure !== undefined) return plan;
  const now = timesNow(path, found);
  const access = accessed === now?.accessed ? undefined : accessed;
  const modification = modified === now?.modified ? undefined : modified;
  if ((access ?? modification) === undefined) return plan;
  requireOwner(path, found.with(plan));
  if (plan.steps.length === 0) requireNoObstacle(path, 'change', found);
  const after: FileTimes = {
    accessed: access ?? now?.accessed ?? 0,
    modified: modification ?? now?.modified ?? 0,
    of: contentAfter(path, plan, found),
  };
  return {
    ...plan,
    changes: [...plan.changes, ...told('access time', access), ...told('modification time', modification)],
    steps: [
      ...plan.steps,
      {
        script: timesScript,
        args: [
          path,
          access === undefined ? '' : String(access),
          modification === undefined ? '' : String(modification),
        ],
        label: `set the times of ${path}`,
      },
    ],
    after: [...plan.after, predict(fileTimes(path), after)],
  };
}

function secondsOf(moment: Moment | undefined, found: Found): number | undefined {
  if (typeof moment !== 'object') return undefined;
  return 'seconds' in moment ? moment.seconds : found.get(localMoment(moment.local));
}

/** As they will be found; undefined where a change planned before sets them to the moment at which it is made. */
function timesNow(path: string, found: Found): FileTimes | undefined {
  const written = found.planned(sha256(path));
  const planned = found.planned(fileTimes(path));
  if (planned !== undefined) return planned?.of === written ? (planned ?? undefined) : undefined;
  if (written !== undefined || isFilled(path, found)) return undefined;
  return found.get(fileTimes(path)) ?? undefined;
}

/** Whether changes planned before make, replace or remove names in a directory. */
function isFilled(path: string, found: Found): boolean {
  return found
    .plannedBelow(path)
    .some(
      (one) =>
        folderOf(one.path) === path &&
        (one.before === undefined ||
          (one.before.type === 'absent') !== (one.after.type === 'absent') ||
          found.planned(sha256(one.path)) !== undefined),
    );
}

function contentAfter(path: string, plan: Plan<unknown>, found: Found): string | null | undefined {
  const key = questionKey(sha256(path));
  const own = plan.after.find(({ question }) => questionKey(question) === key);
  return own === undefined ? found.planned(sha256(path)) : (own.answer as string | null);
}

/** utimensat(2). @throws PlayError */
function requireOwner(path: string, found: Found): void {
  const { uid, owner } = found.get(self);
  const at = found.get(stat(path));
  if (uid !== 0 && at.type !== 'absent' && at.uid !== uid)
    throw new PlayError(
      `only the owner of ${path} may set its times: that is ${at.owner}, but this task runs as ${owner}`,
    );
}

/** Without the old one: of a file that was written just before, check mode cannot know it. */
function told(what: string, to: number | undefined): Change[] {
  return to === undefined ? [] : [{ what, to: shown(to) }];
}

/** In UTC. */
function shown(seconds: number): string {
  const at = new Date(seconds * 1000);
  return Number.isNaN(at.getTime()) ? String(seconds) : at.toISOString().replace('.000', '');
}
