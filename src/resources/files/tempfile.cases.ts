import { planCases } from '../../testing/index.ts';
import { tempfile } from './tempfile.ts';

export const cases = planCases(tempfile, {
  'a new file, every time': {
    options: {},
    changes: ['state absent -> file'],
    steps: ['make a temporary file in /tmp'],
    args: [['/tmp', 'play.', '', 'file']],
  },
  'a directory with a name of its own': {
    options: { state: 'directory', path: '/var', prefix: 'a b', suffix: '.d' },
    changes: ['state absent -> directory'],
    args: [['/var', 'a b', '.d', 'directory']],
  },
  'a folder that is missing': {
    options: { path: '/run/app' },
    fails: 'the directory /run/app does not exist',
    hint: "Make it first: file({ path: '/run/app', state: 'directory' })",
  },
  'a folder that a command may make': {
    options: { path: '/run/app' },
    behind: { command: true },
    changes: ['state absent -> file'],
    assumed: ['/run/app exists by then ("a command" runs before)'],
  },
  'a prefix is no path': {
    options: { prefix: '../x' },
    fails: 'tempfile: option "prefix" is "../x" (a string), but must be part of a name, without slashes',
  },
});
