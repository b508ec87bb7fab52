import type { Task } from '../../src/playbook/index.ts';
import { container, containerImage, containerNetwork, containerVolume, copy } from '../../src/resources/index.ts';
import { Secret } from '../../src/secrets/index.ts';
import type { LawCase } from '../support/laws.ts';

/** Archives of two images of one name, which exist once there is a host to take busybox from. */
export interface Archives {
  readonly one: string;
  readonly two: string;
}

export const secret = new Secret('hunter2-very-secret');
const inspect = (what: string, is: string, name = 'cc'): string =>
  `[ "$(docker inspect --format '${what}' ${name})" = '${is}' ] || { docker inspect ${name} >&2; exit 1; }`;
const image = (archive: string): Task => containerImage({ name: 'stand-in:1', archive });
/** A sandbox has no right to make devices, which docker gives to root's containers unless told otherwise. */
export const noDevices = { capDrop: ['MKNOD'] };
/** A container with everything, to vary. */
const full = {
  name: 'cc',
  image: 'stand-in:1',
  command: ['sleep', '1000'],
  env: { PLAIN: 'a b', PASSWORD: secret },
  volumes: ['/srv:/data:ro', 'vv:/cache'],
  ports: ['127.0.0.1:8080:80'],
  networks: [{ name: 'net', ipv4Address: '172.26.43.9', aliases: ['db'] }, 'other'],
  user: '1000',
  hostname: 'inside',
  workingDir: '/',
  restartPolicy: 'unless-stopped',
  stopTimeout: 1,
  stopSignal: 'SIGINT',
  logDriver: 'json-file',
  labels: { role: 'test' },
  capAdd: ['NET_ADMIN'],
  capDrop: ['CAP_CHOWN'],
  etcHosts: { peer: '10.0.0.7' },
  init: true,
  readOnly: true,
} as const;
const changed = (what: Partial<Parameters<typeof container>[0]>): readonly Task[] => [
  container({ ...full, networks: [...full.networks], ...what } as Parameters<typeof container>[0]),
];

/** Containers, networks, volumes and images. They build on one another. */
export const containerCases = ({ one, two }: Archives): readonly LawCase[] => [
  {
    name: 'an image is loaded from an archive',
    tasks: () => [image(one)],
    expect: ['changed'],
    afterwards: 'docker image inspect stand-in:1 >/dev/null',
  },
  {
    name: 'an image is built of a folder',
    setup: `mkdir -p '/srv/b u'; cp /bin/busybox '/srv/b u/'; printf 'ARG ME\\nFROM scratch\\nARG ME\\nLABEL me=$ME\\nCOPY busybox /bin/\\n' >'/srv/b u/Dockerfile.x'`,
    tasks: () => [
      containerImage({
        name: 'built',
        tag: '1',
        build: { path: '/srv/b u', dockerfile: 'Dockerfile.x', args: { ME: "a 'b" }, labels: { by: 'law' } },
      }),
    ],
    expect: ['changed'],
    open: 1,
    afterwards: `[ "$(docker image inspect --format '{{.Config.Labels}}' built:1)" = "map[by:law me:a 'b]" ]`,
  },
  {
    name: 'networks and volumes',
    tasks: () => [
      containerNetwork({ name: 'net', subnet: '172.26.43.0/24', gateway: '172.26.43.1' }),
      containerNetwork({ name: 'other', internal: true, labels: { a: 'b' } }),
      containerVolume({ name: 'vv' }),
    ],
    expect: ['changed', 'changed', 'changed'],
  },
  {
    name: 'a container with every setting',
    tasks: () => [...changed({})],
    expect: ['changed'],
    hidden: ['hunter2-very-secret'],
    afterwards: `docker exec cc env | grep -qx 'PASSWORD=hunter2-very-secret' && docker exec cc env | grep -qx 'FROM_IMAGE=1' && [ "$(docker exec cc hostname)" = inside ]
[ "$(docker inspect --format '{{(index .NetworkSettings.Networks "net").IPAddress}}' cc)" = 172.26.43.9 ]`,
  },
  {
    name: 'its restart policy is changed while it runs',
    setup: 'docker inspect --format "{{.Id}}" cc >/srv/id',
    tasks: () => changed({ restartPolicy: 'on-failure:3' }),
    expect: ['changed'],
    afterwards: inspect('{{.Id}} {{.HostConfig.RestartPolicy.MaximumRetryCount}}', "'$(cat /srv/id)' 3"),
  },
  {
    name: 'so are its networks',
    tasks: () => changed({ restartPolicy: 'on-failure:3', networks: ['other'] }),
    expect: ['changed'],
    afterwards: inspect('{{.Id}}', "'$(cat /srv/id)'"),
  },
  {
    name: 'another secret makes it anew',
    tasks: () =>
      changed({
        restartPolicy: 'on-failure:3',
        networks: ['other'],
        env: { PLAIN: 'a b', PASSWORD: new Secret('other-very-secret') },
      }),
    expect: ['changed'],
    hidden: ['other-very-secret'],
    afterwards: `[ "$(docker ps -aq | wc -l)" = 1 ]`,
  },
  {
    name: 'stopped',
    tasks: () => [container({ name: 'cc', state: 'stopped' })],
    expect: ['changed'],
    afterwards: inspect('{{.State.Running}}', 'false'),
  },
  {
    name: 'restarted, every time',
    tasks: () => [container({ name: 'cc' }), container({ name: 'cc', restart: true })],
    expect: ['changed', 'changed'],
    again: ['ok', 'changed'],
  },
  {
    name: 'an image of the same name and other content makes it anew',
    tasks: () => [image(two), container({ name: 'cc', image: 'stand-in:1', ...noDevices, stopTimeout: 1 })],
    expect: ['changed', 'changed'],
    afterwards: "docker exec cc env | grep -qx 'FROM_IMAGE=2'",
  },
  {
    name: 'one that ends at once fails, and the old one comes back',
    setup: 'docker inspect --format "{{.Id}}" cc >/srv/id',
    tasks: () => [
      container({ name: 'cc', image: 'stand-in:1', ...noDevices, command: 'sh -c "echo last words; exit 3"' }),
    ],
    expect: ['failed'],
    again: ['failed'],
    says: /make the container cc/,
    open: 0,
    afterwards: inspect('{{.Id}} {{.State.Running}}', "'$(cat /srv/id)' true"),
  },
  {
    name: 'a file of variables',
    tasks: () => [
      copy({ dest: '/etc/c.env', content: new Secret('# note\nFROM_FILE=three-very-secret\n'), mode: '0400' }),
      container({ name: 'ee', image: 'stand-in:1', ...noDevices, stopTimeout: 1, envFile: '/etc/c.env' }),
    ],
    expect: ['changed', 'changed'],
    hidden: ['three-very-secret'],
    afterwards: "docker exec ee env | grep -qx 'FROM_FILE=three-very-secret'",
  },
  {
    name: 'in another network',
    tasks: () => [
      containerNetwork({ name: 'third' }),
      container({
        name: 'ee',
        image: 'stand-in:1',
        ...noDevices,
        stopTimeout: 1,
        envFile: '/etc/c.env',
        networks: ['third'],
      }),
    ],
    expect: ['changed', 'changed'],
  },
  {
    name: 'a network in use is not taken away',
    tasks: () => [containerNetwork({ name: 'third', subnet: '172.26.44.0/24' })],
    expect: ['failed'],
    again: ['failed'],
    says: /ee is in it/,
  },
  {
    name: 'unless forced',
    tasks: () => [containerNetwork({ name: 'third', subnet: '172.26.44.0/24', force: true })],
    expect: ['changed'],
    afterwards: inspect('{{range $n, $_ := .NetworkSettings.Networks}}{{$n}}{{end}}', 'third', 'ee'),
  },
  {
    name: 'a volume with other labels is left alone',
    tasks: () => [containerVolume({ name: 'vv', labels: { a: 'b' } })],
    expect: ['failed'],
    again: ['failed'],
    says: /cannot be changed/,
  },
  {
    name: 'all gone',
    tasks: () => [
      container({ name: 'cc', state: 'absent' }),
      container({ name: 'ee', state: 'absent' }),
      containerVolume({ name: 'vv', state: 'absent' }),
      ...['net', 'other', 'third'].map((name) => containerNetwork({ name, state: 'absent' })),
    ],
    expect: Array.from({ length: 6 }, () => 'changed'),
    afterwards: '[ -z "$(docker ps -aq)" ]',
  },
];
