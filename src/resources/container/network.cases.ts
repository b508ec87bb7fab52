import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { containerNetwork as question, type ContainerNetwork } from './container-parts.probe.ts';
import { container, type Container } from './container.probe.ts';
import { containerNetwork } from './network.ts';

const name = 'backend';
const backend: ContainerNetwork = {
  name,
  driver: 'bridge',
  subnets: [{ subnet: '172.26.43.0/24', gateway: '172.26.43.1' }],
  internal: false,
  options: {},
  labels: {},
  containers: [],
};
/** What docker says of the network, and of the containers that are in it. */
const docker = (now: Partial<ContainerNetwork> | null, still: readonly string[] = []): HostDescription => ({
  answers: [
    predict(question('auto', name), { engine: 'docker', is: now && { ...backend, ...now } }),
    ...(now?.containers ?? []).map((one) =>
      predict(container('auto', one), { engine: 'docker', is: still.includes(one) ? inside(one) : null }),
    ),
  ],
});
const inside = (one: string): Container => ({
  name: one,
  running: true,
  imageId: '',
  settings: {
    entrypoint: '',
    command: '',
    user: '',
    hostname: '',
    workingDir: '',
    restartPolicy: '',
    stopTimeout: '',
    stopSignal: '',
    logDriver: '',
    networkMode: '',
    privileged: '',
    readOnly: '',
    memory: '',
    init: '',
    capAdd: '',
    capDrop: '',
    etcHosts: '',
    ports: '',
    volumes: '',
  },
  env: {},
  labels: {},
  networks: { [name]: { ipv4Address: '', aliases: [] } },
});
const down = (why: string): HostDescription => ({ answers: [predict(question('auto', name), { down: why })] });
const missing = 'neither docker nor podman is installed';

export const cases = planCases(containerNetwork, {
  'made': {
    options: { name, subnet: '172.26.43.0/24', labels: { team: 'ops' } },
    host: docker(null),
    changes: ['state absent -> present'],
    args: [
      ['docker', name, 'n', 'present', '', '--driver', 'bridge', '--subnet', '172.26.43.0/24', '--label', 'team=ops'],
    ],
    result: { name },
  },
  'right already, whatever addresses the engine chose': { options: { name }, host: docker({}) },
  'right already, with its subnet': { options: { name, subnet: '172.26.43.0/24' }, host: docker({}) },
  'another subnet': {
    options: { name, subnet: '10.1.0.0/16' },
    host: docker({}),
    changes: ['subnet 172.26.43.0/24 -> 10.1.0.0/16', 'network present -> recreated'],
  },
  'another gateway': {
    options: { name, subnet: '172.26.43.0/24', gateway: '172.26.43.254' },
    host: docker({}),
    changes: ['gateway 172.26.43.1 -> 172.26.43.254', 'network present -> recreated'],
  },
  'shut off, with an option and a label': {
    options: { name, internal: true, driverOptions: { mtu: '1400' }, labels: { team: 'ops' } },
    host: docker({}),
    changes: [
      'internal no -> yes',
      'driver options none -> mtu=1400',
      'labels none -> team=ops',
      'network present -> recreated',
    ],
  },
  'containers are in it': {
    options: { name, internal: true },
    host: docker({ containers: ['api', 'redis'] }, ['api', 'redis']),
    fails:
      'the network backend would have to be recreated (internal), but api, redis are in it; ' +
      '`force: true` takes them out and puts them into the new one',
  },
  'they are taken out and put back': {
    options: { name, internal: true, force: true },
    host: docker({ containers: ['api'] }, ['api']),
    changes: ['internal no -> yes', 'network present -> recreated'],
  },
  'a container that is gone by then is no obstacle': {
    options: { name, internal: true },
    host: docker({ containers: ['api'] }, []),
    changes: ['internal no -> yes', 'network present -> recreated'],
  },
  'removed': {
    options: { name, state: 'absent' },
    host: docker({}),
    changes: ['state present -> absent'],
    steps: ['remove the network backend'],
  },
  'removed already': { options: { name, state: 'absent' }, host: docker(null) },
  'it cannot go while somebody is in it': {
    options: { name, state: 'absent' },
    host: docker({ containers: ['api'] }, ['api']),
    fails: 'the network backend cannot go, but api is in it; `force: true` takes them out',
  },
  'nothing to remove without an engine': { options: { name, state: 'absent' }, host: down(missing) },
  'a daemon that is down': {
    options: { name },
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
  'a gateway without a subnet': {
    options: { name, gateway: '10.0.0.1' },
    fails: 'containerNetwork: `gateway` needs `subnet`',
  },
});
