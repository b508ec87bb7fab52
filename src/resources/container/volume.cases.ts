import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { containerVolume as question, type ContainerVolume } from './container-parts.probe.ts';
import { containerVolume } from './volume.ts';

const name = 'redis';
const redis: ContainerVolume = { name, driver: 'local', options: {}, labels: {} };
const docker = (now: Partial<ContainerVolume> | null): HostDescription => ({
  answers: [predict(question('auto', name), { engine: 'docker', is: now && { ...redis, ...now } })],
});
const down = (why: string): HostDescription => ({ answers: [predict(question('auto', name), { down: why })] });
const missing = 'neither docker nor podman is installed';

export const cases = planCases(containerVolume, {
  'made': {
    options: { name, driverOptions: { type: 'tmpfs' }, labels: { team: 'ops' } },
    host: docker(null),
    changes: ['state absent -> present'],
    args: [['docker', name, 'n', '--driver', 'local', '--opt', 'type=tmpfs', '--label', 'team=ops']],
    result: { name },
  },
  'right already': { options: { name }, host: docker({}) },
  'what differs cannot be changed, and nothing is thrown away unasked': {
    options: { name, labels: { team: 'ops' } },
    host: docker({}),
    fails:
      'the volume redis is there with labels none, which cannot be changed; ' +
      '`recreate: true` recreates it, without its contents',
  },
  'recreated, empty, once it is allowed': {
    options: { name, driver: 'nfs', recreate: true },
    host: docker({}),
    changes: ['driver local -> nfs', 'volume present -> recreated, empty'],
    steps: ['make the volume redis'],
  },
  'recreate throws nothing away that is right': { options: { name, recreate: true }, host: docker({}) },
  'removed': { options: { name, state: 'absent' }, host: docker({}), changes: ['state present -> absent'] },
  'removed already': { options: { name, state: 'absent' }, host: docker(null) },
  'nothing to remove without an engine': { options: { name, state: 'absent' }, host: down(missing) },
  'whether there is one to remove a daemon that is down cannot say': {
    options: { name, state: 'absent' },
    host: down('Cannot connect to the Docker daemon'),
    fails: 'the container engine cannot be asked: Cannot connect to the Docker daemon',
    hint: "Start it before: systemd({ name: 'docker', state: 'started' })",
  },
  'an engine that may come with what is planned': {
    options: { name },
    host: down(missing),
    behind: {},
    changes: ['state absent -> present'],
    assumed: ['the container engine, with nothing in it yet, runs by then ("a task" changes the host before)'],
  },
  'recreate with absent': {
    options: { name, state: 'absent', recreate: true },
    fails: 'containerVolume: `recreate` needs state `present`',
  },
});
