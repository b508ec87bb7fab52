import { planCases, type HostDescription } from '../../testing/index.ts';
import { group } from './group.ts';

const name = 'deploy';
const there: HostDescription = { groups: [{ name, gid: 2000 }] };
const primary: HostDescription = { ...there, users: [{ name: 'alice', uid: 1000, gid: 2000 }] };
const gone = { name, state: 'absent' } as const;

export const cases = planCases(group, {
  'a new group': {
    options: { name },
    changes: ['state absent -> present'],
    steps: ['make the group deploy'],
    args: [['deploy']],
    result: { name, state: 'present' },
  },
  'right already': { options: { name }, host: there, result: { name, state: 'present' } },
  'the number is right already': { options: { name, gid: 2000 }, host: there },
  'a new group with a number': {
    options: { name, gid: 2000 },
    changes: ['state absent -> present', 'gid 2000'],
    args: [['deploy', '-g', '2000']],
  },
  'a new system group': {
    options: { name, system: true },
    changes: ['state absent -> present'],
    args: [['deploy', '-r']],
  },
  'a group of the host itself, where LDAP has the same name': {
    options: { name, local: true },
    host: { ...there, answersOfKind: { 'local-group': () => null } },
    changes: ['state absent -> present'],
    args: [['deploy', '-P', '//', '-g', '2001']],
  },
  'another number': {
    options: { name, gid: 3000 },
    host: primary,
    changes: ['gid 2000 -> 3000'],
    steps: ['change the number of the group deploy'],
  },
  'a number that another group has': {
    options: { name, gid: 100 },
    fails: 'the gid 100 is that of users; take another, or say `nonUnique: true`',
  },
  'a number that another group has, all the same': {
    options: { name, gid: 100, nonUnique: true },
    changes: ['state absent -> present', 'gid 100'],
    args: [['deploy', '-g', '100', '-o']],
  },
  'a group goes': {
    options: gone,
    host: there,
    changes: ['state present (gid 2000) -> absent'],
    steps: ['remove the group deploy'],
    result: { name, state: 'absent' },
  },
  'gone already': { options: gone, result: { name, state: 'absent' } },
  'the primary group of somebody stays': {
    options: gone,
    host: primary,
    fails: 'deploy is the primary group of alice, so it cannot be removed: give them another first',
  },
  'who is not root': {
    options: { name: 'other' },
    host: { ...primary, as: 'alice' },
    fails: 'only root may change accounts, and this runs as alice',
    hint: 'Run the task with `become: true`.',
  },
  'a name that groupadd would refuse': {
    options: { name: '+deploy' },
    fails: '"+deploy" cannot be the name of an account: it begins with +',
  },
  'a name that is an option': {
    options: { name: '-r' },
    fails: 'group: option "name" is "-r" (a string), but must be a name without blanks, colons, commas and slashes',
  },
});
