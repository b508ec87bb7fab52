import * as v from 'valibot';

/** The form of a plan file. `docs/plan.schema.json` is made of this. */

const says = <S extends v.GenericSchema>(schema: S, meaning: string) => v.pipe(schema, v.description(meaning));
const maybe = <S extends v.GenericSchema>(schema: S, meaning: string) =>
  v.optional(v.pipe(schema, v.description(meaning)));
const text = v.string();
const texts = v.array(v.string());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const yes = v.literal(true);
const digest = v.pipe(v.string(), v.regex(/^(?:sha256|hmac):[0-9a-f]{1,64}$/));

const change = v.strictObject({
  what: says(text, 'What changes: `content`, `mode`, `package nginx` ...'),
  from: maybe(text, 'As it is now: for a package, its version.'),
  to: maybe(text, 'As it will be.'),
  along: maybe(yes, 'A package that nobody asked for: another needs it.'),
  path: maybe(text, 'The file whose text changes.'),
  diff: maybe(
    texts,
    'The lines of the unified diff, secrets masked; or one line in brackets that says why there is none.',
  ),
  was: maybe(
    digest,
    'The content now: its SHA-256, or a keyed fingerprint where it holds a secret. Left out: no file, or not known.',
  ),
  will: maybe(digest, 'The same for the content as it will be. Left out: there will be no file.'),
});

const failure = v.strictObject({
  what: text,
  hint: v.nullable(text),
  code: v.nullable(v.number()),
  stdout: text,
  stderr: text,
});

export type PlannedOption = string | number | boolean | null | PlannedOption[] | { [name: string]: PlannedOption };
const option: v.GenericSchema<PlannedOption> = v.lazy(() =>
  v.union([text, v.number(), v.boolean(), v.null(), v.array(option), v.record(text, option)]),
);

const task = v.strictObject({
  task: says(text, 'Its name.'),
  subject: maybe(text, 'What it is about, where it has a name of its own: a path, a unit, an account.'),
  resource: says(text, 'The resource: `template`, `apt` ...'),
  role: maybe(text, 'Its role. Left out: it belongs to the play itself.'),
  nth: maybe(count, 'Which of the tasks with this role and name it is, from 0. Left out: the first.'),
  handler: maybe(yes, 'It is a handler, and is notified.'),
  gate: maybe(
    v.picklist(['before', 'after', 'healthy']),
    "It belongs to the play's gate, or is a check that decides on a transaction.",
  ),
  at: maybe(text, 'Where it is written: file, line and column.'),
  status: says(
    v.picklist(['ok', 'changed', 'skipped', 'failed', 'unreachable', 'held']),
    'As check mode predicts it: `changed` would change.',
  ),
  may: maybe(text, 'Why it is not known whether it will change anything.'),
  assumed: maybe(texts, 'The assumptions it rests on, each with its reason.'),
  changes: maybe(v.array(change), 'What it will change.'),
  message: maybe(text, 'What it says.'),
  error: maybe(failure, 'Why it would fail.'),
  ignored: maybe(yes, 'Its failure is ignored.'),
  rescued: maybe(yes, 'Its block has a rescue.'),
  hidden: maybe(yes, '`noLog`: what it does is not shown.'),
  account: maybe(text, 'The account it is done as. Left out: the login user.'),
  delegatedTo: maybe(text, 'The host it is done on, where that is another.'),
  options: maybe(
    v.record(text, option),
    'What it was told, where it is due: secrets masked; long texts, and those of several lines, by their SHA-256.',
  ),
  secrets: maybe(digest, 'A keyed fingerprint of the secrets in it.'),
  tags: maybe(texts, 'Its tags.'),
});

const counts = v.strictObject({
  ok: count,
  changed: count,
  unreachable: count,
  failed: count,
  skipped: count,
  rescued: count,
  ignored: count,
});

const host = v.strictObject({
  counts: says(counts, 'The recap, as Ansible counts.'),
  plays: says(
    v.array(
      v.strictObject({
        part: says(count, 'Which play of the playbook, from 0.'),
        play: says(text, 'Its name.'),
        tasks: says(v.array(task), 'Its tasks in order, then the handlers to come.'),
      }),
    ),
    'The plays that the host has a part in.',
  ),
  out: maybe(
    v.strictObject({ is: v.picklist(['unreachable', 'failed', 'gone', 'held']), why: text }),
    'Why the host is not planned for, or only in part.',
  ),
  notices: maybe(texts, 'What else was said about it.'),
});

const patch = v.strictObject({
  security: maybe(yes, '`--security`'),
  full: maybe(yes, '`--full`'),
  only: maybe(texts, '`--only`'),
  exclude: maybe(texts, '`--exclude`'),
  restart: maybe(yes, '`--restart`'),
  rebootIfNeeded: maybe(yes, '`--reboot-if-needed`'),
  rebootTimeout: maybe(count, '`--reboot-timeout`, in seconds'),
  serial: maybe(texts, '`--serial`'),
});

const options = v.strictObject({
  inventory: maybe(texts, '`-i`; files are relative to the project.'),
  limit: maybe(text, '`-l`'),
  tags: maybe(texts, '`-t`'),
  skipTags: maybe(texts, '`--skip-tags`'),
  startAtTask: maybe(text, '`--start-at-task`'),
  extraVars: maybe(texts, '`-e`; secrets in it are masked, and have to be given again.'),
  become: maybe(yes, '`-b`'),
  becomeUser: maybe(text, '`--become-user`'),
  becomeMethod: maybe(v.picklist(['sudo', 'su', 'doas']), '`--become-method`'),
  forceHandlers: maybe(yes, '`--force-handlers`'),
  ignoreHold: maybe(yes, '`--ignore-hold`'),
  sandbox: maybe(v.picklist(['pristine', 'self']), '`--sandbox`'),
  patch: maybe(patch, 'It is a plan of `play patch`, with these options.'),
  others: maybe(texts, 'Other options it was given, by name: how hosts are reached, where passwords are.'),
});

/** A plan file. */
export const planSchema = v.pipe(
  v.strictObject({
    format: says(v.literal('play-plan/1'), 'The format of this file.'),
    made: says(text, 'When, ISO 8601: the only thing in it that changes each time.'),
    play: says(text, 'The version of play.'),
    playbook: says(
      text,
      'The playbook, relative to the project; `patch` of `play patch`, where `options` has `patch`.',
    ),
    code: says(
      v.nullable(v.strictObject({ commit: text, dirty: v.boolean() })),
      'The commit the project is at, and whether anything differs from it; null where there is no git.',
    ),
    key: says(v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)), 'The id of the key for its fingerprints.'),
    options: says(options, 'What the command line said.'),
    hosts: says(v.record(v.string(), host), 'What is planned, by host.'),
    files: says(
      v.record(v.string(), digest),
      "The project's files that it was made from. They are not compared: they explain differences.",
    ),
    variables: says(
      v.record(v.string(), v.pipe(v.string(), v.regex(/^[0-9a-f]{12}$/))),
      'Keyed fingerprints of the variables of its hosts, by name. They are not compared: they explain differences.',
    ),
  }),
  v.title('Plan of play'),
  v.description('What `play PLAYBOOK -C --out plan.json` writes, and `play apply` compares against.'),
);

export type Plan = v.InferOutput<typeof planSchema>;
export type PlannedHost = Plan['hosts'][string];
export type PlannedTask = PlannedHost['plays'][number]['tasks'][number];
export type PlannedChange = NonNullable<PlannedTask['changes']>[number];
export type PlannedOptions = Plan['options'];
export type PlannedPatch = NonNullable<PlannedOptions['patch']>;
