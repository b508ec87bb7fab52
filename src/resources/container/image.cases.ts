import { createHash } from 'node:crypto';
import { predict } from '../../contract/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { containerImage as question, type ContainerImage } from './container-parts.probe.ts';
import { containerImage } from './image.ts';

const name = 'shovel:1.0';
const there = (id: string): ContainerImage => ({
  id,
  names: [name],
  env: {},
  command: [],
  entrypoint: [],
  user: '',
  workingDir: '/',
  labels: {},
});
const docker = (is: ContainerImage | null): HostDescription => ({
  answers: [predict(question('auto', name), { engine: 'docker', is })],
});
const down = (why: string): HostDescription => ({ answers: [predict(question('auto', name), { down: why })] });
const missing = 'neither docker nor podman is installed';

const config = '{"config":{"Cmd":["shovel"]}}';
const id = createHash('sha256').update(config).digest('hex');
const archive = tar({
  'manifest.json': JSON.stringify([{ Config: 'config.json', RepoTags: [name] }]),
  'config.json': config,
});
const role = { 'files/shovel.tar': archive };

export const cases = planCases(containerImage, {
  'pulled': {
    options: { name },
    host: docker(null),
    changes: ['image absent -> pulled'],
    steps: [`pull the image ${name}`],
    assumed: [`the registry has the image ${name}`],
    result: { id: '' },
  },
  'by its tag, pulled again': {
    options: { name: 'shovel', tag: '1.0', forceSource: true },
    host: docker(there('1111111111111111')),
    changes: ['image 111111111111 -> pulled'],
    assumed: [`the registry has the image ${name}`],
  },
  'built': {
    options: { name, build: { path: '/srv/shovel', args: { A: 'b c' }, target: 'run', nocache: true } },
    host: {
      ...docker(null),
      paths: { '/srv/shovel': { type: 'directory' }, '/srv/shovel/Dockerfile': { type: 'file', content: 'FROM x' } },
    },
    changes: ['image absent -> built'],
    args: [
      [
        'docker',
        'build',
        '-q',
        '-t',
        name,
        '-f',
        '/srv/shovel/Dockerfile',
        '--no-cache',
        '--target',
        'run',
        '--build-arg',
        'A=b c',
        '--',
        '/srv/shovel',
      ],
    ],
    assumed: [`the image ${name} can be built from /srv/shovel`],
  },
  'built already': { options: { name, build: { path: '/srv/shovel' } }, host: docker(there('111')) },
  'nothing to build of': {
    options: { name, build: { path: '/srv/shovel' } },
    host: docker(null),
    fails: `there is no folder /srv/shovel to build the image ${name} from`,
    hint: 'Put it there first: sync({ ... })',
  },
  'a source without its options': {
    options: { name, source: 'build' },
    fails: 'containerImage: the source `build` needs `build`',
  },
  'right already': { options: { name }, host: docker(there('111')), result: { id: '111' } },
  'loaded from an archive of the role': {
    options: { name, archive: 'shovel.tar' },
    role,
    host: docker(null),
    changes: [`image absent -> ${id.slice(0, 12)}, loaded`],
    steps: [`load the image ${name}`],
    result: { id },
  },
  'loaded already': { options: { name, archive: 'shovel.tar' }, role, host: docker(there(id)), result: { id } },
  'another image has the name': {
    options: { name, archive: 'shovel.tar' },
    role,
    host: docker(there('1111111111111111')),
    changes: [`image 111111111111 -> ${id.slice(0, 12)}, loaded`],
  },
  'an archive of another image': {
    options: { name: 'other:1.0', archive: 'shovel.tar' },
    role,
    host: docker(null),
    hint: `It holds ${name}.`,
    fails: '/role/files/shovel.tar does not hold the image other:1.0',
  },
  'removed': {
    options: { name, state: 'absent' },
    host: docker(there('111')),
    changes: ['state present -> absent'],
    result: { id: '' },
  },
  'removed already': { options: { name, state: 'absent' }, host: docker(null) },
  'nothing to remove without an engine': { options: { name, state: 'absent' }, host: down(missing) },
  'no engine': {
    options: { name },
    host: down(missing),
    fails: `the container engine cannot be asked: ${missing}`,
    hint: "Install one before: apt({ name: 'docker.io' })",
  },
  'a daemon that may be started by what is planned': {
    options: { name },
    host: down('Cannot connect to the Docker daemon'),
    behind: {},
    changes: ['image absent -> pulled'],
    assumed: [
      'the container engine, with nothing in it yet, runs by then ("a task" changes the host before)',
      `the registry has the image ${name}`,
    ],
  },
  'an option in place of a name': {
    options: { name: '--all' },
    fails: 'containerImage: option "name" is "--all" (a string), but must be the name of an image, such as redis:7',
  },
});

/** As tar(5) has it, plain files only. */
function tar(members: Readonly<Record<string, string>>): Buffer {
  const blocks = Object.entries(members).flatMap(([member, content]) => {
    const head = Buffer.alloc(512);
    head.write(member);
    head.write('0000644\0', 100);
    head.write('0000000\0', 108);
    head.write('0000000\0', 116);
    head.write(`${Buffer.byteLength(content).toString(8).padStart(11, '0')}\0`, 124);
    head.write('00000000000\0', 136);
    head.write('        0', 148);
    head.write('ustar\x0000', 257);
    const sum = head.reduce((all, one) => all + one, 0);
    head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    const body = Buffer.alloc(Math.ceil(Buffer.byteLength(content) / 512) * 512);
    body.write(content);
    return [head, body];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
