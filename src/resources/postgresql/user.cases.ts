import { predict } from '../../contract/index.ts';
import { secret } from '../../secrets/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { postgresqlRoles, type PostgresqlRole } from './postgresql.probe.ts';
import { scramVerifier } from './scram.ts';
import { postgresqlUser } from './user.ts';

const name = 'shovel';
const word = 'pa55-w0rd';
const kept = scramVerifier(word, Buffer.alloc(16, 1));
const shovel: PostgresqlRole = {
  name,
  password: kept,
  attributes: ['INHERIT', 'LOGIN'],
  connLimit: -1,
  validUntil: null,
  memberOf: [],
};

/** A cluster with this role unless it is null. */
const cluster = (now: Partial<PostgresqlRole> | null): HostDescription => ({
  answers: [
    predict(postgresqlRoles(), {
      roles: [{ ...shovel, name: 'postgres' }, ...(now === null ? [] : [{ ...shovel, ...now }])],
    }),
  ],
});
const down = (why: string): HostDescription => ({ answers: [predict(postgresqlRoles(), { down: why })] });
const password = secret`${word}`;

export const cases = planCases(postgresqlUser, {
  'made: a new role may log in': {
    options: { name, roleAttrFlags: ['CREATEDB'], connLimit: 3 },
    host: cluster(null),
    changes: ['state absent -> present', 'CREATEDB no -> yes', 'LOGIN no -> yes', 'connections -1 -> 3'],
    steps: ['make the role shovel'],
    stdin: ['\nCREATE ROLE "shovel" CREATEDB LOGIN CONNECTION LIMIT 3;\n'],
    result: { name },
  },
  'made without a login': {
    options: { name, roleAttrFlags: ['NOLOGIN'] },
    host: cluster(null),
    changes: ['state absent -> present'],
    stdin: ['\nCREATE ROLE "shovel" ;\n'],
  },
  'right already: the password is compared with what the server keeps': {
    options: { name, password },
    host: cluster({}),
  },
  'another password': {
    options: { name, password: secret`0ther-w0rd` },
    host: cluster({}),
    changes: ['password another -> set'],
    steps: ['change the role shovel'],
  },
  'a role that has none yet': {
    options: { name, password },
    host: cluster({ password: null }),
    changes: ['password none -> set'],
  },
  'only what the server keeps is sent': {
    options: { name, password: kept },
    host: cluster({ password: null }),
    changes: ['password none -> set'],
    stdin: [`\nALTER ROLE "shovel" PASSWORD '${kept}';\n`],
  },
  'an old md5 password that is right': {
    options: { name, password: secret`secret-word` },
    host: cluster({ password: 'md5d5e3bcfa71f46891bbaa167b3b71e8b8' }),
  },
  'the password of a role that is there is left alone': {
    options: { name, password: secret`0ther-w0rd`, updatePassword: 'onCreate' },
    host: cluster({}),
  },
  'what it may do': {
    options: { name, roleAttrFlags: ['REPLICATION', 'NOLOGIN'] },
    host: cluster({}),
    changes: ['REPLICATION no -> yes', 'LOGIN yes -> no'],
    stdin: ['\nALTER ROLE "shovel" REPLICATION NOLOGIN;\n'],
  },
  'until when': {
    options: { name, expires: '2027-01-31T00:00:00Z' },
    host: cluster({}),
    changes: ['password good until for ever -> 2027-01-31T00:00:00Z'],
    stdin: [`\nALTER ROLE "shovel" VALID UNTIL '2027-01-31T00:00:00Z';\n`],
  },
  'its memberships, and no others': {
    options: { name, memberOf: ['readers', 'writers'] },
    host: cluster({ memberOf: ['admins', 'readers'] }),
    changes: ['member of admins -> absent', 'member of absent -> writers'],
    stdin: ['\nREVOKE "admins" FROM "shovel";\nGRANT "writers" TO "shovel";\n'],
  },
  'removed': {
    options: { name, state: 'absent' },
    host: cluster({}),
    changes: ['state present -> absent'],
    stdin: ['\nDROP ROLE "shovel";\n'],
  },
  'removed already': { options: { name, state: 'absent' }, host: cluster(null) },
  'a quote in the name': {
    options: { name: 'o"neil', roleAttrFlags: ['NOLOGIN'] },
    host: cluster(null),
    changes: ['state absent -> present'],
    stdin: ['\nCREATE ROLE "o""neil" ;\n'],
  },
  'PostgreSQL is missing': {
    options: { name },
    host: down('PostgreSQL is not installed'),
    fails: 'PostgreSQL cannot be asked: PostgreSQL is not installed',
    hint: "Install it before: apt({ name: 'postgresql' })",
  },
  'PostgreSQL may come with what is planned': {
    options: { name },
    host: down('PostgreSQL is not installed'),
    behind: {},
    changes: ['state absent -> present', 'LOGIN no -> yes'],
    assumed: ['PostgreSQL, as a new cluster, answers by then ("a task" changes the host before)'],
  },
  'both of two opposites': {
    options: { name, roleAttrFlags: ['LOGIN', 'NOLOGIN'] },
    fails: 'postgresqlUser: `roleAttrFlags` has both LOGIN and NOLOGIN',
  },
  'a password for a role that goes': {
    options: { name, password, state: 'absent' },
    fails: 'postgresqlUser: `password` needs state `present`',
  },
});
