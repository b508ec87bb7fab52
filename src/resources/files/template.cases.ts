import { Secret } from '../../secrets/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { template } from './template.ts';

const options = { src: 'app.conf.hbs', dest: '/etc/app.conf' };
const role = { 'templates/app.conf.hbs': 'port = {{port}}\n' };
const port = { ...options, vars: { port: 80 } };
const has = (content: string): HostDescription => ({ paths: { '/etc/app.conf': { type: 'file', content } } });

export const cases = planCases(template, {
  'a new file': {
    options: port,
    role,
    changes: ['content new file'],
    writes: { '/etc/app.conf': 'port = 80\n' },
    result: { dest: '/etc/app.conf' },
  },
  'right already': { options: port, role, host: has('port = 80\n') },
  'another value': {
    options: port,
    role,
    host: has('port = 8080\n'),
    changes: ['content'],
    writes: { '/etc/app.conf': 'port = 80\n' },
  },
  'nothing is escaped as HTML': {
    options: { ...options, vars: { port: `<"&'>` } },
    role,
    changes: ['content new file'],
    writes: { '/etc/app.conf': `port = <"&'>\n` },
  },
  'the name of the host': {
    options,
    role: { 'templates/app.conf.hbs': '{{host.name}} {{inventory_hostname}}\n' },
    changes: ['content new file'],
    writes: { '/etc/app.conf': 'web1 web1\n' },
  },
  'a template without a final newline': {
    options: port,
    role: { 'templates/app.conf.hbs': 'port={{port}}' },
    changes: ['content new file'],
    writes: { '/etc/app.conf': 'port=80' },
  },
  'into a directory that is there, by the whole name of the template': {
    options: { ...port, dest: '/etc/app' },
    role,
    host: { paths: { '/etc/app': { type: 'directory' } } },
    changes: ['content new file'],
    writes: { '/etc/app/app.conf.hbs': 'port = 80\n' },
  },
  'the mode alone': {
    options: { ...port, mode: '0600' },
    role,
    host: has('port = 80\n'),
    changes: ['mode 0644 -> 0600'],
  },
  'a secret is masked': {
    options: { ...options, vars: { port: new Secret('s3cret-s3cret') } },
    role,
    changes: ['content new file', 'mode 0600'],
    writes: { '/etc/app.conf': 'port = s3cret-s3cret\n' },
    masked: ['/etc/app.conf'],
  },
  'without a secret all is shown': { options: port, role, changes: ['content new file'], masked: [] },
  'a template that is not there': {
    options: port,
    role: { 'templates/other.hbs': '' },
    fails: 'The file app.conf.hbs cannot be read',
    hint: 'It is looked for in templates/ of the playbook, /role/templates, then in /role.',
  },
  'the folder is missing': {
    options: { ...port, dest: '/etc/app/app.conf' },
    role,
    fails: 'the directory /etc/app does not exist',
    hint: "Make it first: file({ path: '/etc/app', state: 'directory' })",
  },
  'a checker': {
    options: { ...port, validate: 'app -t -c %s' },
    role,
    changes: ['content new file'],
    validates: 'app -t -c "$PLAY_STAGED"',
  },
  'without `force` what is there stays': {
    options: { ...port, force: false },
    role,
    host: has('mine\n'),
    steps: [],
    result: { dest: '/etc/app.conf' },
  },
  'with `follow` what a link leads to is written': {
    options: { ...port, follow: true },
    role,
    host: {
      paths: {
        '/etc/app.conf': { type: 'link', target: '/opt/app.conf' },
        '/opt/app.conf': { type: 'file', content: 'x' },
      },
    },
    changes: ['content'],
    writes: { '/opt/app.conf': 'port = 80\n' },
  },
  'the mode of the template': {
    options: { ...port, mode: 'preserve' },
    role,
    host: { paths: { '/etc/app.conf': { type: 'file', content: 'port = 80\n', mode: '0600' } } },
    changes: ['mode 0600 -> 0644'],
  },
});
