import { isDeepStrictEqual } from 'node:util';
import type { Change, TextChange } from '../../../contract/index.ts';
import type { Secret } from '../../../secrets/index.ts';

/** What a module printed: JSON, as Ansible would register it. */
export type ModuleFields = Readonly<Record<string, unknown>>;

/** A module's answer. */
export interface ModuleAnswer {
  readonly changed: boolean;
  /** Why it failed; undefined where it did not. */
  readonly failure: string | undefined;
  /** It did nothing, and why: it has no check mode, say. */
  readonly skipped: string | undefined;
  /** What `register` gives, without what is Ansible's own business. */
  readonly fields: ModuleFields;
  readonly changes: readonly Change[];
  /** Warnings, and diffs that are no texts. */
  readonly message: string | undefined;
}

/**
 * Reads what a module printed.
 *
 * @param secrets what was given to it: masked in both sides of its diffs
 * @returns undefined where that is no answer
 */
export function readAnswer(stdout: string, module: string, secrets: readonly Secret[]): ModuleAnswer | undefined {
  const said = jsonIn(stdout);
  if (said === undefined) return undefined;
  const { diff, warnings, invocation: _arguments, deprecations: _old, ...rest } = said;
  const fields = Object.fromEntries(Object.entries(rest).filter(([name]) => !name.startsWith('_ansible_')));
  const changed = said['changed'] === true;
  const diffs = (Array.isArray(diff) ? diff : [diff]).filter(isFields);
  const changes = diffs.flatMap((one) => changesOf(one, secrets));
  const told = [
    ...listOf(warnings).map((one) => `warning: ${one}`),
    ...diffs.flatMap(({ prepared }) => listOf([prepared])),
  ];
  const message = textOf(said['msg']);
  return {
    changed,
    failure: said['failed'] === true ? (message ?? 'the module says that it failed') : undefined,
    skipped: said['skipped'] === true ? (message ?? 'the module skipped it') : undefined,
    fields,
    changes: !changed ? [] : changes.length > 0 ? changes : [{ what: 'run', to: module }],
    message: told.length === 0 ? undefined : told.join('\n'),
  };
}

/** Some modules print more than their answer: a library's warning before it, something of a child behind it. */
function jsonIn(stdout: string): ModuleFields | undefined {
  const from = /^\s*\{/m.exec(stdout);
  if (from === null) return undefined;
  for (const text of [stdout.slice(from.index), stdout.slice(from.index, stdout.lastIndexOf('}') + 1)])
    try {
      const said: unknown = JSON.parse(text);
      if (isFields(said)) return said;
    } catch {
      // Cut shorter at its end.
    }
  return undefined;
}

/** The two sides of a diff are texts, or mappings of which what differs is told by itself. */
function changesOf(diff: ModuleFields, secret: readonly Secret[]): Change[] {
  const { before, after } = diff;
  if (typeof before === 'string' && typeof after === 'string') {
    if (before === after) return [];
    const header = textOf(diff['after_header']) ?? textOf(diff['before_header']) ?? 'what the module manages';
    // Modules of files write `/etc/motd (content)`.
    const path = header.replace(/ \(content\)$/, '');
    const text: TextChange = { path, before: Buffer.from(before), after: Buffer.from(after), secret };
    return [{ what: 'content', text }];
  }
  if (!isFields(before) || !isFields(after)) return [];
  return Object.keys({ ...before, ...after })
    .filter((name) => !isDeepStrictEqual(before[name], after[name]))
    .map((what) => ({ what, ...side('from', before[what]), ...side('to', after[what]) }));
}

function side(name: 'from' | 'to', value: unknown): Partial<Change> {
  if (value === undefined || value === null) return {};
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return { [name]: text.length > 200 ? `${text.slice(0, 200)}...` : text };
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string' && one !== '') : [];
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  return typeof value === 'string' ? value.trim() : JSON.stringify(value);
}

function isFields(value: unknown): value is ModuleFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
