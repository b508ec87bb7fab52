import { predict } from '../../contract/index.ts';
import { noUnit, unit } from '../../probes/index.ts';
import { secret } from '../../secrets/index.ts';
import { planCases, type HostDescription, type PathEntry } from '../../testing/index.ts';
import { containerImage, type ContainerImage } from './container-parts.probe.ts';
import { container as question, type Container, type ContainerSettings } from './container.probe.ts';
import { container } from './index.ts';

const name = 'redis';
const image = 'redis:7';

const redis7: ContainerImage = {
  id: '77777777777777777777',
  names: ['redis:7'],
  env: { PATH: '/usr/bin', REDIS_VERSION: '7' },
  command: ['redis-server'],
  entrypoint: ['docker-entrypoint.sh'],
  user: '',
  workingDir: '/data',
  labels: {},
};
const settings: ContainerSettings = {
  entrypoint: '["docker-entrypoint.sh"]',
  command: '["redis-server"]',
  user: '',
  hostname: 'a1b2c3',
  workingDir: '/data',
  restartPolicy: 'no',
  stopTimeout: '',
  stopSignal: '',
  logDriver: 'json-file',
  networkMode: 'default',
  privileged: 'no',
  readOnly: 'no',
  memory: '0',
  init: 'no',
  capAdd: '',
  capDrop: '',
  etcHosts: '',
  ports: '',
  volumes: '',
};
const running: Container = {
  name,
  running: true,
  imageId: redis7.id,
  settings,
  env: redis7.env,
  labels: {},
  networks: { bridge: { ipv4Address: '', aliases: [] } },
};

type Now = (Partial<Omit<Container, 'settings'>> & { readonly settings?: Partial<ContainerSettings> }) | null;

/** What docker says of the container and of the image (null: it has none). */
function docker(now: Now, has: ContainerImage | null = redis7, paths: Record<string, PathEntry> = {}): HostDescription {
  const is = now && { ...running, ...now, settings: { ...settings, ...now.settings } };
  return {
    paths,
    answers: [
      predict(question('auto', name), { engine: 'docker', is }),
      predict(containerImage('auto', image), { engine: 'docker', is: has }),
    ],
  };
}
const down = (why: string): HostDescription => ({
  answers: [predict(question('auto', name), { down: why }), predict(containerImage('auto', image), { down: why })],
});
const missing = 'neither docker nor podman is installed';
const made = 'container running -> recreated';

export const cases = planCases(container, {
  'made and started': {
    options: { name, image },
    host: docker(null),
    changes: ['state absent -> started'],
    steps: ['make the container redis'],
    result: { name, running: true },
  },
  'right already': { options: { name, image }, host: docker({}), result: { name, running: true } },
  'its image is pulled before': {
    options: { name, image },
    host: docker(null, null),
    changes: ['state absent -> started', 'image redis:7 pulled'],
    assumed: ['the registry has the image redis:7'],
  },
  'an image that must not be pulled': {
    options: { name, image, pull: 'never' },
    host: docker(null, null),
    fails: "the host has no image redis:7, and `pull: 'never'` forbids fetching it",
    hint: 'See containerImage.',
  },
  'with less memory': {
    options: { name, image, memory: '512m' },
    host: docker({}),
    changes: ['memory 0 -> 536870912', made],
  },
  'with that memory already': {
    options: { name, image, memory: '512m' },
    host: docker({ settings: { memory: '536870912' } }),
    steps: [],
  },
  'made, not started': {
    options: { name, image, state: 'present' },
    host: docker(null),
    changes: ['state absent -> present'],
    result: { name, running: false },
  },
  'another image under that name': {
    options: { name, image },
    host: docker({ imageId: '66666666666666666666' }),
    changes: ['image 666666666666 -> 777777777777', made],
  },
  'everything it is made with': {
    options: {
      name,
      image,
      command: 'redis-server --save "60 1"',
      user: '1000',
      volumes: ['/srv/redis:/data:ro'],
      ports: ['127.0.0.1:6379:6379'],
      capAdd: ['net_admin'],
      etcHosts: { db: '10.0.0.1' },
      restartPolicy: 'always',
    },
    host: docker({}),
    changes: [
      'command ["redis-server"] -> ["redis-server","--save","60 1"]',
      'user none -> 1000',
      'restart policy no -> always',
      'added capabilities none -> NET_ADMIN',
      'names in /etc/hosts none -> db:10.0.0.1',
      'ports none -> 127.0.0.1:6379:6379/tcp',
      'volumes none -> /srv/redis:/data:ro',
      made,
    ],
  },
  'what a setting is called does not matter': {
    options: { name, image, capAdd: ['cap_net_admin'], ports: ['0.0.0.0:80:80'], volumes: ['/srv/redis/:/data'] },
    host: docker({ settings: { capAdd: 'NET_ADMIN', ports: '80:80/tcp', volumes: '/srv/redis:/data' } }),
  },
  'a port nobody wants any more': {
    options: { name, image },
    host: docker({ settings: { ports: '6379:6379/tcp' } }),
    changes: ['ports 6379:6379/tcp -> none', made],
  },
  'only its restart policy: it goes on running': {
    options: { name, image, restartPolicy: 'unless-stopped' },
    host: docker({}),
    changes: ['restart policy no -> unless-stopped'],
    steps: ['set the restart policy of redis'],
  },
  'a variable': {
    options: { name, image, env: { MODE: 'cache' } },
    host: docker({}),
    changes: ['variable MODE absent -> cache', made],
    stdin: ['MODE=cache\n'],
  },
  'a secret is in no change and no command line': {
    options: { name, image, env: { PASSWORD: secret`pa55-w0rd` } },
    host: docker({ env: { ...redis7.env, PASSWORD: '0ther-w0rd' } }),
    changes: ['variable PASSWORD another value', made],
    args: [['docker', name, image, 'missing', 'y', '', '--restart', 'no', image]],
    stdin: ['PASSWORD=pa55-w0rd\n'],
  },
  'variables from a file, `env` before them': {
    options: { name, image, envFile: '/etc/redis.env', env: { MODE: 'cache' } },
    host: docker(null, redis7, { '/etc/redis.env': { type: 'file', content: '# ours\nMODE=store\nSIZE=1\n' } }),
    changes: ['state absent -> started'],
    stdin: ['MODE=cache\nSIZE=1\n'],
  },
  'a file of variables that is not there': {
    options: { name, image, envFile: '/etc/redis.env' },
    host: docker(null),
    fails: 'the file of variables /etc/redis.env is absent',
    hint: 'Make it before.',
  },
  'a variable without a value in it': {
    options: { name, image, envFile: '/etc/redis.env' },
    host: docker(null, redis7, { '/etc/redis.env': { type: 'file', content: 'HOME\n' } }),
    fails: '/etc/redis.env: variable 1 has no value; write NAME=value',
  },
  'a label nobody wants any more': {
    options: { name, image, labels: { team: 'ops' } },
    host: docker({ labels: { team: 'dev', old: 'yes' } }),
    changes: ['label old yes -> absent', 'label team dev -> ops', made],
  },
  'into a network and out of another, running': {
    options: { name, image, networks: [{ name: 'backend', aliases: ['cache'] }] },
    host: docker({}),
    changes: ['network bridge joined -> left', 'network backend absent -> joined'],
    steps: ['take redis out of the network bridge', 'put redis into the network backend'],
  },
  'an address of its own': {
    options: { name, image, networks: [{ name: 'backend', ipv4Address: '172.26.43.5' }] },
    host: docker({ networks: { backend: { ipv4Address: '', aliases: [], current: '172.26.43.2' } } }),
    changes: ['network backend with other settings -> joined as 172.26.43.5'],
  },
  'started': {
    options: { name },
    host: docker({ running: false }),
    changes: ['state stopped -> started'],
    steps: ['start the container redis'],
  },
  'stopped': {
    options: { name, state: 'stopped' },
    host: docker({}),
    changes: ['state running -> stopped'],
    steps: ['stop the container redis'],
    result: { name, running: false },
  },
  'restarted every time': {
    options: { name, restart: true },
    host: docker({}),
    changes: ['state running -> restarted'],
  },
  'recreated every time': {
    options: { name, image, recreate: true },
    host: docker({}),
    changes: ['state recreated', made],
  },
  'removed': {
    options: { name, state: 'absent' },
    host: docker({}),
    changes: ['state running -> absent'],
    steps: ['remove the container redis'],
  },
  'removed already': { options: { name, state: 'absent' }, host: docker(null) },
  'nothing to remove without an engine': { options: { name, state: 'absent' }, host: down(missing) },
  'no container, and nothing to make it from': {
    options: { name },
    host: docker(null),
    fails: 'there is no container redis, and without `image` it cannot be made',
  },
  'no engine': {
    options: { name, image },
    host: down(missing),
    fails: `the container engine cannot be asked: ${missing}`,
    hint: "Install one before: apt({ name: 'docker.io' })",
  },
  'a daemon that is down': {
    options: { name, image },
    host: down('Cannot connect to the Docker daemon'),
    fails: 'the container engine cannot be asked: Cannot connect to the Docker daemon',
    hint: "Start it before: systemd({ name: 'docker', state: 'started' })",
  },
  'an engine that is sure to run by then': {
    options: { name, image },
    host: down(missing),
    behind: {
      planned: [predict(unit('docker'), { ...noUnit, names: ['docker.service'], loaded: true, active: 'active' })],
    },
    changes: ['state absent -> started', 'image redis:7 pulled'],
    steps: ['make the container redis'],
    result: { name, running: true },
    assumed: ['the registry has the image redis:7'],
  },
  'an engine that may come with what is planned': {
    options: { name, image },
    host: down(missing),
    behind: {},
    changes: ['state absent -> started', 'image redis:7 pulled'],
    assumed: [
      'the container engine, with nothing in it yet, runs by then ("a task" changes the host before)',
      'the registry has the image redis:7',
    ],
  },
  'podman tells its usual capabilities otherwise': {
    options: { name, image, engine: 'podman' },
    host: {
      answers: [
        predict(question('podman', name), {
          engine: 'podman',
          is: { ...running, settings: { ...settings, capDrop: 'AUDIT_WRITE MKNOD NET_RAW' } },
        }),
        predict(containerImage('podman', image), { engine: 'podman', is: redis7 }),
      ],
    },
  },
  'settings without an image': {
    options: { name, user: '1000' },
    fails: 'container: `user` needs the `image`: without one, only the state of an existing container is meant',
  },
  'a variable of two lines': {
    options: { name, image, env: { KEY: 'a\nb' } },
    fails: 'container: the variable KEY holds a line break, which engines cannot be given',
  },
  'a secret of two lines': {
    options: { name, image, env: { KEY: secret`line-1\nline-2` } },
    fails: 'container: the variable KEY holds a line break, which engines cannot be given',
  },
  'networks and a mode': {
    options: { name, image, networks: ['backend'], networkMode: 'host' },
    fails: 'container: give either `networks` or `networkMode`',
  },
});
