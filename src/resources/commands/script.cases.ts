import { planCases, type HostDescription } from '../../testing/index.ts';
import { script } from './script.ts';

const host: HostDescription = {
  paths: {
    '/bin/sh': { type: 'file', mode: '0755', content: '' },
    '/usr/bin/env': { type: 'file', mode: '0755', content: '' },
  },
};
const role = {
  'files/init.sh': '#!/bin/sh\necho hello\n',
  'files/tool.py': '#!/usr/bin/env python3\n',
  'files/plain': 'echo hello\n',
};
const changes = 'always';

export const cases = planCases(script, {
  'run by what its first line names': {
    options: { src: 'init.sh', args: ['--name', 'my app'], creates: '/var/lib/app' },
    role,
    host,
    changes: ['run init.sh --name my app'],
    stdin: [Buffer.from(role['files/init.sh']).toString('base64')],
  },
  'right already': {
    options: { src: 'init.sh', creates: '/var/lib/app' },
    role,
    host: { paths: { '/var/lib/app': { type: 'directory' } } },
  },
  'its interpreter is missing': {
    options: { src: 'tool.py', changes },
    role,
    host,
    changes: ['run tool.py'],
    fails: 'the program python3 is not installed',
  },
  'without a first line sh runs it': { options: { src: 'plain', changes }, role, host, changes: ['run plain'] },
  'run by another program': {
    options: { src: 'plain', executable: 'bash', changes },
    role,
    host: { paths: { '/usr/bin/bash': { type: 'file', mode: '0755', content: '' } } },
    changes: ['run plain'],
  },
  'saved with line ends of Windows': {
    options: { src: 'dos.sh', changes },
    role: { 'files/dos.sh': '#!/bin/sh\r\necho\r\n' },
    fails: 'script: the first line of dos.sh ends in CR LF, so the host would look for a program called "/bin/sh\\r"',
    hint: "Save it with Unix line endings, or name the program: executable: '/bin/sh'.",
  },
  'a file that is not there': { options: { src: 'none.sh', changes }, role, fails: 'The file none.sh cannot be read' },
});
