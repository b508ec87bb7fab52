import * as v from 'valibot';
import type { Options } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { fileQuestions } from '../kit/file-content.ts';
import { inOrder } from '../kit/in-order.ts';
import { planManagedFile, planNoFile } from '../kit/managed-file.ts';
import { text } from '../kit/schemas.ts';

const word = v.pipe(v.string(), v.regex(/^[^\s][^\r\n]*$/, 'must be one line'));
const options = {
  // apt_preferences(5): other names, and other endings than none and .pref, are passed over.
  name: v.pipe(
    text('The name of the file in `/etc/apt/preferences.d`.'),
    v.regex(/^[A-Za-z0-9_-]+$/, 'must consist of letters, digits, "_" and "-": apt ignores other files'),
  ),
  package: v.optional(
    v.pipe(
      v.union([word, v.array(word)]),
      v.description('Package or packages: names, wildcards, `/regular expressions/`, `src:NAME`. Default: all.'),
    ),
    '*',
  ),
  pin: v.optional(
    v.pipe(
      word,
      v.regex(/^(?:release|version|origin)[ \t]+\S/, 'must be "release", "version" or "origin", a blank, and which'),
      v.description(
        'What they are pinned to, as in apt_preferences(5): `release a=bookworm-backports`, `version 1.24.*`, `origin "deb.example.org"`.',
      ),
    ),
  ),
  priority: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(-32768),
      v.maxValue(32767),
      v.description(
        '1001 and more: even if that is a downgrade. 990, 500, 100: as the target release, as usual, as what is installed. Negative: never.',
      ),
    ),
  ),
  explanation: v.optional(v.pipe(word, v.description('The reason, for people who read the file.'))),
  state: v.optional(v.pipe(v.picklist(['present', 'absent']), v.description('`absent` removes the file.')), 'present'),
};

interface AptPinResult {
  /** The file of the pin. */
  readonly path: string;
}

/** Which versions apt prefers. */
export const aptPin = defineResource({
  name: 'aptPin',
  summary: 'Tells apt which versions of packages to prefer: a file of its own in /etc/apt/preferences.d.',
  options,
  example: `aptPin({ name: 'backports', package: ['nginx', 'nginx-*'], pin: 'release a=bookworm-backports', priority: 600 })
aptPin({ name: 'never-snapd', package: 'snapd', pin: 'release a=*', priority: -10 })`,
  validateOptions({ state, pin, priority }) {
    if (state === 'absent') return undefined;
    if (pin === undefined || priority === undefined) return 'give `pin` and `priority`';
    return priority === 0 ? '`priority` 0 means nothing to apt; -1 keeps a version out' : undefined;
  },
  title: (given) => given.name ?? '',
  prepare: (given) => ({
    path: `/etc/apt/preferences.d/${given.name}.pref`,
    state: given.state,
    content: Buffer.from(given.state === 'absent' ? '' : textOf(given)),
  }),
  probes: ({ path }) => fileQuestions(path),
  plan({ path, state, content }, found) {
    const result: AptPinResult = { path };
    const plan =
      state === 'absent'
        ? planNoFile(path, found, result)
        : planManagedFile({ path, content, mode: '0644' }, undefined, found, result);
    return inOrder(found, result, () => ({ ...plan, touches: plan.changes.length > 0 ? [{ on: 'packages' }] : [] }));
  },
  owns: ({ path }) => [{ on: 'path', path }],
});

function textOf({ package: packages, pin, priority, explanation }: Options<typeof options>): string {
  const why = explanation === undefined ? '' : `Explanation: ${explanation}\n`;
  return `${why}Package: ${typeof packages === 'string' ? packages : packages.join(' ')}\nPin: ${pin}\nPin-Priority: ${priority}\n`;
}
