import { toBytes } from '../connection/byte-text.ts';
import { inputBytes, LANE_PATH } from '../connection/index.ts';
import type { Step } from '../contract/index.ts';
import { applyKeywords, environmentOf, ignoresErrors, type Event, type TaskEvent } from '../engine/index.ts';
import { PlayError } from '../errors/index.ts';
import { said } from '../report/index.ts';
import { secretsIn, type Redactor } from '../secrets/index.ts';
import { asInput, quoted, words } from './sh-text.ts';

/** What the head of a script says. */
export interface ScriptHead {
  readonly host: string;
  readonly playbook: string;
  readonly commit: string | undefined;
  readonly file: string;
  readonly command: string;
}

/** A task as part of a script. */
interface Part {
  readonly event: TaskEvent;
  readonly steps: readonly Step[];
  readonly account: string;
  /** Why it is not in the script. */
  readonly missing?: string;
}

/**
 * The changes of a check run of one host as one plain POSIX script, to be run at its console where no login is possible:
 * the very steps that play would send, with their contents, and nothing of play.
 */
export class ConsoleScript {
  readonly #parts: Part[] = [];
  #why: string | undefined;

  /** Hears of the check run, secrets and all. */
  hear(event: Event): void {
    if (event.event === 'unreachable' || event.event === 'host-failed') this.#why = event.error.what;
    if (event.event === 'held') this.#why = event.text;
    if (event.event !== 'task' && event.event !== 'handler') return;
    const part = partOf(event);
    if (part !== undefined) this.#parts.push(part);
  }

  /**
   * The script.
   *
   * @throws PlayError where secrets would be in it and that is not wanted, or nobody knows what would change
   */
  bytes(head: ScriptHead, redactor: Redactor, withSecrets: boolean): Buffer {
    if (this.#why !== undefined)
      throw new PlayError('No script is written: it is not known what would change', { detail: this.#why });
    const secret = this.#parts.filter((part) => part.missing === undefined && holdsSecret(part, redactor));
    if (secret.length > 0 && !withSecrets)
      throw new PlayError(`No script is written: it would contain secrets, of ${namesOf(secret)}`, {
        hint: 'With --with-secrets it is written with them, readable by you alone (0600).',
      });
    return toBytes(this.#text(head));
  }

  #text(head: ScriptHead): string {
    const runner = this.#parts.some(({ account, missing }) => missing === undefined && account === 'root')
      ? 'root'
      : '';
    const parts = this.#parts.map((part) =>
      part.missing === undefined && part.account === '' && runner === 'root'
        ? { ...part, missing: 'it is done as the account that play logs in as, and the rest as root' }
        : part,
    );
    const bodies = new Bodies();
    const main = parts.flatMap((part, i) =>
      partLines(part, `${i + 1} of ${parts.length}: ${titleOf(part.event)}`, runner, bodies),
    );
    const missing = parts.filter((part) => part.missing !== undefined);
    return [
      '#!/bin/sh',
      `# What play would change on ${said(head.host)}, for use on its console when ssh does not work.`,
      `# Playbook ${said(head.playbook)}${head.commit === undefined ? '' : `, commit ${head.commit}`}, written ${new Date().toISOString()}.`,
      '#',
      `# Read it, then run it${runner === '' ? ' as the account that play logs in as' : ' as root'}: sh ${said(head.file)}`,
      '# To get it there by pasting: cat >fix.sh, paste, Ctrl-D. It does not need play.',
      '# It stops at the first step that fails. It does not know what has changed on the host since it was written.',
      `# Afterwards this finds nothing left to change: ${said(head.command)}`,
      ...(missing.length === 0
        ? []
        : [
            '#',
            '# Not in it:',
            ...missing.map(({ event, missing: why = '' }) => `#   ${titleOf(event)}: ${said(why)}`),
          ]),
      '',
      'main() {',
      '',
      ...main,
      ...(missing.length === 0
        ? ["echo 'all done'"]
        : [`echo ${quoted(`done, but for ${missing.length} that it says are not in it`)}`]),
      '}',
      '',
      `fail() { printf 'failed: %s\\n' "$1" >&2; exit 1; }`,
      '',
      '# How it is done: these are constant texts, all that varies is given to them above.',
      ...bodies.lines(),
      '',
      '# As play runs them.',
      'umask 022',
      `PATH=${LANE_PATH} LC_ALL=C`,
      'export PATH LC_ALL',
      'cd / || exit',
      'main',
      '',
    ].join('\n');
  }
}

/** The constant scripts, each under a name of its own. */
class Bodies {
  readonly #names = new Map<string, string>();
  readonly #asText = new Set<string>();

  /** @param isText it is given to another shell, and not called */
  nameOf(script: string, resource: string, isText: boolean): string {
    const known = this.#names.get(script) ?? `${resource.toLowerCase().replace(/\W/g, '_')}_${this.#names.size + 1}`;
    this.#names.set(script, known);
    if (isText) this.#asText.add(script);
    return known;
  }

  lines(): string[] {
    return [...this.#names].flatMap(([script, name]) => [
      '',
      ...(this.#asText.has(script) ? [`${name}=${quoted(script)}`] : []),
      `${name}() (`,
      script.trimEnd(),
      ')',
    ]);
  }
}

function partOf(event: TaskEvent): Part | undefined {
  const { status, may, work, changes, delegatedTo, host } = event;
  const account = work?.listed.become ? work.listed.becomeUser : '';
  const steps = work?.plan ? applyKeywords(work.listed, work.plan.steps) : [];
  const not = (missing: string): Part => ({ event, steps: [], account, missing });
  if (may !== null) return not(`it may change something, which is not known in advance: ${may}`);
  if (status === 'failed' || status === 'unreachable') return not(`it would fail: ${event.error?.what ?? ''}`);
  if (status === 'held') return not(event.message ?? 'it is held');
  if (status === 'skipped' || (changes.length === 0 && steps.length === 0)) return undefined;
  if (delegatedTo !== undefined && delegatedTo !== host) return not(`it is done on ${delegatedTo}`);
  if (work?.plan?.imperative !== undefined) return not("play does it step by step, depending on the host's answers");
  return { event, steps, account };
}

function holdsSecret({ event, steps }: Part, redactor: Redactor): boolean {
  const { work, changes, hidden } = event;
  if (hidden || changes.some(({ text }) => text?.secret !== undefined)) return true;
  if (
    secretsIn(work?.options ?? {}).size > 0 ||
    secretsIn((work === undefined ? undefined : environmentOf(work.listed)) ?? {}).size > 0
  )
    return true;
  return steps.some(({ args = [], stdin }) => {
    const input = Buffer.from(stdin === undefined ? [] : inputBytes(stdin));
    return redactor.redactBuffer(input) !== input || args.some((arg) => redactor.redact(arg) !== arg);
  });
}

function partLines({ event, steps, account, missing }: Part, title: string, runner: string, bodies: Bodies): string[] {
  const heading = [
    `# ${title}`,
    ...event.changes.map(
      ({ what, from = '', to = '', text }) =>
        `#     ${said([what, from, to === '' ? '' : `-> ${to}`, text?.path ?? ''].filter((word) => word !== '').join(' '))}`,
    ),
  ];
  if (missing !== undefined)
    return [...heading, `echo ${quoted(`NOT DONE: ${title}`)}`, `# NOT IN THIS SCRIPT: ${said(missing)}`, ''];
  const { failedWhen } = event.work?.listed.task.keywords ?? {};
  const isAnyExit = (event.work !== undefined && ignoresErrors(event.work.listed)) || failedWhen !== undefined;
  const end = isAnyExit ? '|| :' : `|| fail ${quoted(title)}`;
  const calls = steps.flatMap((step) => {
    const isOther = account !== runner;
    const name = bodies.nameOf(step.script, event.resource, isOther);
    const call = isOther ? ['su', '-s', '/bin/sh', '-c', `"$${name}"`, '--', quoted(account), 'sh'] : [name];
    return asInput(words([...call, ...(step.args ?? []).map(quoted)]), step.stdin && inputBytes(step.stdin), end);
  });
  return [...heading, `echo ${quoted(title)}`, ...calls, ''];
}

function titleOf({ role, task, event }: TaskEvent): string {
  return said(`${role === null ? '' : `${role} : `}${task}${event === 'handler' ? ' (handler)' : ''}`);
}

function namesOf(parts: readonly Part[]): string {
  const names = parts.map(({ event }) => `"${titleOf(event)}"`);
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}
