import { createHash } from 'node:crypto';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { stat } from './stat.ts';

const path = '/etc/motd';
const none = {
  path,
  exists: false,
  isreg: false,
  isdir: false,
  islnk: false,
  mode: '',
  uid: -1,
  gid: -1,
  pwName: '',
  grName: '',
  size: 0,
  lnkTarget: '',
  checksum: '',
};
const root = { exists: true, uid: 0, gid: 0, pwName: 'root', grName: 'root' };
const linked: HostDescription = {
  paths: { [path]: { type: 'link', target: '../run/motd' }, '/run/motd': { type: 'file', content: 'Hi\n' } },
};
const checksum = createHash('sha256').update('Hi\n').digest('hex');

export const cases = planCases(stat, {
  'nothing there': { options: { path }, result: { stat: none }, isOpen: false },
  'nothing there yet': { options: { path }, behind: { command: true }, isOpen: true },
  'nothing there, and nothing planned that could make it': {
    options: { path },
    behind: {},
    result: { stat: none },
    isOpen: false,
  },
  'a file that a command may take away is taken for there': {
    options: { path },
    host: { paths: { [path]: { type: 'file', content: 'Hi\n' } } },
    behind: { command: true },
    isOpen: false,
  },
  'a file': {
    options: { path },
    host: { paths: { [path]: { type: 'file', content: 'Hi\n', mode: '0640' } } },
    result: { stat: { ...none, ...root, isreg: true, mode: '0640', size: 3, checksum } },
  },
  'a file without its checksum': {
    options: { path, getChecksum: false },
    host: { paths: { [path]: { type: 'file', content: 'Hi\n' } } },
    result: { stat: { ...none, ...root, isreg: true, mode: '0644', size: 3 } },
  },
  'a directory has no checksum': {
    options: { path: '/etc/skel/' },
    result: { stat: { ...none, ...root, path: '/etc/skel', isdir: true, mode: '0755' } },
  },
  'an empty directory that is there, in check mode': {
    options: { path: '/etc/skel/' },
    behind: {},
    result: { stat: { ...none, ...root, path: '/etc/skel', isdir: true, mode: '0755' } },
  },
  'a link is looked at itself': {
    options: { path },
    host: linked,
    result: { stat: { ...none, ...root, islnk: true, mode: '0777', size: 11, lnkTarget: '../run/motd' } },
  },
  'a link is followed where that is asked for': {
    options: { path, follow: true },
    host: linked,
    result: { stat: { ...none, ...root, isreg: true, mode: '0644', size: 3, checksum } },
  },
  'an owner without a name': {
    options: { path, getChecksum: false },
    host: { paths: { [path]: { type: 'file', content: '', owner: '1234', group: '1234' } } },
    result: {
      stat: {
        ...none,
        exists: true,
        isreg: true,
        mode: '0644',
        uid: 1234,
        gid: 1234,
        pwName: 'UNKNOWN',
        grName: 'UNKNOWN',
      },
    },
  },
});
