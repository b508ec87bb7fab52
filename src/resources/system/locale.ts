import * as v from 'valibot';
import { predict, settled, type Change, type Found, type Plan } from '../../contract/index.ts';
import { editLocales, type LocalesEdit } from '../../formats/locale-edit.ts';
import { utf8 } from '../../formats/text-bytes.ts';
import { defineResource } from '../../playbook/index.ts';
import { content } from '../../probes/index.ts';
import { inOrder } from '../kit/in-order.ts';
import { editQuestions, planEdit } from '../kit/text-file.ts';
import { locales, localeKey, localesSubject } from './locales.probe.ts';

const file = '/etc/locale.gen';
const supportedFile = '/usr/share/i18n/SUPPORTED';
const name = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9_]+(?:\.[A-Za-z0-9-]+)?(?:@[a-z]+)?$/, 'must be a locale such as de_DE.UTF-8'),
);

interface WantedLocales {
  /** The locales, as given in the task. */
  readonly names: readonly string[];
  /** Whether there are such locales afterwards. */
  readonly state: 'present' | 'absent';
}

/** Locales. */
export const locale = defineResource({
  name: 'locale',
  summary:
    'Generates locales with locale-gen(8), or removes them: the lines in /etc/locale.gen, and the generated locales. Needs the package locales.',
  options: {
    name: v.pipe(
      v.union([name, v.array(name)]),
      v.description('Locale or locales, as in `/usr/share/i18n/SUPPORTED`: `de_DE.UTF-8`, `nl_NL@euro`.'),
    ),
    state: v.optional(
      v.pipe(
        v.picklist(['present', 'absent']),
        v.description('`absent` comments the line out and regenerates the rest.'),
      ),
      'present',
    ),
  },
  example: `locale({ name: ['en_US.UTF-8', 'de_DE.UTF-8'] })`,
  title: (given) => (typeof given.name === 'string' ? given.name : (given.name ?? []).join(', ')),
  prepare: (given): WantedLocales => ({
    names: typeof given.name === 'string' ? [given.name] : given.name,
    state: given.state,
  }),
  probes: () => [...editQuestions(file), locales],
  plan,
});

const script = 'locale-gen >&2';

function plan({ names, state }: WantedLocales, found: Found): Plan<WantedLocales> {
  const result = { names, state };
  const list = found.get(content(file));
  if (!('bytes' in list) && state === 'absent') return settled(result);
  found.require('bytes' in list, { failure: `there is no ${file}`, hint: 'Install the package locales first.' });
  const made = found.get(locales);
  const isMade = (one: string): boolean => made.includes(localeKey(one));
  const lines = state === 'absent' ? names.map((one) => `${one} `) : linesFor(names, utf8.decode(list.bytes), found);
  const edit: LocalesEdit = { names, lines, state };
  const edited = inOrder(found, result, (now) =>
    planEdit({ path: file, create: undefined, onlyIfThere: false }, now, edit, editLocales),
  );
  // C.UTF-8 belongs to libc itself and is never taken away.
  const due = names.filter(
    (one) => isMade(one) !== (state === 'present') && !(state === 'absent' && localeKey(one) === 'C.utf8'),
  );
  const changes: Change[] = [
    ...edited.changes,
    ...due.map((one): Change => ({
      what: one,
      from: state === 'present' ? 'absent' : 'made',
      to: state === 'present' ? 'made' : 'absent',
    })),
  ];
  if (changes.length === 0 || edited.failure !== undefined) return edited;
  const keys = due.map(localeKey);
  return {
    ...edited,
    changes,
    steps: [...edited.steps, { script, timeout: 1800, label: 'make the locales' }],
    after: [
      ...edited.after,
      predict(locales, state === 'present' ? [...made, ...keys] : made.filter((one) => !keys.includes(one))),
    ],
    touches: [localesSubject],
  };
}

/** The line of each: the one that stands there, else the one that glibc supports. */
function linesFor(names: readonly string[], list: string, found: Found): string[] {
  const known = list.split('\n').map((line) => line.replace(/^[#\s]+/, '').trim());
  const missing = names.filter((one) => !known.some((line) => line.split(/\s+/)[0] === one));
  if (missing.length > 0) {
    const supported = found.get(content(supportedFile));
    if ('bytes' in supported)
      known.push(
        ...utf8
          .decode(supported.bytes)
          .split('\n')
          .map((line) => line.trim()),
      );
  }
  const lines = names.map((one) => known.find((line) => line.split(/\s+/)[0] === one && /^\S+\s+\S+$/.test(line)));
  const unknown = names.find((_, i) => lines[i] === undefined);
  found.require(unknown === undefined, { failure: `glibc has no locale ${unknown} (${supportedFile})`, by: null });
  return lines.filter((line) => line !== undefined);
}
