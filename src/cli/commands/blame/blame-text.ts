import type { LoggedChange, Thing } from '../../../engine/index.ts';
import { localTime, unifiedDiff } from '../../../report/index.ts';
import type { Redactor } from '../../../secrets/index.ts';
import type { LookedAt } from './look-at-thing.ts';
import type { Verdict } from './verdict.ts';

/** What there is to say of a thing. */
export interface Blamed {
  readonly looked: LookedAt;
  readonly verdict: Verdict;
  /** What was written into a file, where its text is on record here; null: its content is as it was left. */
  readonly written: Buffer | undefined | null;
}

/** The lines for people: how it stands, who changed it, and how it differs from what was written. */
export function blameLines({ looked, verdict, written }: Blamed, most: number, redactor: Redactor): string[] {
  const { thing, changes, packageLog, isPartial } = looked;
  const { name } = thing;
  const shown = changes.toReversed().slice(0, most);
  return [
    `${thing.kind === 'path' ? name : `${thing.kind} ${name}`}  ${verdictText(verdict, looked)}`,
    ...shown.flatMap((change) => changeLines(change, thing)),
    ...(changes.length > shown.length ? [`  and ${changes.length - shown.length} earlier: -n ${changes.length}`] : []),
    ...packageLog.map((line) => `  dpkg  ${line}`),
    ...diffLines(looked, written, redactor),
    ...(isPartial ? ['  only the log of the login user was read: becoming root failed'] : []),
  ];
}

/** The diff against what was written, or why there is none; nothing where the content is as it was left. */
export function diffLines(
  { thing, changes, bytes }: LookedAt,
  written: Blamed['written'],
  redactor: Redactor,
): readonly string[] {
  if (written === null) return [];
  const last = changes.at(-1);
  if (written === undefined)
    return [
      `  what was written is not on record here: it was started by ${last?.by ?? 'somebody unknown'}, or the text was secret, binary or long`,
    ];
  const diff = unifiedDiff({ path: thing.name, before: written, after: bytes ?? null }, (text) =>
    redactor.redact(text),
  );
  return diff.trimEnd().split('\n');
}

function verdictText(verdict: Verdict, { changes, changedAt, thing }: LookedAt): string {
  const since = localTime(changes.at(-1)?.at);
  switch (verdict.is) {
    case 'no record':
      return 'no run on record changed it';
    case 'not known':
      return 'changed by the runs below; how they left it is not on record';
    case 'as left':
      return 'as the last run left it';
    case 'changed since': {
      const differences = verdict.differences.map(({ what, from, to }) => `${what} ${from} -> ${to}`).join(', ');
      const at = changedAt === undefined ? '' : ` (last change ${localTime(changedAt.toISOString())})`;
      // A unit also stops by itself, and a package is upgraded by timers.
      const how = thing.kind === 'path' ? 'changed by hand since' : 'changed since';
      return `${how} ${since}${at}: ${differences}`;
    }
  }
}

function changeLines({ at, by, task, line, commit, what, id, play, on }: LoggedChange, thing: Thing): string[] {
  const place = [line ?? `play "${play}"`, ...(commit === undefined ? [] : [`at ${commit}`])].join(' ');
  const of = on === `${thing.kind} ${thing.name}` ? '' : ` (as a part of ${on.replace(/^path /, '')})`;
  return [`  ${localTime(at)}  ${by}  ${task}  ${place}  run ${id}${of}`, ...(what === '' ? [] : [`    ${what}`])];
}
