import { predict } from '../../contract/index.ts';
import { content } from '../../probes/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import type { PipAnswer, PipPackage } from './pip.probe.ts';
import { pip } from './pip.ts';

const virtualenv = '/opt/app/venv';
const gunicorn = (installed: string, isRight: boolean, newest = ''): PipPackage => ({
  name: 'gunicorn',
  requirement: 'gunicorn==22.0.0',
  installed,
  isRight,
  newest,
});
const saying = (answer: PipAnswer): HostDescription => ({
  paths: { '/opt/app/requirements.txt': { type: 'file', content: 'gunicorn==22.0.0\n' } },
  answersOfKind: { pip: () => answer },
});
const venv = (...packages: readonly PipPackage[]): HostDescription => saying({ is: 'venv', packages });
const wanted = { virtualenv, name: 'gunicorn==22.0.0' };

export const cases = planCases(pip, {
  'made with what is in it': {
    options: wanted,
    host: saying({ is: 'no venv', packages: [gunicorn('', false)] }),
    changes: ['virtualenv absent -> /opt/app/venv', 'package gunicorn absent -> gunicorn==22.0.0'],
    args: [[virtualenv, 'python3 -m venv', '', 'install', 'gunicorn==22.0.0']],
    result: { name: ['gunicorn==22.0.0'], virtualenv },
  },
  'right already': { options: wanted, host: venv(gunicorn('22.0.0', true)) },
  'another version': {
    options: wanted,
    host: venv(gunicorn('21.2.0', false)),
    changes: ['package gunicorn 21.2.0 -> gunicorn==22.0.0'],
    steps: ['install gunicorn==22.0.0'],
  },
  'from a file': {
    options: { virtualenv, requirements: '/opt/app/requirements.txt', extraArgs: ['--no-deps'] },
    host: venv(gunicorn('', false)),
    changes: ['package gunicorn absent -> gunicorn==22.0.0'],
    args: [[virtualenv, 'python3 -m venv', '', 'install', '--no-deps', '-r', '/opt/app/requirements.txt']],
  },
  'a newer one': {
    options: { virtualenv, name: 'gunicorn', state: 'latest' },
    host: venv(gunicorn('22.0.0', true, '23.0.0')),
    changes: ['package gunicorn 22.0.0 -> 23.0.0'],
    steps: ['install gunicorn'],
  },
  'the newest already': {
    options: { virtualenv, name: 'gunicorn', state: 'latest' },
    host: venv(gunicorn('23.0.0', true)),
  },
  'removed': {
    options: { virtualenv, name: 'gunicorn', state: 'absent' },
    host: venv(gunicorn('22.0.0', true)),
    changes: ['package gunicorn 22.0.0 -> absent'],
    args: [[virtualenv, 'python3 -m venv', '', 'uninstall', '--yes', 'gunicorn']],
  },
  'nothing to remove where there is no environment': {
    options: { virtualenv, name: 'gunicorn', state: 'absent' },
    host: saying({ is: 'no venv', packages: [gunicorn('', false)] }),
  },
  'installed again, every time': {
    options: { virtualenv, name: 'gunicorn', state: 'forcereinstall' },
    host: venv(gunicorn('22.0.0', true)),
    changes: ['package gunicorn 22.0.0 -> installed again'],
  },
  'no Python': {
    options: wanted,
    host: saying({ is: 'no python' }),
    fails: 'python3 is not installed',
    hint: "Install it first: apt({ name: 'python3-venv' })",
  },
  'Python may come with what is planned': {
    options: wanted,
    host: saying({ is: 'no python' }),
    behind: {},
    may: 'python3 is not installed yet ("a task" changes the host before)',
  },
  'root runs nothing in an environment of somebody else': {
    options: wanted,
    host: saying({ is: 'foreign', owner: 'app' }),
    fails:
      'as root pip is not run in /opt/app/venv: it, or a folder above it, belongs to app, ' +
      'who could have it run what they put there',
    hint: "Act with their rights: `becomeUser: 'app'`. Or make root the owner of everything there.",
  },
  'a requirement that is none': {
    options: { virtualenv, name: 'gunicorn=22' },
    host: saying({ is: 'error', why: "'gunicorn=22' is no requirement" }),
    fails: "'gunicorn=22' is no requirement",
  },
  'a file of requirements that may come with what is planned': {
    options: { virtualenv, requirements: '/opt/app/other.txt' },
    host: saying({ is: 'error', why: '/opt/app/other.txt cannot be read: No such file or directory' }),
    behind: {},
    may: '/opt/app/other.txt cannot be read: No such file or directory yet ("a task" changes the host before)',
  },
  'a file of requirements that is planned to change': {
    options: { virtualenv, requirements: '/opt/app/requirements.txt' },
    host: venv(gunicorn('22.0.0', true)),
    behind: { planned: [predict(content('/opt/app/requirements.txt'), { bytes: Buffer.from('gunicorn\n') })] },
    may: '/opt/app/requirements.txt does not exist as planned yet ("a task" changes the host before)',
  },
  'the packages of a Python that is there': {
    options: { name: 'gunicorn==22.0.0' },
    host: saying({ is: 'python', packages: [gunicorn('', false)], isManaged: false, places: ['/usr/local'] }),
    changes: ['package gunicorn absent -> gunicorn==22.0.0'],
    args: [['', 'python3 -m venv', 'pip3', 'install', 'gunicorn==22.0.0']],
    result: { name: ['gunicorn==22.0.0'], virtualenv: '' },
  },
  'right already, by another pip': {
    options: { name: 'gunicorn==22.0.0', executable: '/opt/python/bin/pip3' },
    host: saying({ is: 'python', packages: [gunicorn('22.0.0', true)], isManaged: true }),
  },
  "the distribution's Python refuses": {
    options: { name: 'gunicorn==22.0.0' },
    host: saying({ is: 'python', packages: [gunicorn('', false)], isManaged: true }),
    fails: 'the Python of pip3 belongs to the distribution, so that pip refuses to change it (PEP 668)',
    hint: 'Give it a `virtualenv`. With `breakSystemPackages: true` it is changed all the same.',
  },
  "the distribution's Python, all the same": {
    options: { name: 'gunicorn', state: 'absent', breakSystemPackages: true },
    host: saying({ is: 'python', packages: [gunicorn('22.0.0', true)], isManaged: true }),
    changes: ['package gunicorn 22.0.0 -> absent'],
    args: [['', 'python3 -m venv', 'pip3', 'uninstall', '--break-system-packages', '--yes', 'gunicorn']],
  },
  'no pip of this name': {
    options: { name: 'gunicorn', executable: 'pip3.4' },
    host: saying({ is: 'no pip' }),
    fails: 'pip3.4 is not installed',
    hint: "Install it first: apt({ name: 'python3-pip' })",
  },
  'root runs no pip of somebody else': {
    options: { name: 'gunicorn', executable: '/home/app/bin/pip' },
    host: saying({ is: 'foreign', owner: 'app' }),
    fails:
      'as root /home/app/bin/pip is not run: it, or a folder above it, belongs to app, ' +
      'who could have it run what they put there',
    hint: "Act with their rights: `becomeUser: 'app'`. Or make root the owner of everything there.",
  },
  'a virtual environment has its own pip': {
    options: { ...wanted, executable: 'pip3' },
    fails: 'pip: `virtualenv` has a pip of its own: leave out `executable` and `breakSystemPackages`',
  },
  'an option instead of a package': {
    options: { virtualenv, name: '--pre' },
    fails:
      'pip: option "name" is "--pre" (a string), but ' +
      'must be a requirement, such as `requests==2.32.3`, not an option',
  },
  'neither packages nor a file': { options: { virtualenv }, fails: 'pip: give `name` or `requirements`' },
});
