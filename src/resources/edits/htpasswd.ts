import * as v from 'valibot';
import { settled, type Change, type Found, type Plan } from '../../contract/index.ts';
import { editHtpasswd, type HtpasswdUser } from '../../formats/htpasswd-file.ts';
import { utf8 } from '../../formats/text-bytes.ts';
import { defineResource } from '../../playbook/index.ts';
import { content } from '../../probes/index.ts';
import { reveal } from '../../secrets/index.ts';
import { fileQuestions, planFile, type WantedFile } from '../kit/file-content.ts';
import { backup, flag, follow, group, mode, owner, path, secretText, text } from '../kit/schemas.ts';

interface WantedHtpasswd {
  readonly file: Omit<WantedFile, 'content'>;
  readonly users: readonly HtpasswdUser[];
  readonly exclusive: boolean;
  readonly cost: number;
}

const user = v.strictObject({
  name: v.pipe(text('The name of the user.'), v.regex(/^[^:\s#][^:\n]*$/, 'must be a name without colons')),
  password: secretText('The password itself. Use a Secret.'),
});

/** The password file of a web server. */
export const htpasswd = defineResource({
  name: 'htpasswd',
  summary:
    'The users in an htpasswd file, as read by nginx, Apache and Prometheus. Hashes are bcrypt; a hash that matches the password is kept.',
  options: {
    path: path('The file. Created if it does not exist.'),
    follow,
    users: v.pipe(
      v.array(user),
      v.description(
        'Name and password of each user: `{ name, password }`. A password may have at most 72 bytes, because bcrypt ignores the rest.',
      ),
    ),
    exclusive: flag('Remove users that are not listed.', false),
    cost: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(4),
        v.maxValue(16),
        v.description('Cost of new hashes: 2^cost rounds, which the server computes at every request. Default 10.'),
      ),
      10,
    ),
    mode,
    owner,
    group,
    backup,
  },
  example: `htpasswd({ path: '/etc/nginx/monitoring.htpasswd', users: [{ name: 'alice', password: alicePassword }], owner: 'root', group: 'www-data', mode: '0640' })`,
  validateOptions({ users }) {
    const names = users.map((one) => one.name);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    return twice === undefined ? undefined : `the user "${twice}" is listed twice`;
  },
  title: (options) => options.path ?? '',
  prepare: ({ users, exclusive, cost, ...file }): WantedHtpasswd => ({
    file: { ...file, secrets: true },
    users: users.map(({ name, password }) => ({ name, password: reveal(password) })),
    exclusive,
    cost,
  }),
  probes: ({ file }) => [...fileQuestions(file.path), content(file.path)],
  plan,
  owns: ({ file }) => [{ on: 'path', path: file.path }],
});

interface HtpasswdResult {
  /** The file. */
  readonly path: string;
}

function plan({ file, users, exclusive, cost }: WantedHtpasswd, found: Found): Plan<HtpasswdResult> {
  const result = { path: file.path };
  const refused = (failure: string): Plan<HtpasswdResult> => ({ ...settled(result), failure });
  const long = users.find(({ password }) => Buffer.byteLength(password) > 72);
  if (long) return refused(`the password of "${long.name}" has more than 72 bytes, and bcrypt ignores the rest`);
  const now = found.get(content(file.path));
  if ('tooLarge' in now)
    return refused(`${file.path} has ${now.tooLarge} bytes, which is too large for an htpasswd file`);
  const old = 'bytes' in now ? now.bytes : Buffer.alloc(0);
  const edited = editHtpasswd(utf8.decode(old), users, { exclusive, cost });
  const plan = planFile(
    { ...file, content: edited.changes.length === 0 ? old : utf8.encode(edited.text) },
    found,
    result,
  );
  // Users are told by name; the content, hashes and all, is not part of any event.
  const told = edited.changes.map(({ name, what }): Change => ({ what: `user ${name}`, to: what }));
  const isNew = plan.changes.some((change) => change.what === 'content' && change.text?.before === null);
  return {
    ...plan,
    changes: [
      ...(isNew ? [{ what: 'content', to: 'new file' }] : []),
      ...told,
      ...plan.changes.filter((change) => change.what !== 'content'),
    ],
  };
}
