import { createHash } from 'node:crypto';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { fetch } from './fetch.ts';

const src = '/etc/machine-id';
const host: HostDescription = { paths: { [src]: { type: 'file', content: 'id\n' } } };
const checksum = createHash('sha256').update('id\n').digest('hex');
const place = '/role/fetched/web1/etc/machine-id';
const role = { 'files/x': '' };

export const cases = planCases(fetch, {
  'below the host and its path': {
    options: { src, dest: 'fetched' },
    host,
    role,
    changes: [`${place} absent -> content of /etc/machine-id`],
    result: { dest: place, checksum },
  },
  'here already': {
    options: { src, dest: 'fetched' },
    host,
    role: { 'fetched/web1/etc/machine-id': 'id\n' },
    result: { dest: place, checksum },
  },
  'other content here': {
    options: { src, dest: 'fetched' },
    host,
    role: { 'fetched/web1/etc/machine-id': 'other\n' },
    changes: [`${place} other content -> content of /etc/machine-id`],
  },
  'flat, to a file': {
    options: { src, dest: 'got/id', flat: true },
    host,
    role,
    changes: ['/role/got/id absent -> content of /etc/machine-id'],
  },
  'flat, into a folder': {
    options: { src, dest: 'got/', flat: true },
    host,
    role,
    changes: ['/role/got/machine-id absent -> content of /etc/machine-id'],
  },
  '.. in a path leads nowhere else': {
    options: { src: '/etc/../../etc/machine-id', dest: 'fetched' },
    host,
    role,
    changes: [`${place} absent -> content of /etc/../../etc/machine-id`],
  },
  'a directory is in the way here': {
    options: { src, dest: 'fetched' },
    host,
    role: { 'fetched/web1/etc/machine-id/x': '' },
    fails: `${place} is a directory`,
  },
  'a file is in the way here': {
    options: { src, dest: 'fetched' },
    host,
    role: { 'fetched/web1': '' },
    fails: '/role/fetched/web1 is not a directory: what is fetched goes below /role/fetched and nowhere else',
  },
  'nothing there': { options: { src, dest: 'fetched' }, role, fails: '/etc/machine-id does not exist' },
  'nothing there, which is allowed': {
    options: { src, dest: 'fetched', failOnMissing: false },
    role,
    message: '/etc/machine-id does not exist',
    result: { dest: place, checksum: '' },
  },
  'nothing there yet': {
    options: { src, dest: 'fetched', failOnMissing: false },
    role,
    behind: { command: true },
    may: '/etc/machine-id does not exist yet ("a command" runs before)',
  },
  'a directory': { options: { src: '/etc', dest: 'fetched' }, role, fails: '/etc is not a regular file' },
  '/': { options: { src: '/', dest: 'x' }, fails: 'fetch: src is a directory, /', hint: 'Name a file.' },
});
