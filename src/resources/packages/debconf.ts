import * as v from 'valibot';
import { predict, settled, type Change, type Found, type Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { reveal, Secret } from '../../secrets/index.ts';
import { flag, text } from '../kit/schemas.ts';
import { toolNeed } from '../kit/tool-need.ts';
import { debconfAnswer, debconfSubject, type DebconfAnswer } from './debconf.probe.ts';

// What debconf-set-selections(1) takes; a line of type `error` it passes over.
const types = ['string', 'boolean', 'select', 'multiselect', 'note', 'text', 'password', 'title', 'seen'] as const;

interface WantedAnswer {
  readonly name: string;
  readonly question: string;
  readonly vtype: (typeof types)[number];
  readonly value: string;
  readonly isSecret: boolean;
  readonly unseen: boolean;
}

/** An answer for a package's installation. */
export const debconf = defineResource({
  name: 'debconf',
  summary:
    'Answers a question that a Debian package asks during installation. For a package that is already installed, reconfigure it afterwards.',
  options: {
    name: v.pipe(text('The package.'), v.regex(/^[a-z0-9][a-z0-9+.-]*$/, 'must be the name of a package')),
    question: v.pipe(text('The question, such as `tzdata/Areas`.'), v.regex(/^\S+$/, 'must be one word')),
    value: v.pipe(
      v.union([v.string(), v.boolean(), v.number(), v.instance(Secret)]),
      v.description(
        'The answer. May be a Secret, and should be one for type `password`. Several answers to a `multiselect` are separated by a comma and a blank.',
      ),
    ),
    vtype: v.pipe(
      v.picklist(types),
      v.description('The type of the question, see debconf-devel(7); `seen` only sets whether it counts as asked.'),
    ),
    unseen: flag('Leave it marked as not asked, so that it will still be asked.', false),
  },
  example: `debconf({ name: 'postfix', question: 'postfix/main_mailer_type', vtype: 'select', value: 'Satellite system' })
debconf({ name: 'mysql-server', question: 'mysql-server/root_password', vtype: 'password', value: rootPassword })`,
  validateOptions({ value, vtype }) {
    const given = typeof value === 'boolean' ? String(value) : reveal(value);
    if (/[\r\n\0]/.test(given)) return '`value` must be one line';
    if (/^\s|\s$/.test(given)) return '`value` must not begin or end with blanks, which debconf does not keep';
    return (vtype === 'boolean' || vtype === 'seen') && !/^(?:true|false)$/i.test(given)
      ? `a ${vtype} is true or false`
      : undefined;
  },
  title: ({ question }) => question ?? '',
  prepare({ name, question, value, vtype, unseen }): WantedAnswer {
    const given = typeof value === 'boolean' ? String(value) : reveal(value);
    return {
      name,
      question,
      vtype,
      value: vtype === 'boolean' || vtype === 'seen' ? given.toLowerCase() : given,
      isSecret: value instanceof Secret || vtype === 'password',
      unseen,
    };
  },
  probes: ({ question }) => [debconfAnswer(question)],
  plan,
});

// The line goes by stdin, as it may be secret.
const script = `if [ "$1" = unseen ]; then set -- -u; else set --; fi
DEBIAN_FRONTEND=noninteractive debconf-set-selections "$@" >&2`;

interface DebconfResult {
  /** The name of the question. */
  readonly question: string;
}

function plan({ name, question, vtype, value, isSecret, unseen }: WantedAnswer, found: Found): Plan<DebconfResult> {
  const result = { question };
  const now = found.get(debconfAnswer(question));
  found.require(!('missing' in now), toolNeed('debconf', 'debconf', 'programs'));
  // A package that is only planned asks questions of its own, and may answer them.
  found.trust(`debconf has the same answer to ${question} by then`, 'programs');
  found.require(vtype !== 'seen' || now.owners.length > 0, {
    failure: `debconf knows no question ${question}`,
    hint: 'Answer it first, or install the package that asks it.',
    by: null,
  });
  const changes = vtype === 'seen' ? seenChanges(value, now) : answerChanges({ name, vtype, value, isSecret }, now);
  if (changes.length === 0) return settled(result);
  const after =
    vtype === 'seen'
      ? { ...now, seen: value === 'true' }
      : { owners: [...now.owners.filter((one) => one !== name), name], value, seen: !unseen || now.seen };
  return {
    changes,
    steps: [
      {
        script,
        args: [unseen ? 'unseen' : 'seen'],
        stdin: Buffer.from(`${name} ${question} ${vtype} ${value}\n`),
        label: `answer ${question}`,
      },
    ],
    after: [predict(debconfAnswer(question), after)],
    touches: [debconfSubject],
    result,
  };
}

type Answer = Exclude<DebconfAnswer, { readonly missing: string }>;

function seenChanges(value: string, now: Answer): Change[] {
  return now.seen === (value === 'true') ? [] : [{ what: 'seen', from: String(now.seen), to: value }];
}

/** The answer, and whose it is: it goes with the last package it was given for. */
function answerChanges(
  { name, vtype, value, isSecret }: Pick<WantedAnswer, 'name' | 'vtype' | 'value' | 'isSecret'>,
  now: Answer,
): Change[] {
  const told = (text: string): string => (isSecret ? '(secret)' : text);
  const isRight =
    now.value !== null && (vtype === 'multiselect' ? choices(now.value) === choices(value) : now.value === value);
  return [
    ...(isRight ? [] : [{ what: 'answer', ...(now.value === null ? {} : { from: told(now.value) }), to: told(value) }]),
    ...(now.owners.includes(name) || now.owners.length === 0
      ? []
      : [{ what: 'asked by', from: now.owners.join(', '), to: [...now.owners, name].join(', ') }]),
  ];
}

/** A package puts what was chosen in an order of its own. */
function choices(value: string): string {
  return JSON.stringify(value.split(/,\s+/).sort());
}
