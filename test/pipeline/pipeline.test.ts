/**
 * deploy-pipeline.ts and its runbook for the schema, on a real host: docker and PostgreSQL are Debian's own; what runs
 * in the containers stands in for Airflow (see project.ts). The tests build on each other, in order.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { inTerminal, playRoot, run } from '../cli/command-line.ts';
import { expectForetold, expectQuiet, expectSuccess, outcome, reasonsOf } from '../monitoring/foretold.ts';
import type { PlaybookRun } from '../monitoring/project.ts';
import { documented } from '../runbooks/pages.ts';
import { testFleet } from '../support/sandbox-fleet.ts';
import { useHosts } from '../support/sandbox.ts';
import { pipelineHost, pipelineProject } from './project.ts';

const hosts = useHosts(pipelineHost);
const project = pipelineProject();
const deploy = (...args: readonly string[]): Promise<PlaybookRun> => project.run('deploy-pipeline.ts', ...args);

/** What a shell on the host prints. */
async function onHost(script: string): Promise<string> {
  const { code, stdout, stderr } = await hosts.exec(pipelineHost, ['sh', '-c', script]);
  if (code !== 0) throw new Error(`${script}: exit code ${code}\n${stderr}`);
  return stdout.trim();
}

const containers = ['af-db', 'af-redis', 'af-scheduler', 'af-webserver', 'af-worker'];

/** When each container was started, and how often the engine was told to. */
async function starts(): Promise<Record<string, string>> {
  const lines = await onHost(
    `docker inspect --format '{{.Name}} {{.Id}} {{.State.StartedAt}}' ${containers.join(' ')}`,
  );
  return Object.fromEntries(lines.split('\n').map((line) => [line.slice(1, line.indexOf(' ')), line]));
}

const quiet = (run: PlaybookRun): void => expectQuiet(run, pipelineHost);

let done: PlaybookRun;

describe('on a fresh host', () => {
  let predicted: PlaybookRun;
  let early: PlaybookRun[];

  beforeAll(async () => {
    early = [
      await deploy('-t', 'airflow-dags', '-C'),
      await deploy('-t', 'airflow-dags'),
      await deploy('-t', 'airflow-dags'),
    ];
    await hosts.reset(pipelineHost);
    predicted = await deploy('-C');
    done = await deploy();
  });

  test('a part of it says what to run first, in check mode too; what is owed then is no failure of a later run', () => {
    const [check, first, second] = early;
    for (const run of [check, first]) {
      expect(run?.code).toBe(2);
      expect(run?.stdout).toContain('-t airflow-dags left out');
    }
    expect(second?.code, second?.stderr).toBe(0);
    expect(second?.stdout).toContain('airflow : restart airflow worker stays owed');
  });

  test('the stand-ins are said to be such', () => {
    for (const run of [predicted, done])
      expect(run.stderr).toMatch(/^sandbox: small stand-ins.*ooni-api.*apache\/airflow.*clickhouse_version/m);
  });

  test('the run succeeds, and check mode told what it does', () => {
    for (const run of [predicted, done]) expectSuccess(run);
    expectForetold([...predicted.tasks, ...predicted.handlers], [...done.tasks, ...done.handlers]);
  });

  test('what it assumed is explained', () => {
    expect(
      reasonsOf(predicted.tasks).filter(
        (reason) =>
          !/installation scripts of|is not installed|(?:is there|is installed|runs|answers) by then|id_ed25519\.pub does not exist yet/.test(
            reason,
          ),
      ),
    ).toEqual([]);
  });

  test('no secret is shown', () => {
    const password = readFileSync(
      join(project.dir, '.play/sandbox-secrets/shared/pipeline_replicator_password'),
      'utf8',
    ).trim();
    for (const run of [predicted, done]) expect(run.stdout + run.stderr).not.toContain(password);
  });

  test('a second run changes nothing', async () => quiet(await deploy()));
  test('nor would one in check mode', async () => quiet(await deploy('-C')));
});

describe('the host that came up', () => {
  test('runs the containers, in their network', async () => {
    expect((await onHost("docker ps --format '{{.Names}}'")).split('\n').sort()).toEqual(containers);
    expect(
      await onHost(`docker inspect --format '{{(index .NetworkSettings.Networks "airflow").IPAddress}}' af-webserver`),
    ).toBe('172.26.43.254');
    expect(await onHost('docker exec af-worker cat /usr/local/airflow/dags/have_collector.json')).toContain(
      'backend-fsn.ooni.org',
    );
  });

  test('has the databases and users, the one for replication too', async () => {
    const password = readFileSync(
      join(project.dir, '.play/sandbox-secrets/shared/pipeline_replicator_password'),
      'utf8',
    ).trim();
    expect(
      await onHost(
        `PGPASSWORD='${password}' psql -XAt 'host=127.0.0.1 user=replicator replication=true' -c IDENTIFY_SYSTEM`,
      ),
    ).toMatch(/^\d+\|1\|/);
    expect(
      await onHost(
        `runuser -u postgres -- psql -XAt -c "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'metadb'"`,
      ),
    ).toBe('shovel');
    expect(await onHost('runuser -u postgres -- psql -XAt -c "SHOW wal_level" -c "SHOW password_encryption"')).toBe(
      'replica\nscram-sha-256',
    );
  });

  test('has a key for collectors, whose public half was shown and brought here, and knows their host keys', async () => {
    const folder = '/srv/airflow/collector_ssh';
    const publicKey = await onHost(`cat ${folder}/id_ed25519.pub`);
    expect(await onHost(`ssh-keygen -y -f ${folder}/id_ed25519`)).toBe(publicKey);
    expect(publicKey).toMatch(/^ssh-ed25519 \S+ sync-user@datacollector/);
    expect(done.stdout).toContain(publicKey);
    expect(readFileSync(join(project.dir, `.play/sandbox-keys/sync-user@${pipelineHost}.pub`), 'utf8').trim()).toBe(
      publicKey,
    );
    for (const line of (await onHost(`cat ${folder}/id_ed25519`)).split('\n').slice(1, -1))
      expect(done.stdout).not.toContain(line);
    expect(await onHost(`stat -c '%a %U:%G' ${folder}/id_ed25519 ${folder}/known_collectors`)).toBe(
      '600 root:root\n444 root:root',
    );
    expect(await onHost(`ssh-keygen -l -F backend-fsn.ooni.org -f ${folder}/known_collectors`)).toContain('ED25519');
    expect(await onHost(`ssh-keygen -l -F ams-pg.ooni.org -f ${folder}/known_collectors || true`)).toBe('');
  });

  test('writes metrics of airflow every hour: what failed in its database', async () => {
    // The stand-in has no database, the host's own PostgreSQL has: the script's SQL is run there.
    await onHost(`runuser -u postgres -- psql -Xq -c 'CREATE DATABASE airflow'`);
    const tables = `CREATE TABLE task_instance (dag_id text, task_id text, state text, execution_date timestamptz); CREATE TABLE dag_run (dag_id text, state text, execution_date timestamptz);
      INSERT INTO task_instance VALUES ('hist_canning', 'canning', 'failed', now()), ('hist_canning', 'canning', 'success', now()), ('hist_canning', 'canning', 'failed', now() - interval '8 days'), ('fetcher', 'fetch', 'success', now());
      INSERT INTO dag_run VALUES ('hist_canning', 'failed', now()), ('fetcher', 'success', now())`;
    await onHost(`runuser -u postgres -- psql -Xq -d airflow -c "${tables}"`);
    await onHost(
      `mkdir -p /root/database; printf '#!/bin/sh\\n[ "$1 $2 $3 $4" = "exec -i af-db psql" ] && shift 4 && exec runuser -u postgres -- psql "$@" --username postgres\\n' >/root/database/docker; chmod 755 /root/database/docker`,
    );
    expect(await onHost('run-parts --test /etc/cron.hourly')).toContain('/etc/cron.hourly/airflow-metrics');
    await onHost('PATH=/root/database:$PATH run-parts --exit-on-error /etc/cron.hourly');
    const lines = (await onHost('cat /var/lib/prometheus/node-exporter/airflow.prom'))
      .split('\n')
      .filter((line) => !line.startsWith('#'));
    expect(lines).toEqual([
      'airflow_7d_task_failed_count{dag="fetcher",task="fetch"} 0',
      'airflow_7d_task_failed_count{dag="hist_canning",task="canning"} 1',
      'airflow_7d_dag_failed_count{dag="fetcher"} 0',
      'airflow_7d_dag_failed_count{dag="hist_canning"} 1',
    ]);
    // Without the database the file that is there stays, and nothing lies about.
    await onHost('! PATH=/root/database:$PATH PGHOST=/nowhere run-parts --exit-on-error /etc/cron.hourly 2>/dev/null');
    expect(
      await onHost('ls -A /var/lib/prometheus/node-exporter; wc -l </var/lib/prometheus/node-exporter/airflow.prom'),
    ).toBe('airflow.prom\n8');
    expect(await onHost('systemctl is-active cron')).toBe('active');
  });

  test('lets the trampoline run the known steps only', async () => {
    await onHost(
      'mkdir -p /root/fake; printf \'#!/bin/sh\\necho "$@"\\n\' >/root/fake/docker; chmod 755 /root/fake/docker',
    );
    const trampoline = (args: string): Promise<string> =>
      onHost(`PATH=/root/fake:$PATH /srv/af-worker-bin/docker-trampoline ${args}`);
    expect(await trampoline('canning 2020-03-31')).toContain('openobservatory/shovel:0.0.58 canning 2020-03-31');
    await expect(trampoline("canning '2020-03-31 --privileged'")).rejects.toThrow('not a bucket');
    await expect(trampoline('sh 2020-03-31')).rejects.toThrow('unknown step');
  });
});

describe('--tags airflow-dags', () => {
  /** Rolls out, and tells which containers were started anew. */
  async function rollOut(expected: readonly string[]): Promise<PlaybookRun> {
    const before = await starts();
    const check = await deploy('-t', 'airflow-dags', '-C');
    const run = await deploy(...documented('./play deploy-pipeline.ts --tags airflow-dags'));
    expect(run.code, run.stderr).toBe(0);
    expect([...check.tasks, ...check.handlers].map(outcome)).toEqual([...run.tasks, ...run.handlers].map(outcome));
    expect(run.handlers.map(({ task }) => task)).toEqual(expected.map((one) => `restart airflow ${one}`));
    const after = await starts();
    expect(containers.filter((name) => before[name] !== after[name])).toEqual(expected.map((one) => `af-${one}`));
    quiet(await deploy('-t', 'airflow-dags'));
    expect(await starts()).toEqual(after);
    return run;
  }

  test('a DAG that changed: what reads it restarts, once', async () => {
    project.edit('roles/airflow/files/airflow-dags/fetcher.py', 'hours=1', 'hours=2');
    await onHost('touch /srv/airflow-dags/stray.py');
    const run = await rollOut(['scheduler', 'webserver', 'worker']);
    expect(run.tasks.filter(({ changed }) => changed).map(({ task }) => task)).toEqual(['airflow DAGs']);
    expect(await onHost('ls /srv/airflow-dags')).toBe('fetcher.py\nhave_collector.json\nhist_canning.py');
  });

  test("another version of the steps' image: only the worker does", async () => {
    project.edit('roles/airflow/shovel.ts', "'0.0.58'", "'0.0.59'");
    await rollOut(['worker']);
    expect(await onHost('docker exec af-worker cat /usr/local/bin/docker-trampoline')).toContain(
      'openobservatory/shovel:0.0.59',
    );
  });

  test('a version that is none does not compile', async () => {
    project.edit('roles/airflow/shovel.ts', "'0.0.59'", "'latest'");
    const { PLAY_NO_TYPECHECK: _, ...env } = process.env;
    const { code, stdout, stderr } = await run(
      join(playRoot, 'play'),
      ['deploy-pipeline.ts', '-l', pipelineHost, '--sandbox', '-t', 'airflow-dags'],
      { cwd: project.dir, env: { ...env, PLAY_SANDBOX_FLEET: testFleet() } },
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('shovel.ts');
    project.edit('roles/airflow/shovel.ts', "'latest'", "'0.0.59'");
  });
});

describe('the schema of the database', () => {
  const ddl = (...args: readonly string[]): Promise<PlaybookRun> => project.run('deploy-pipeline-ddl.ts', ...args);
  /** As people see it. */
  const shownInCheck = async (): Promise<string> =>
    (await project.play('deploy-pipeline-ddl.ts', '-l', pipelineHost, '--sandbox', '-CD')).stdout;
  const applied = (): Promise<string> =>
    onHost(
      `runuser -u postgres -- psql -XAt -d metadb -c "SELECT string_agg(patch_name, ' ' ORDER BY patch_name) FROM _v.patches"`,
    );
  const all = '001-measurements 002-fingerprints 003-known-pages';
  const asked = (answer: string, ...args: readonly string[]): ReturnType<typeof inTerminal> => {
    process.env['PLAY_SANDBOX_FLEET'] = testFleet();
    const terminal = { ...project, write: () => undefined, playIn: () => project.play() };
    return inTerminal(
      terminal,
      ['deploy-pipeline-ddl.ts', '-l', pipelineHost, '--sandbox', ...args],
      [[/to go on: /, answer]],
    );
  };

  test('check mode shows what is due, with its text, and touches nothing', async () => {
    const run = await ddl('-C');
    expect(run.code, run.stderr).toBe(0);
    expect(await shownInCheck()).toContain('not applied yet: 001-measurements, 002-fingerprints, 003-known-pages');
    expect(run.tasks.flatMap(({ diff }) => diff.map(({ path }) => path))).toEqual([
      '001-measurements.install.sql',
      '002-fingerprints.install.sql',
      '003-known-pages.install.sql',
    ]);
    expect(
      await onHost(`runuser -u postgres -- psql -XAt -d metadb -c "SELECT to_regclass('_v.patches') IS NULL"`),
    ).toBe('t');
  });

  test('without the right answer nothing is applied', async () => {
    const { code, shown } = await asked('apply');
    expect(code, shown).toBe(2);
    expect(shown).toContain('apply 001-measurements, 002-fingerprints, 003-known-pages');
    expect(
      await onHost(`runuser -u postgres -- psql -XAt -d metadb -c "SELECT to_regclass('_v.patches') IS NULL"`),
    ).toBe('t');
  });

  test('with it they are, in order, and then no more', async () => {
    const { code, shown } = await asked('apply 3');
    expect(code, shown).toBe(0);
    expect(await applied()).toBe(all);
    // Nobody is asked: there is no terminal here.
    quiet(await ddl());
  });

  test('what only the database has is told', async () => {
    const files = ['install', 'rollback'].map((kind) =>
      join(project.dir, `roles/pipeline_schema/files/oometa/003-known-pages.${kind}.sql`),
    );
    const texts = files.map((file) => readFileSync(file));
    for (const file of files) rmSync(file);
    expect(await shownInCheck()).toContain('applied, but not among the files here: 003-known-pages');
    files.forEach((file, i) => writeFileSync(file, texts[i] ?? ''));
  });

  test('one that others need is not taken back; without them it is', async () => {
    const refused = await ddl('-C', '-e', 'schema_rollback=002-fingerprints');
    expect(refused.code).toBe(2);
    expect(JSON.stringify(refused.tasks)).toContain('cannot be rolled back before 003-known-pages');
    const { code, shown } = await asked('take back 2', '-e', 'schema_rollback=002-fingerprints,003-known-pages');
    expect(code, shown).toBe(0);
    expect(await applied()).toBe('001-measurements');
    expect(
      await onHost(`runuser -u postgres -- psql -XAt -d metadb -c "SELECT to_regclass('fingerprint') IS NULL"`),
    ).toBe('t');
  });
});
