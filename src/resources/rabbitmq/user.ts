import { createHash, randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { predict, settled, type Change, type Found, type Plan, type Step } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { reveal } from '../../secrets/index.ts';
import { secretText } from '../kit/schemas.ts';
import { node, rabbitmqName, state } from './options.ts';
import {
  answered,
  ctlSh,
  fresh,
  rabbitmqBroker,
  rabbitmqSubject,
  type RabbitmqBroker,
  type RabbitmqPermission,
  type RabbitmqUser,
} from './rabbitmq.probe.ts';

const nothing = '^$';
const pattern = (description: string) =>
  v.pipe(v.string(), v.regex(/^[^\p{Cc}]*$/u, 'must be one line'), v.description(description));

interface Wanted {
  readonly name: string;
  readonly node: string;
  readonly password: string | undefined;
  /** The first password of one that shall have none. */
  readonly unknown: string;
  readonly keepsPassword: boolean;
  readonly tags: readonly string[] | undefined;
  /** Undefined: as they are. */
  readonly permissions: readonly RabbitmqPermission[] | undefined;
  /** Those of other virtual hosts go. */
  readonly isWhole: boolean;
  readonly state: 'present' | 'absent';
}

interface UserResult {
  /** The name of the account. */
  readonly name: string;
}

/** An account of RabbitMQ. */
export const rabbitmqUser = defineResource({
  name: 'rabbitmqUser',
  summary:
    'A RabbitMQ user: its password, which is compared on this machine, its tags, and its permissions in virtual hosts.',
  options: {
    user: rabbitmqName('The account.'),
    password: v.optional(
      v.pipe(
        secretText(
          'Its password. Use a Secret. It is sent only if the stored one does not match. A new user without one cannot log in with a password.',
        ),
      ),
    ),
    updatePassword: v.optional(
      v.pipe(
        v.picklist(['always', 'onCreate']),
        v.description('`onCreate` leaves the password of an existing account alone. Default `always`.'),
      ),
      'always',
    ),
    tags: v.optional(
      v.pipe(
        v.array(v.pipe(v.string(), v.regex(/^[\w.]+$/, 'must be a word'))),
        v.description('`administrator`, `monitoring` ..., and no others. Default: as they are.'),
      ),
    ),
    permissions: v.optional(
      v.pipe(
        v.array(
          v.strictObject({
            vhost: rabbitmqName('A virtual host, which must exist.'),
            configurePriv: v.optional(pattern('Names it may create and delete.'), nothing),
            writePriv: v.optional(pattern('Names it may write to.'), nothing),
            readPriv: v.optional(pattern('Names it may read from.'), nothing),
          }),
        ),
        v.description(
          "Its permissions, in these virtual hosts and no others: `{ vhost: '/', configurePriv: '.*', writePriv: '.*', readPriv: '.*' }`, regular expressions; `^$`, the default, matches nothing. Default: as they are.",
        ),
      ),
    ),
    vhost: v.optional(
      rabbitmqName('Instead of `permissions`: a single virtual host; others stay as they are. Default `/`.'),
    ),
    configurePriv: v.optional(pattern('In `vhost`: names it may create and delete. Default `^$`.')),
    writePriv: v.optional(pattern('In `vhost`: names it may write to. Default `^$`.')),
    readPriv: v.optional(pattern('In `vhost`: names it may read from. Default `^$`.')),
    node,
    state,
  },
  example: `rabbitmqUser({ user: 'shop', password: dbPassword, vhost: 'shop', configurePriv: '.*', writePriv: '.*', readPriv: '.*' })`,
  validateOptions({ password, permissions, vhost, configurePriv, writePriv, readPriv, tags, state: is }) {
    const one = vhost ?? configurePriv ?? writePriv ?? readPriv;
    if (permissions !== undefined && one !== undefined) return 'give either `permissions` or `vhost` and its patterns';
    const names = permissions?.map((each) => each.vhost) ?? [];
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined) return `the virtual host "${twice}" is listed twice`;
    if (
      password !== undefined &&
      !/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(reveal(password)) &&
      reveal(password) !== ''
    )
      return '`password` must be one line of ASCII without blanks at its ends: rabbitmqctl reads no other from its stdin';
    if (password !== undefined && reveal(password) === '') return '`password` must not be empty; leave it out for none';
    return is === 'absent' && (password ?? permissions ?? one ?? tags) !== undefined
      ? 'with state `absent` only `user` and `node` count'
      : undefined;
  },
  title: ({ user }) => user ?? '',
  prepare({ user, password, permissions, vhost, configurePriv, writePriv, readPriv, ...rest }): Wanted {
    const single = { vhost: vhost ?? '/', configurePriv, writePriv, readPriv };
    const given =
      permissions ?? ((vhost ?? configurePriv ?? writePriv ?? readPriv) === undefined ? undefined : [single]);
    return {
      name: user,
      node: rest.node ?? '',
      password: password === undefined ? undefined : reveal(password),
      unknown: randomBytes(24).toString('hex'),
      keepsPassword: rest.updatePassword === 'onCreate',
      tags: rest.tags?.toSorted(),
      permissions: given?.map((one) => ({
        user,
        vhost: one.vhost,
        configure: one.configurePriv ?? nothing,
        write: one.writePriv ?? nothing,
        read: one.readPriv ?? nothing,
      })),
      isWhole: permissions !== undefined,
      state: rest.state,
    };
  },
  probes: (wanted) => [rabbitmqBroker(wanted.node)],
  plan,
  owns: ({ name, node: of }) => [{ on: 'named', name: `rabbitmq account ${name}${of === '' ? '' : ` of ${of}`}` }],
});

// $1 node, $2 what. The password comes by stdin: rabbitmqctl reads it there where it is not among its arguments.
const script = `${ctlSh}
node=$1; shift
ctl "$@"`;

/** Whether what the broker keeps stands for this password: a salt of four bytes before the hash of both (RabbitMQ's guide on passwords). */
export function isPassword(password: string, { hash, algorithm }: RabbitmqUser): boolean {
  const kept = Buffer.from(hash, 'base64');
  if (kept.length <= 4) return false;
  const name = /sha512/.test(algorithm) ? 'sha512' : /md5/.test(algorithm) ? 'md5' : 'sha256';
  const salt = kept.subarray(0, 4);
  return createHash(name).update(salt).update(password).digest().equals(kept.subarray(4));
}

function plan(wanted: Wanted, found: Found): Plan<UserResult> {
  const { name, password } = wanted;
  const question = rabbitmqBroker(wanted.node);
  const broker = answered(found.get(question), fresh, found);
  const now = broker.users.find((one) => one.name === name);
  const changes: Change[] = [];
  const steps: Step[] = [];
  const run = (words: readonly string[], stdin = ''): void =>
    void steps.push({
      script,
      args: [wanted.node, ...words],
      stdin: Buffer.from(stdin),
      label: `rabbitmqctl ${words.join(' ')}`,
    });
  const done = (after: RabbitmqBroker): Plan<UserResult> =>
    changes.length === 0
      ? settled({ name })
      : {
          ...settled({ name }),
          changes,
          steps,
          after: [predict(question, after)],
          touches: [rabbitmqSubject],
        };
  const rest = {
    ...broker,
    users: broker.users.filter((one) => one.name !== name),
    permissions: broker.permissions.filter((one) => one.user !== name),
  };
  if (wanted.state === 'absent') {
    if (now !== undefined) {
      changes.push({ what: 'state', from: 'present', to: 'absent' });
      run(['delete_user', name]);
    }
    return done(rest);
  }
  let then = now ?? { name, hash: '', algorithm: '', tags: [] };
  if (now === undefined) {
    changes.push({ what: 'state', from: 'absent', to: 'present' });
    // A new one needs a password: one that nobody knows, and that is taken away again.
    run(['add_user', name], `${password ?? wanted.unknown}\n`);
    if (password === undefined) run(['clear_password', name]);
    else changes.push({ what: 'password', from: 'none', to: 'set' });
  } else if (password !== undefined && !wanted.keepsPassword && !isPassword(password, now)) {
    changes.push({ what: 'password', from: now.hash === '' ? 'none' : 'another', to: 'set' });
    run(['change_password', name], `${password}\n`);
  }
  if (password !== undefined && changes.length > 0) then = { ...then, ...keptOf(password) };
  if (wanted.tags !== undefined && wanted.tags.join() !== then.tags.join()) {
    changes.push({ what: 'tags', from: then.tags.join(', ') || 'none', to: wanted.tags.join(', ') || 'none' });
    run(['set_user_tags', name, ...wanted.tags]);
    then = { ...then, tags: wanted.tags };
  }
  return done({
    ...rest,
    users: [...rest.users, then],
    permissions: [...rest.permissions, ...permit(wanted, broker, found, changes, run)],
  });
}

/** As a broker would keep it; check mode plans later tasks against it. */
function keptOf(password: string): { readonly hash: string; readonly algorithm: string } {
  const salt = Buffer.from('play');
  const hash = createHash('sha256').update(salt).update(password).digest();
  return { hash: Buffer.concat([salt, hash]).toString('base64'), algorithm: 'rabbit_password_hashing_sha256' };
}

/** What it may do afterwards. */
function permit(
  { name, permissions, isWhole }: Wanted,
  broker: RabbitmqBroker,
  found: Found,
  changes: Change[],
  run: (words: readonly string[]) => void,
): readonly RabbitmqPermission[] {
  const now = broker.permissions.filter((one) => one.user === name);
  if (permissions === undefined) return now;
  const shown = ({ configure, write, read }: RabbitmqPermission): string =>
    `configure ${configure}, write ${write}, read ${read}`;
  for (const one of permissions) {
    const { vhost, configure, write, read } = one;
    const is = now.find((each) => each.vhost === vhost);
    if (is !== undefined && shown(is) === shown(one)) continue;
    found.require(broker.vhosts.includes(vhost), {
      failure: `there is no virtual host ${vhost}`,
      hint: `Make it before: rabbitmqVhost({ name: '${vhost}' })`,
      by: 'changes',
    });
    changes.push({ what: `permissions in ${vhost}`, from: is === undefined ? 'none' : shown(is), to: shown(one) });
    run(['set_permissions', '-p', vhost, name, configure, write, read]);
  }
  const kept = now.filter((one) => !permissions.some((each) => each.vhost === one.vhost));
  if (!isWhole) return [...kept, ...permissions];
  for (const one of kept) {
    changes.push({ what: `permissions in ${one.vhost}`, from: shown(one), to: 'none' });
    run(['clear_permissions', '-p', one.vhost, name]);
  }
  return permissions;
}
