import * as v from 'valibot';
import { splitWords } from '../../inventory/index.ts';
import { flag, path, secretText, text } from '../kit/schemas.ts';

const objectName = v.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]+$/, 'must be two or more letters, digits, `_`, `.` and `-`');

/** The name of a container, network or volume. */
export const engineName = (description: string) => v.pipe(v.string(), objectName, v.description(description));

export const engine = v.optional(
  v.pipe(
    v.picklist(['auto', 'docker', 'podman']),
    v.description('Which program runs the containers. `auto`: docker if it is installed, else podman.'),
  ),
  'auto',
);

export const labels = v.optional(v.pipe(v.record(v.string(), v.string()), v.description('Labels.')), {});

export const imageName = (description: string) =>
  v.pipe(
    v.string(),
    v.regex(/^[A-Za-z0-9][\w.:/@-]*$/, 'must be the name of an image, such as redis:7'),
    v.description(description),
  );

const words = (description: string) =>
  v.optional(
    v.pipe(
      v.union([v.string(), v.array(v.string())]),
      v.check(
        (value) => typeof value !== 'string' || typeof splitWords(value, { comments: false }) !== 'string',
        'cannot be split into words; give a list',
      ),
      v.description(description),
    ),
  );

const variable = v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, 'must be the name of a variable'));
const duration = (description: string) =>
  v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.description(description)));
const capabilities = (description: string) =>
  v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.regex(/^[A-Za-z_]+$/, 'must be a capability, such as NET_ADMIN'))),
      v.description(description),
    ),
    [],
  );

export const portPattern = /^(?:(\[[0-9A-Fa-f:]+\]|[\d.]+):)?(\d{1,5}):(\d{1,5})(?:\/(tcp|udp|sctp))?$/;
export const volumePattern =
  /^([^:]+):(\/[^:]*)(?::((?:ro|rw|z|Z|r?private|r?shared|r?slave)(?:,(?:ro|rw|z|Z|r?private|r?shared|r?slave))*))?$/;

const ipv4 = v.pipe(v.string(), v.ipv4('must be an IPv4 address'));

const network = v.union([
  v.pipe(v.string(), objectName),
  v.strictObject({
    name: v.pipe(v.string(), objectName, v.description('The network.')),
    ipv4Address: v.optional(
      v.pipe(ipv4, v.description('Its address there; the network must have a subnet of its own.')),
    ),
    aliases: v.optional(v.pipe(v.array(v.string()), v.description('Further names it answers to there.'))),
  }),
]);

/** The options of `container`. */
export const containerOptions = {
  name: engineName('The container.'),
  image: v.optional(
    imageName('The image it is created from. Not needed if only the state of an existing container is meant.'),
  ),
  state: v.optional(
    v.pipe(
      v.picklist(['started', 'present', 'stopped', 'absent']),
      v.description(
        '`started`: exists and runs. `present`: exists. `stopped`: exists and does not run. `absent`: does not exist. Default `started`.',
      ),
    ),
    'started',
  ),
  engine,
  pull: v.optional(
    v.pipe(
      v.picklist(['missing', 'never', 'always']),
      v.description(
        'When to pull the image: if the host lacks it, never, or also each time the container is recreated. Default `missing`.',
      ),
    ),
    'missing',
  ),
  command: words("The command, instead of the image's: a list, or a string split at blanks as a shell would."),
  entrypoint: words("Instead of the image's entrypoint."),
  env: v.optional(
    v.pipe(
      v.record(variable, secretText('A value; may be a Secret.')),
      v.description(
        "Environment variables in addition to the image's. Values may be Secrets; they appear on no command line.",
      ),
    ),
    {},
  ),
  envFile: v.optional(
    path(
      'A file on the host with lines NAME=value; `env` takes precedence. The container is recreated when it changes.',
    ),
  ),
  volumes: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.regex(volumePattern, 'must be SOURCE:/PATH or SOURCE:/PATH:ro'))),
      v.description('Folders, files and named volumes of the host to mount: `/srv/data:/data:ro`, `cache:/var/cache`.'),
    ),
    [],
  ),
  ports: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.regex(portPattern, 'must be HOST:CONTAINER, such as 127.0.0.1:8080:80'))),
      v.description('Ports to publish: `8080:80`, `127.0.0.1:5353:53/udp`.'),
    ),
    [],
  ),
  networks: v.optional(
    v.pipe(
      v.array(network),
      v.description(
        "The networks it is in, and no others: names, or `{ name, ipv4Address, aliases }`. Default: the engine's own network.",
      ),
    ),
  ),
  networkMode: v.optional(
    v.pipe(
      v.string(),
      v.regex(
        /^(?:host|none|bridge|container:.+)$/,
        'must be host, none, bridge or container:NAME; for other networks see `networks`',
      ),
      v.description('Instead of networks: `host`, `none`, `container:NAME`.'),
    ),
  ),
  user: v.optional(text("The user it runs as: a name in the image, a number, or `1000:1000`. Default: the image's.")),
  hostname: v.optional(text('Its host name.')),
  workingDir: v.optional(path("Working directory of its command. Default: the image's.")),
  restartPolicy: v.optional(
    v.pipe(
      v.string(),
      v.regex(
        /^(?:no|always|unless-stopped|on-failure(?::\d+)?)$/,
        'must be no, always, unless-stopped, on-failure or on-failure:3',
      ),
      v.description(
        'Whether the engine restarts it when it exits: `no`, `on-failure[:N]`, `always`, `unless-stopped`.',
      ),
    ),
    'no',
  ),
  restart: flag('Restart it, every time: for handlers.', false),
  recreate: flag('Recreate it, every time.', false),
  stopTimeout: duration('Seconds it gets to stop before it is killed.'),
  stopSignal: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^(?:SIG[A-Z0-9+-]+|\d+)$/, 'must be a signal, such as SIGINT'),
      v.description('The signal that stops it.'),
    ),
  ),
  logDriver: v.optional(text("Where its output goes: `journald`, `json-file`, `none` ... Default: the engine's.")),
  labels,
  privileged: flag('Give it full access to the host.', false),
  readOnly: flag('Its own file system is read-only.', false),
  memory: v.optional(
    v.pipe(
      text('The memory it may use: `512m`, `2g`. Default: as it is; no limit for a new one.'),
      v.regex(/^[1-9]\d*[bkmg]?$/i, 'must be a size such as 512m'),
    ),
  ),
  init: flag('Run a small init as its first process, which reaps the others.', false),
  capAdd: capabilities('Capabilities to add.'),
  capDrop: capabilities('Capabilities to drop.'),
  etcHosts: v.optional(
    v.pipe(v.record(v.string(), v.string()), v.description('Entries for its /etc/hosts: names with their addresses.')),
    {},
  ),
};

/** Options that mean something only where the container is made. */
export const makingOptions = [
  'command',
  'entrypoint',
  'env',
  'envFile',
  'volumes',
  'ports',
  'networks',
  'networkMode',
  'user',
  'hostname',
  'workingDir',
  'stopTimeout',
  'stopSignal',
  'logDriver',
  'labels',
  'privileged',
  'readOnly',
  'memory',
  'init',
  'capAdd',
  'capDrop',
  'etcHosts',
  'recreate',
] as const;
