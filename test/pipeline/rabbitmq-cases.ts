import { rabbitmqUser, rabbitmqVhost } from '../../src/resources/index.ts';
import { Secret } from '../../src/secrets/index.ts';
import type { LawCase } from '../support/laws.ts';

const user = `o'd "d $x`;
const word = new Secret(`hunter \\ '"two"`);
const may = { configurePriv: '.*', writePriv: '^a|"b"$', readPriv: `x 'y` };

/** Accounts and virtual hosts of a real RabbitMQ. They build on one another; each question starts rabbitmqctl. */
export const rabbitmqCases: readonly LawCase[] = [
  {
    name: 'a virtual host, and accounts that may do something in it',
    tasks: () => [
      rabbitmqVhost({ name: `v 'h" $x`, tracing: true }),
      rabbitmqUser({ user, password: word, tags: ['monitoring', 'management'], vhost: `v 'h" $x`, ...may }),
      rabbitmqUser({ user: 'no-password', permissions: [{ vhost: '/' }, { vhost: `v 'h" $x`, ...may }] }),
    ],
    expect: ['changed', 'changed', 'changed'],
    hidden: [`hunter \\ '"two"`],
    afterwards: `printf '%s\\n' "hunter \\\\ '\\"two\\"" | (cd /var/lib/rabbitmq; HOME=. runuser -u rabbitmq -- /usr/lib/rabbitmq/bin/rabbitmqctl -q authenticate_user "o'd \\"d \\$x")`,
  },
  {
    name: 'another password and tags, fewer permissions, and what is gone',
    tasks: () => [
      rabbitmqUser({
        user,
        password: new Secret('other-secret'),
        tags: [],
        permissions: [{ vhost: '/', readPriv: '.*' }],
      }),
      rabbitmqUser({ user: 'no-password', state: 'absent' }),
      rabbitmqVhost({ name: `v 'h" $x`, state: 'absent' }),
    ],
    expect: ['changed', 'changed', 'changed'],
    hidden: ['other-secret'],
  },
];
