import { predict } from '../../contract/index.ts';
import { secret } from '../../secrets/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { rabbitmqBroker, type RabbitmqBroker, type RabbitmqPermission } from './rabbitmq.probe.ts';
import { rabbitmqUser } from './user.ts';

// What RabbitMQ 3.10 keeps of "guest".
const shop = {
  name: 'shop',
  hash: '3xKC7JQEQDNFrEEUV7/8p25Rb1U6dU6NsNOULPISwTXsztNf',
  algorithm: 'rabbit_password_hashing_sha256',
  tags: ['monitoring'],
};
const may: RabbitmqPermission = { user: 'shop', vhost: '/', configure: '.*', write: '.*', read: '.*' };
const broker = (now: Partial<RabbitmqBroker> = {}): HostDescription => ({
  answers: [
    predict(rabbitmqBroker(''), {
      users: [shop],
      permissions: [may, { ...may, vhost: 'old' }],
      vhosts: ['/', 'old', 'new'],
      ...now,
    }),
  ],
});
const all = { configurePriv: '.*', writePriv: '.*', readPriv: '.*' };
const user = 'shop';

export const cases = planCases(rabbitmqUser, {
  'right already: the password is compared with what the broker keeps': {
    options: { user, password: secret`guest`, tags: ['monitoring'], vhost: '/', ...all },
    host: broker(),
    result: { name: 'shop' },
  },
  'made, its password on stdin': {
    options: { user, password: secret`pa55-w0rd`, vhost: 'new', readPriv: '^x' },
    host: broker({ users: [], permissions: [] }),
    changes: [
      'state absent -> present',
      'password none -> set',
      'permissions in new none -> configure ^$, write ^$, read ^x',
    ],
    args: [
      ['', 'add_user', 'shop'],
      ['', 'set_permissions', '-p', 'new', 'shop', '^$', '^$', '^x'],
    ],
    stdin: ['pa55-w0rd\n', ''],
  },
  'without a password': {
    options: { user },
    host: broker({ users: [], permissions: [] }),
    changes: ['state absent -> present'],
    steps: ['rabbitmqctl add_user shop', 'rabbitmqctl clear_password shop'],
  },
  'another password': {
    options: { user, password: secret`other` },
    host: broker(),
    changes: ['password another -> set'],
    args: [['', 'change_password', 'shop']],
    stdin: ['other\n'],
  },
  'another password is left alone': {
    options: { user, password: secret`other`, updatePassword: 'onCreate' },
    host: broker(),
  },
  'these permissions and no others': {
    options: { user, permissions: [{ vhost: 'new', ...all }] },
    host: broker(),
    changes: [
      'permissions in new none -> configure .*, write .*, read .*',
      'permissions in / configure .*, write .*, read .* -> none',
      'permissions in old configure .*, write .*, read .* -> none',
    ],
  },
  'in one virtual host, others stay': {
    options: { user, vhost: '/', ...all, writePriv: '^$' },
    host: broker(),
    changes: ['permissions in / configure .*, write .*, read .* -> configure .*, write ^$, read .*'],
  },
  'no such virtual host': {
    options: { user, vhost: 'no' },
    host: broker(),
    fails: 'there is no virtual host no',
    hint: "Make it before: rabbitmqVhost({ name: 'no' })",
  },
  'other tags': {
    options: { user, tags: [] },
    host: broker(),
    changes: ['tags monitoring -> none'],
    args: [['', 'set_user_tags', 'shop']],
  },
  'removed': {
    options: { user, state: 'absent' },
    host: broker(),
    changes: ['state present -> absent'],
    args: [['', 'delete_user', 'shop']],
  },
  'removed already': { options: { user, state: 'absent' }, host: broker({ users: [] }) },
  'RabbitMQ is missing': {
    options: { user },
    host: { answers: [predict(rabbitmqBroker(''), { down: 'RabbitMQ is not installed' })] },
    fails: 'RabbitMQ cannot be asked: RabbitMQ is not installed',
    hint: "Install it before: apt({ name: 'rabbitmq-server' })",
  },
  'two ways to say it': {
    options: { user, vhost: '/', permissions: [] },
    fails: 'rabbitmqUser: give either `permissions` or `vhost` and its patterns',
  },
});
