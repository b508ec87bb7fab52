import * as v from 'valibot';
import { defineResource, type Deferrable, type Keywords, type Task } from '../../src/playbook/index.ts';

const hostList = v.optional(v.union([v.boolean(), v.array(v.string())]), false);

/**
 * How a failing mark fails in play: only when it is carried out, or already when it is planned, as check mode can
 * foresee.
 */
export type Failing = 'on the host' | 'when planned';
export const setting: { failing: Failing } = { failing: 'on the host' };

// $1 the text, $2 whether it fails. PARITY_MARKS is the file of the host this lane stands for.
const script = `printf '%s\\n' "$1" >>"$PARITY_MARKS"
grep -cxF -e "$1" "$PARITY_MARKS"
[ "$2" = false ] || { echo no luck >&2; exit 3; }`;

/** What the fake connection looks for among a request's arguments: it is lost there. */
export const lost = '--the connection is lost--';

const resource = defineResource({
  name: 'mark',
  summary:
    "Leaves a line in the file of the host it is carried out on: what test/parity's action plugin does in Ansible.",
  options: {
    say: v.string(),
    ok: v.optional(v.boolean(), false),
    fail: hostList,
    down: hostList,
  },
  example: "mark('a')",
  title: ({ say }) => say ?? '',
  prepare({ fail, down, ...rest }, { host }) {
    const applies = (given: boolean | readonly string[]): boolean =>
      typeof given === 'boolean' ? given : given.includes(host.name);
    return { ...rest, fail: applies(fail), down: applies(down) };
  },
  probes: () => [],
  plan({ say, ok, fail, down }) {
    const result = { said: say, tries: 1 };
    if (fail && setting.failing === 'when planned')
      return { changes: [], steps: [], after: [], touches: [], result, failure: 'no luck' };
    return {
      changes: [{ what: 'mark', to: say }],
      steps: [{ script, args: [say, String(fail), ...(down ? [lost] : [])] }],
      after: [],
      touches: [],
      again: true,
      // Carried out like any other, but reported as ok.
      quiet: ok,
      result,
      conclude: ([output]) => ({ said: say, tries: Number(output?.stdout ?? 0) }),
    };
  },
});

export interface MarkOptions {
  readonly say?: Deferrable<string>;
  readonly ok?: boolean;
  /** True, or the hosts on which it fails. */
  readonly fail?: boolean | string[];
  /** The same for the connection. */
  readonly down?: boolean | string[];
}
export type MarkResult = { said: string; tries: number };

/**
 * A task of the table: named, and leaving its name behind. @example mark('a', { fail: ['h1'] }, { ignoreErrors: true })
 */
export function mark(
  name: string,
  { say = name, ...options }: MarkOptions = {},
  keywords: Keywords<MarkResult> = {},
): Task<MarkResult> {
  return resource({ say, ...options }, { ...keywords, name });
}
