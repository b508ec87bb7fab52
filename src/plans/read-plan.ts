import { closeSync, openSync, readSync } from 'node:fs';
import * as v from 'valibot';
import { PlayError } from '../errors/index.ts';
import { saidLines } from '../report/index.ts';
import { planSchema, type Plan } from './schema.ts';

/** A plan of a thousand hosts has some 60 MiB; what is longer is none. */
const mostBytes = 128 * 1024 * 1024;

/**
 * Reads a plan file. It may be anybody's: nothing in it is done or believed, it is only shown and compared with.
 *
 * @throws PlayError for what is no plan, or of a form that this play does not know
 */
export function readPlan(file: string): Plan {
  return parsePlan(readPlanBytes(file), file);
}

/** The same of bytes that were read. @param file what they are called in errors */
export function parsePlan(bytes: Buffer, file: string): Plan {
  const data = parsed(bytes.toString('utf8'), file);
  if (isObject(data) && typeof data['format'] === 'string' && data['format'] !== 'play-plan/1')
    throw new PlayError(`The plan has the format "${short(data['format'])}", which this play does not know`, {
      where: { file },
      hint: 'Use the play it was made with, or make it again: play PLAYBOOK -C --out plan.json',
    });
  const checked = v.safeParse(planSchema, data, { abortEarly: true });
  if (checked.success) return checked.output;
  const [issue] = checked.issues;
  throw new PlayError(`The file is not a plan: ${short(issue.message)}`, {
    where: { file },
    detail: `at ${short(v.getDotPath(issue) ?? 'the top')}`,
    hint: 'A plan is made by play PLAYBOOK -C --out plan.json; docs/plan.schema.json says what it looks like.',
  });
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}

/** The bytes of a plan file. @throws PlayError where it cannot be read, or is too long */
export function readPlanBytes(file: string): Buffer {
  const parts: Buffer[] = [];
  let size = 0;
  let open: number | undefined;
  try {
    open = openSync(file, 'r');
    for (;;) {
      const part = Buffer.allocUnsafe(1024 * 1024);
      const read = readSync(open, part);
      if (read === 0) break;
      size += read;
      if (size > mostBytes) break;
      parts.push(part.subarray(0, read));
    }
  } catch (cause) {
    throw new PlayError(isMissing(cause) ? 'There is no such plan' : 'The plan cannot be read', {
      where: { file },
      hint: 'Give the file that --out wrote.',
      cause,
    });
  } finally {
    if (open !== undefined) closeSync(open);
  }
  if (size <= mostBytes) return Buffer.concat(parts);
  throw new PlayError(`The file is not a plan: it has more than ${mostBytes / 1024 / 1024} MiB`, { where: { file } });
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new PlayError('The file is not a plan: it is not JSON', {
      where: { file },
      hint: 'A plan is made by play PLAYBOOK -C --out plan.json',
      cause,
    });
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/**
 * A plan with the control characters of its texts written out: whoever wrote the file, it can neither move a cursor nor
 * look like a line of ours.
 */
export function cleaned(plan: Plan): Plan {
  return clean(plan) as Plan;
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return saidLines(value);
  if (Array.isArray(value)) return value.map(clean);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [saidLines(name), clean(one)]));
}

function short(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}
