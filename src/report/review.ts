import { createHash } from 'node:crypto';
import type { LargeContent } from '../contract/index.ts';
import type { TaskEvent } from '../engine/index.ts';
import { locationText } from '../errors/index.ts';
import { secretsIn, type Redactor, type Secret } from '../secrets/index.ts';
import { reviewedOptions, type ReviewedOptions, type ReviewedValue } from './review-options.ts';

/** Tells secret texts apart without giving them away: the same text is the same word for who has the key. */
export interface Fingerprints {
  /** @param place what the text is of, so that one secret in two places is two words */
  of(text: Uint8Array, place: readonly string[]): string;
}

/** What of a task's event is for a plan that somebody signs off, beyond what a terminal shows. */
export interface Review {
  /** Which of the tasks with this role and name it is, from 0. */
  readonly nth: number;
  /** `file:line:col` of the task. */
  readonly at: string | null;
  /** The account it is done as; empty: the login user. */
  readonly account: string;
  /** A fingerprint of all that is secret in it, but for the contents of files; null where nothing is, or nothing is done. */
  readonly secrets: string | null;
  /** What it was told to do; null where it does nothing, cannot be planned, or `noLog` hides it. */
  readonly options: Readonly<Record<string, ReviewedValue>> | null;
  /** For each change the contents of its file; null for one that is of no file. */
  readonly contents: readonly (Contents | null)[];
}

/** `sha256:...`, or `hmac:...` where there are secrets in it; null: no file, or not known. */
export interface Contents {
  readonly was: string | null;
  readonly will: string | null;
}

/** What a plan keeps of an event. It is made where secrets are masked, since nothing behind that knows them. */
export function reviewOf(event: TaskEvent, redactor: Redactor, fingerprints: Fingerprints): Review {
  const { work, host, changes, hidden, status, may } = event;
  const [, , count = '0'] = work?.listed.key.split('\0') ?? [];
  const place = [host, event.play, work?.listed.key ?? event.task];
  const isDue = may !== null || (status !== 'ok' && status !== 'skipped');
  const told = isDue && work?.options ? reviewedOptions(work.options, redactor) : undefined;
  return {
    nth: Number(count),
    at: work?.listed.task.at ? locationText(work.listed.task.at) : null,
    account: work?.listed.become ? work.listed.becomeUser : '',
    secrets: isDue ? secretPart(event, redactor, told, (text) => fingerprints.of(text, place)) : null,
    options: hidden ? null : (told?.options ?? null),
    contents: hidden
      ? []
      : changes.map(({ text }) => {
          if (text === undefined) return null;
          const { path, before, after, secret = [] } = text;
          const digest = (content: Buffer | LargeContent | null, side: string): string | null => {
            if (content === null) return null;
            if (!Buffer.isBuffer(content)) return `sha256:${content.sha256}`;
            const isSecret = secret === true || secret.length > 0 || redactor.redactBuffer(content) !== content;
            return isSecret
              ? `hmac:${fingerprints.of(content, [...place, path, side])}`
              : `sha256:${createHash('sha256').update(content).digest('hex')}`;
          };
          return { was: digest(Buffer.isBuffer(before) ? before : null, 'was'), will: digest(after, 'will') };
        }),
  };
}

function secretPart(
  { work, changes, hidden }: TaskEvent,
  redactor: Redactor,
  told: ReviewedOptions | undefined,
  fingerprint: (text: Uint8Array) => string,
): string | null {
  const environment = work?.listed.inherited.environment ?? {};
  const secrets = [...secretsIn(work?.options ?? {}), ...secretsIn(environment)].map(textOf);
  const values = changes.flatMap(({ what, from = '', to = '' }) => [what, from, to]);
  const hiddenValues = hidden
    ? [...values, ...changes.flatMap(contentsOf), JSON.stringify(told?.options ?? {})]
    : values.filter(isMasked);
  hiddenValues.push(...(told?.masked ?? []));
  if (secrets.length + hiddenValues.length === 0) return null;
  return fingerprint(Buffer.from(JSON.stringify([...secrets, ...hiddenValues])));

  function isMasked(text: string): boolean {
    return redactor.redact(text) !== text;
  }
}

/** One that cannot be read is told by where it comes from. */
function textOf(secret: Secret): string {
  try {
    return secret.expose();
  } catch {
    return secret.source;
  }
}

function contentsOf({ text }: TaskEvent['changes'][number]): string[] {
  if (text === undefined) return [];
  return [
    text.path,
    ...[text.before, text.after].map((side) => (Buffer.isBuffer(side) ? side.toString('base64') : '')),
  ];
}
