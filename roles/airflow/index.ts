import { randomBytes } from 'node:crypto';
import {
  apt,
  container,
  containerImage,
  containerNetwork,
  containerVolume,
  copy,
  defineRole,
  fetch,
  file,
  handler,
  PlayError,
  Secret,
  secret,
  sync,
  template,
  v,
  type HostView,
  type Task,
  secretOf,
  option,
  systemFiles,
} from 'play';
import { sshKeyOnHost } from '../ssh-key.ts';
import { knownCollectors } from './known-collectors.ts';
import { shovelImage } from './shovel.ts';
import { pipelineSteps } from './steps.ts';

const restartScheduler = handler('restart airflow scheduler', () => container({ name: 'af-scheduler', restart: true }));
const restartWebserver = handler('restart airflow webserver', () => container({ name: 'af-webserver', restart: true }));
const restartWorker = handler('restart airflow worker', () => container({ name: 'af-worker', restart: true }));

const trampoline = '/srv/af-worker-bin/docker-trampoline';
const dags = '/srv/airflow-dags';
const collectorSsh = '/srv/airflow/collector_ssh';
const ownedByRoot = { owner: 'root', group: 'root' };
// 32 bytes in URL-safe base64, padded: what Airflow takes for a key.
const fernetKey = (): string => `${randomBytes(32).toString('base64url')}=`;
// What none of them needs: to make device files.
const confined = { capDrop: ['MKNOD'], restartPolicy: 'unless-stopped' };
const image = (description: string, standard: string) => option.text(description, standard);

/** The worker has docker run the pipeline's steps, by way of the trampoline. */
export const airflow = defineRole(import.meta, {
  description:
    'Airflow in containers: scheduler, web interface and worker, with the database and the queue they share.',
  vars: {
    airflow_image: image('Airflow.', 'apache/airflow:1.10.10'),
    airflow_db_image: image("PostgreSQL for Airflow's own state.", 'postgres:12'),
    airflow_redis_image: image('The queue between scheduler and worker.', 'redis:5'),
    airflow_image_archives: option.record(
      'For a host that reaches no registry: what `docker save` wrote, by image.',
      v.string(),
      {},
    ),
    airflow_subnet: option.text('Addresses of the containers.', '172.26.43.0/24'),
    airflow_web_address: option.text('Where the web interface is, for `ssh -L`.', '172.26.43.254', v.ipv4()),
    airflow_stop_timeout: option.integer('Seconds the worker has to end its tasks in.', 60),
    airflow_secrets: v.optional(
      option.object('From a vault file; others come from PIPELINE_AIRFLOW_...', {
        fernet_key: v.optional(v.instance(Secret)),
        db_password: v.optional(v.instance(Secret)),
        metadb_password: v.optional(v.instance(Secret)),
      }),
      {},
    ),
    airflow_metadb_host: v.optional(
      option.text('Where the metadata database is. Default: the first host of the group db_active.'),
    ),
    airflow_metrics_folder: option.text(
      'Where the node exporter looks for text files.',
      '/var/lib/prometheus/node-exporter',
      v.startsWith('/'),
    ),
  },
  // In the order in which they depend on each other: each at most once, whatever changed.
  defaults: { ...systemFiles, installRecommends: false },
  tasks: ({ vars, host, groups }) => {
    const [activeDb] = groups['db_active'] ?? [];
    const metadb = vars.airflow_metadb_host ?? activeDb;
    if (metadb === undefined)
      throw new PlayError(`${host.name}: where is the metadata database?`, {
        hint: 'Put it into the group db_active, or set airflow_metadb_host.',
      });
    const db = secretOf(host, 'pipeline_airflow_db_password', vars.airflow_secrets.db_password, { shared: true });
    const env = {
      AIRFLOW__CORE__EXECUTOR: 'CeleryExecutor',
      AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
      AIRFLOW__CORE__DAGS_FOLDER: '/usr/local/airflow/dags',
      AIRFLOW__CORE__FERNET_KEY: secretOf(host, 'pipeline_airflow_fernet_key', vars.airflow_secrets.fernet_key, {
        shared: true,
        make: fernetKey,
      }),
      AIRFLOW__CORE__SQL_ALCHEMY_CONN: secret`postgresql+psycopg2://airflow:${db}@af-db/airflow`,
      AIRFLOW__CELERY__RESULT_BACKEND: secret`db+postgresql://airflow:${db}@af-db/airflow`,
      AIRFLOW__CELERY__BROKER_URL: 'redis://af-redis:6379/1',
    };
    const part = (name: string, command: string, more: Partial<Parameters<typeof container>[0]> = {}) =>
      container(
        {
          name: `af-${name}`,
          image: vars.airflow_image,
          command: ['airflow', command],
          hostname: `af-${name}`,
          env,
          networks: ['airflow'],
          volumes: [`${dags}:/usr/local/airflow/dags:ro`],
          ...confined,
          ...more,
        },
        { name: `airflow ${name}` },
      );
    return [
      file(
        { path: '/srv/af-worker-bin', state: 'directory' },
        { name: 'folder for the trampoline', tags: 'airflow-dags' },
      ),
      // The worker has this very file mounted, so it goes on with the old one until it is restarted.
      template(
        {
          src: 'docker-trampoline.hbs',
          dest: trampoline,
          mode: '0755',
          validate: 'bash -n %s',
          vars: {
            image: shovelImage,
            collector_ssh: collectorSsh,
            steps: pipelineSteps.map(
              ({ name, args, reads, writes, usesDatabase = false, usesCollectorKey = false }) => ({
                name,
                reads,
                writes,
                count: args.length,
                args: args.map((check, i) => ({ check, position: i + 1 })),
                uses_database: usesDatabase,
                uses_collector_key: usesCollectorKey,
              }),
            ),
          },
        },
        { name: 'docker-trampoline', tags: 'airflow-dags', notify: restartWorker },
      ),
      sync(
        {
          src: 'airflow-dags',
          dest: dags,
          delete: true,
          exclude: ['__pycache__'],
          generated: {
            'have_collector.json': `${JSON.stringify([...(groups['active_collector'] ?? [])].sort(), null, 2)}\n`,
          },
          ...ownedByRoot,
        },
        { name: 'airflow DAGs', tags: 'airflow-dags', notify: [restartScheduler, restartWebserver, restartWorker] },
      ),
      file({ path: '/srv/airflow', state: 'directory', mode: '0700' }, { name: 'folder for secrets of the pipeline' }),
      copy(
        {
          content: secret`PGHOST=${metadb}\nPGUSER=shovel\nPGDATABASE=metadb\nPGPASSWORD=${secretOf(host, 'pipeline_shovel_password', vars.airflow_secrets.metadb_password, { shared: true })}\n`,
          dest: '/srv/airflow/metadb.env',
          mode: '0400',
        },
        { name: 'access to the metadata database' },
      ),
      ...accessToCollectors(host, groups['active_collector'] ?? []),
      ...[...new Set([vars.airflow_image, vars.airflow_db_image, vars.airflow_redis_image])].map((one) => {
        const archive = vars.airflow_image_archives[one];
        return containerImage({ name: one, ...(archive === undefined ? {} : { archive }) }, { name: `image ${one}` });
      }),
      containerNetwork({ name: 'airflow', subnet: vars.airflow_subnet }, { name: 'network of airflow' }),
      containerVolume({ name: 'airflow-db' }, { name: 'volume of the database' }),
      container(
        {
          name: 'af-db',
          image: vars.airflow_db_image,
          env: { POSTGRES_USER: 'airflow', POSTGRES_DB: 'airflow', POSTGRES_PASSWORD: db },
          networks: ['airflow'],
          volumes: ['airflow-db:/var/lib/postgresql/data'],
          ...confined,
        },
        { name: 'database of airflow' },
      ),
      container(
        { name: 'af-redis', image: vars.airflow_redis_image, networks: ['airflow'], ...confined },
        { name: 'queue of airflow' },
      ),
      part('scheduler', 'scheduler'),
      part('webserver', 'webserver', { networks: [{ name: 'airflow', ipv4Address: vars.airflow_web_address }] }),
      part('worker', 'worker', {
        volumes: [
          `${dags}:/usr/local/airflow/dags:ro`,
          `${trampoline}:/usr/local/bin/docker-trampoline:ro`,
          '/var/run/docker.sock:/var/run/docker.sock',
          '/srv/airflow:/srv/airflow:ro',
        ],
        // It ends its tasks first, which are containers of their own.
        stopSignal: 'SIGTERM',
        stopTimeout: vars.airflow_stop_timeout,
      }),
      apt({ name: 'cron' }, { name: 'install cron', tags: 'airflow-metrics' }),
      file(
        { path: vars.airflow_metrics_folder, state: 'directory', owner: undefined, group: undefined, mode: undefined },
        { name: 'folder for metrics of airflow', tags: 'airflow-metrics' },
      ),
      template(
        {
          src: 'airflow-metrics.hbs',
          dest: '/etc/cron.hourly/airflow-metrics',
          mode: '0755',
          validate: 'sh -n %s',
          vars: { folder: vars.airflow_metrics_folder },
        },
        { name: 'hourly metrics of airflow', tags: 'airflow-metrics' },
      ),
    ];
  },
});

/** A key that collectors let in, whose public half is brought into the repository, and the keys they are known by. */
function accessToCollectors(host: HostView, collectors: readonly string[]): Task[] {
  const key = `${collectorSsh}/id_ed25519`;
  const here = `${host.isSandbox ? '../../.play/sandbox-keys' : '../../ext'}/sync-user@${host.name}.pub`;
  const tags = 'collector-ssh';
  return [
    file({ path: collectorSsh, state: 'directory' }, { name: 'folder for access to collectors', tags }),
    apt({ name: 'openssh-client' }, { name: 'install ssh-keygen', tags }),
    ...sshKeyOnHost({ path: key, what: 'collectors', comment: `sync-user@${host.name}`, tags }),
    fetch({ src: `${key}.pub`, dest: here, flat: true }, { name: 'bring the public key for collectors here', tags }),
    copy(
      { content: keysOf(host, collectors), dest: `${collectorSsh}/known_collectors`, mode: '0444' },
      { name: 'host keys of collectors', tags },
    ),
  ];
}

/**
 * Known at the desk where it can be, so that who edits the inventory sees it change. A missing key stops this task
 * alone.
 */
function keysOf(host: HostView, collectors: readonly string[]): string | (() => string) {
  try {
    return knownCollectors(host, collectors);
  } catch (thrown) {
    return () => {
      throw thrown;
    };
  }
}
