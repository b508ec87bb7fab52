import { predict } from '../../contract/index.ts';
import { noUnit, sha256, type Unit } from '../../probes/index.ts';
import { secret } from '../../secrets/index.ts';
import { planCases, type HostDescription, type PathEntry } from '../../testing/index.ts';
import type { UnitTimes } from './red-black.probe.ts';
import { redBlack } from './red-black.ts';

const pointer = '/etc/nginx/conf.d/app.conf';
const certificate = '/etc/app/cert.pem';
const env = (colour: string): string => `/etc/app/${colour}.env`;

const instance = (colour: 'red' | 'black', port: number, release = '2') => ({
  unit: `app@${colour}`,
  port,
  files: [{ path: env(colour), content: `RELEASE=${release}\n` }],
  pointer: `server 127.0.0.1:${port};\n`,
});
const options = {
  name: 'app',
  red: instance('red', 8081),
  black: instance('black', 8082),
  pointer: { file: pointer, reload: 'nginx' },
} as const;

interface Situation {
  /** What the pointer's file holds. */
  readonly pointer?: string;
  /** The releases in the files of the instances. */
  readonly red?: string;
  readonly black?: string;
  readonly runs: readonly ('red' | 'black')[];
  /** When the certificate was changed; the instances were started at 1000. */
  readonly certificate?: number;
  /** When the unit file was. */
  readonly unitFile?: number;
  /** When the pointer was; nginx was reloaded at 1000. */
  readonly moved?: number;
}

const running: Unit = {
  ...noUnit,
  loaded: true,
  active: 'active',
  sub: 'running',
  enabled: 'enabled',
  canReload: true,
};
function having({ runs, ...now }: Situation): HostDescription {
  const file = (content: string | undefined): PathEntry[] => (content === undefined ? [] : [{ type: 'file', content }]);
  const at = (path: string, content: string | undefined) => file(content).map((entry) => [path, entry] as const);
  const isRunning = (name: string): boolean =>
    name === 'nginx.service' || runs.some((colour) => name === `app@${colour}.service`);
  return {
    paths: {
      '/etc/app': { type: 'directory' },
      '/etc/nginx/conf.d': { type: 'directory' },
      [certificate]: { type: 'file', content: 'certificate' },
      ...Object.fromEntries([
        ...at(pointer, now.pointer),
        ...at(env('red'), now.red === undefined ? undefined : `RELEASE=${now.red}\n`),
        ...at(env('black'), now.black === undefined ? undefined : `RELEASE=${now.black}\n`),
      ]),
    },
    answersOfKind: {
      'unit': ([name = '']): Unit => ({
        ...(isRunning(name) ? running : { ...running, active: 'inactive', sub: 'dead', enabled: 'disabled' }),
        names: [name],
      }),
      'unit-times': ([name = '']): UnitTimes => ({
        started: isRunning(name) ? 1000 : 0,
        changed: 1000,
        files: now.unitFile ?? 500,
      }),
      'last-change': ([path]) => (path === pointer ? (now.moved ?? 500) : (now.certificate ?? 500)),
    },
  };
}
const toRed = 'server 127.0.0.1:8081;\n';
const toBlack = 'server 127.0.0.1:8082;\n';
const drained = (colour: string, port: number, then = 'then the task fails'): string =>
  `drain app@${colour}.service until 0 are left: connections to port ${port}, and old processes of nginx.service; 3600 s at most, ${then}`;
const started = (colour: string, port: number): string[] => [
  `enabled of app@${colour}.service no -> yes`,
  `app@${colour}.service inactive -> started`,
  `health app@${colour}.service listens on port ${port}`,
];
const stopped = (colour: string): string[] => [
  `enabled of app@${colour}.service yes -> no`,
  `app@${colour}.service active -> stopped`,
];
const released = (colour: 'red' | 'black') => ({ [colour]: '2' });

export const cases = planCases(redBlack, {
  'the very first one': {
    options,
    host: having({ runs: [] }),
    changes: [
      `content of ${env('red')} new file`,
      ...started('red', 8081),
      'pointer red (port 8081)',
      'nginx.service active -> reloaded',
    ],
    steps: [],
    result: { live: 'red', port: 8081, switched: true },
  },
  'live, of the release, and alone': {
    options,
    host: having({ pointer: toRed, ...released('red'), black: '1', runs: ['red'] }),
    result: { live: 'red', port: 8081, switched: false },
  },
  'a new release goes to the other one': {
    options,
    host: having({ pointer: toRed, red: '1', runs: ['red'] }),
    changes: [
      `reason ${env('red')} differs`,
      `content of ${env('black')} new file`,
      ...started('black', 8082),
      'pointer red (port 8081) -> black (port 8082)',
      'nginx.service active -> reloaded',
      drained('red', 8081),
      ...stopped('red'),
    ],
    result: { live: 'black', port: 8082, switched: true },
  },
  'and the next one back again': {
    options,
    host: having({ pointer: toBlack, red: '1', black: '1', runs: ['black'] }),
    changes: [
      `reason ${env('black')} differs`,
      `content of ${env('red')}`,
      ...started('red', 8081),
      'pointer black (port 8082) -> red (port 8081)',
      'nginx.service active -> reloaded',
      drained('black', 8082),
      ...stopped('black'),
    ],
  },
  'a new certificate is a reason as well': {
    options: { ...options, reads: [certificate] },
    host: having({ pointer: toRed, red: '2', black: '2', runs: ['red'], certificate: 2000 }),
    changes: [
      `reason ${certificate} is newer than app@red.service`,
      ...started('black', 8082),
      'pointer red (port 8081) -> black (port 8082)',
      'nginx.service active -> reloaded',
      drained('red', 8081),
      ...stopped('red'),
    ],
  },
  'so is one that is only planned': {
    options: { ...options, reads: [certificate] },
    host: having({ pointer: toRed, red: '2', black: '2', runs: ['red'] }),
    behind: { planned: [predict(sha256(certificate), 'another')] },
    changes: [
      `reason ${certificate} is newer than app@red.service`,
      ...started('black', 8082),
      'pointer red (port 8081) -> black (port 8082)',
      'nginx.service active -> reloaded',
      drained('red', 8081),
      ...stopped('red'),
    ],
  },
  'a command before may change what it reads': {
    options: { ...options, reads: [certificate] },
    host: having({ pointer: toRed, red: '2', black: '2', runs: ['red'] }),
    behind: { command: true },
    assumed: [`${certificate} stays as it is ("a command" runs before)`],
  },
  'so is another unit file': {
    options: { ...options, onTimeout: 'stop' },
    host: having({ pointer: toRed, red: '2', black: '2', runs: ['red'], unitFile: 2000 }),
    changes: [
      'reason the unit file of app@red.service is newer than the running process',
      ...started('black', 8082),
      'pointer red (port 8081) -> black (port 8082)',
      'nginx.service active -> reloaded',
      drained('red', 8081, 'then it is stopped'),
      ...stopped('red'),
    ],
  },
  'what they are said to read is not there': {
    options: { ...options, reads: ['/etc/app/none'] },
    host: having({ pointer: toRed, red: '2', runs: ['red'] }),
    fails: 'there is no /etc/app/none, which app@red.service reads according to `reads`',
  },
  'a run ended before nginx was told': {
    options,
    host: having({ pointer: toBlack, red: '1', black: '2', runs: ['red', 'black'], moved: 2000 }),
    changes: ['nginx.service active -> reloaded', drained('red', 8081), ...stopped('red')],
    result: { live: 'black', port: 8082, switched: false },
  },
  'a run ended while the old one had work': {
    options,
    host: having({ pointer: toBlack, red: '1', black: '2', runs: ['red', 'black'] }),
    changes: [drained('red', 8081), ...stopped('red')],
  },
  'a run ended before the pointer moved: the new one is of the release, and goes on': {
    options,
    host: having({ pointer: toRed, red: '1', black: '2', runs: ['red', 'black'] }),
    changes: [
      `reason ${env('red')} differs`,
      'health app@black.service listens on port 8082',
      'pointer red (port 8081) -> black (port 8082)',
      'nginx.service active -> reloaded',
      drained('red', 8081),
      ...stopped('red'),
    ],
  },
  'the next release comes while the one before has work in the other one': {
    options: { ...options, onTimeout: 'leave' },
    host: having({ pointer: toRed, red: '1', black: '0', runs: ['red', 'black'] }),
    changes: [
      `reason ${env('red')} differs`,
      drained('black', 8082),
      'app@black.service active -> stopped',
      `content of ${env('black')}`,
      'app@black.service inactive -> started',
      'health app@black.service listens on port 8082',
      'pointer red (port 8081) -> black (port 8082)',
      'nginx.service active -> reloaded',
      drained('red', 8081, 'then it goes on until the next run'),
      ...stopped('red'),
    ],
  },
  'the live one has crashed, and is started': {
    options,
    host: having({ pointer: toRed, red: '2', black: '1', runs: [] }),
    changes: started('red', 8081),
    result: { live: 'red', port: 8081, switched: false },
  },
  'a pointer in other words is put right in place: the port tells who is live': {
    options,
    host: having({ pointer: 'server 127.0.0.1:8082 weight=1;\n', black: '2', red: '1', runs: ['black'] }),
    changes: ['pointer black (port 8082)', 'nginx.service active -> reloaded'],
  },
  'a pointer that tells nothing, and one that runs': {
    options,
    host: having({ pointer: 'server unix:/run/app.sock;\n', black: '2', runs: ['black'] }),
    changes: ['pointer black (port 8082)', 'nginx.service active -> reloaded'],
  },
  'a pointer that tells nothing, and both run': {
    options,
    host: having({ pointer: 'server 127.0.0.1:18081;\n', red: '1', black: '2', runs: ['red', 'black'] }),
    fails: `it is unclear which of app@red.service and app@black.service is live: both run, and ${pointer} names neither`,
    hint: 'Stop the one that has no clients.',
  },
  'back to the release before': {
    options: { ...options, rollback: true },
    host: having({ pointer: toBlack, red: '1', black: '2', runs: ['black'] }),
    changes: [
      'reason rollback',
      ...started('red', 8081),
      'pointer black (port 8082) -> red (port 8081)',
      'nginx.service active -> reloaded',
      drained('black', 8082),
      ...stopped('black'),
    ],
    writes: { [pointer]: toRed },
  },
  'back at once, where it still runs': {
    options: { ...options, rollback: true },
    host: having({ pointer: toBlack, red: '1', black: '2', runs: ['red', 'black'] }),
    changes: [
      'reason rollback',
      'health app@red.service listens on port 8081',
      'pointer black (port 8082) -> red (port 8081)',
      'nginx.service active -> reloaded',
      drained('black', 8082),
      ...stopped('black'),
    ],
  },
  'gone back already': {
    options: { ...options, rollback: true },
    host: having({ pointer: toRed, red: '1', black: '2', runs: ['red'] }),
    result: { live: 'red', port: 8081, switched: false },
  },
  'nothing to go back to': {
    options: { ...options, rollback: true },
    host: having({ pointer: toRed, red: '2', runs: ['red'] }),
    fails: `there is no release to go back to: app@black.service has no ${env('black')}`,
    hint: 'Say in the playbook which release you want, and run it without `rollback`.',
  },
  'nothing but the same release to go back to': {
    options: { ...options, rollback: true },
    host: having({ pointer: toRed, red: '2', black: '2', runs: ['red'] }),
    fails: 'there is no release to go back to: app@black.service has the same one',
    hint: 'Say in the playbook which release you want, and run it without `rollback`.',
  },
  'nothing to go back from': {
    options: { ...options, rollback: true },
    host: having({ runs: [] }),
    fails: 'no instance of app is live, so there is nothing to roll back',
    hint: 'Run it without `rollback`.',
  },
  'secrets of its files are not shown': {
    options: { ...options, red: { ...options.red, files: [{ path: env('red'), content: secret`KEY=pa55-w0rd` }] } },
    host: having({ runs: [] }),
    changes: [
      `content of ${env('red')} new file`,
      `mode of ${env('red')} 0600`,
      ...started('red', 8081),
      'pointer red (port 8081)',
      'nginx.service active -> reloaded',
    ],
    masked: [env('red')],
  },
  'one unit for both': {
    options: { ...options, black: { ...options.black, unit: 'app@red.service' } },
    fails: 'redBlack: `red` and `black` are the same unit, app@red',
  },
  'one port for both': {
    options: { ...options, black: { ...options.black, port: 8081 } },
    fails: 'redBlack: `red` and `black` have the same port, 8081: both run for a while',
  },
  'one file for both': {
    options: { ...options, black: { ...options.black, files: options.red.files } },
    fails: `redBlack: ${env('red')} is a file of both instances: what both read belongs in a task of its own and in \`reads\``,
  },
  'one pointer for both': {
    options: { ...options, black: { ...options.black, pointer: toRed } },
    fails: 'redBlack: the `pointer` of `red` and `black` must differ',
  },
  'a pointer nobody has words for': {
    options: { ...options, red: { unit: 'a', port: 1 }, black: { unit: 'b', port: 2 } },
    fails: 'redBlack: `red` and `black` must both say in `pointer` what its file holds while they are live',
  },
  'words for a pointer that is a port': {
    options: { ...options, pointer: undefined, redirect: 80 },
    fails: 'redBlack: with `redirect` the ports say enough: leave out the `pointer` of `red` and `black`',
  },
  'a port that is redirected to itself': {
    options: { name: 'app', red: { unit: 'a', port: 1 }, black: { unit: 'b', port: 2 }, redirect: 2 },
    fails: 'redBlack: the redirected port, 2, must not be a port of either instance',
  },
  'neither a pointer nor a port': {
    options: { name: 'app', red: { unit: 'a', port: 1 }, black: { unit: 'b', port: 2 } },
    fails: 'redBlack: give either `pointer` or `redirect`',
  },
  'a health that is neither address nor command': {
    options: { ...options, red: { ...options.red, health: 'localhost:80' } },
    fails:
      'redBlack: option "red", at health, is "localhost:80" (a string), but ' +
      'must be an http:// or https:// address without blanks',
  },
  'a way back for what has no releases': {
    options: {
      ...options,
      red: { ...options.red, files: [] },
      black: { ...options.black, files: [] },
      rollback: true,
    },
    fails: 'redBlack: `rollback` needs `files`, which identify a release: without them both instances are the same',
  },
  'a template in place of an instance': {
    options: { ...options, red: { ...options.red, unit: 'app@' } },
    fails: 'redBlack: option "red", at unit, is "app@" (a string), but must be a service, not a template of one',
  },
});
