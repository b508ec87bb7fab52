import type { World } from './world.ts';

/** Functions that the scripts of Debian's PostgreSQL take from postgresql-common. */
export const postgresqlFunctions = '/usr/share/postgresql-common/maintscripts-functions';

const settings = '/etc/postgresql-common/createcluster.conf';

/**
 * `configure_version`: makes the cluster `main` of a version that is new on the host (pg_createcluster(1)), unless
 * createcluster.conf says otherwise, which nobody reads here.
 */
export function configureVersion(version: string, world: World, isSure: boolean): void {
  const [etc, data] = [`/etc/postgresql/${version}`, `/var/lib/postgresql/${version}`];
  const sure = isSure && world.wasThere(settings) === false && world.at(etc)?.type === 'absent';
  const of = { owner: 'postgres', group: 'postgres' };
  const folders = {
    [etc]: '0755',
    [`${etc}/main`]: '0755',
    [`${etc}/main/conf.d`]: '0755',
    [data]: '0755',
    [`${data}/main`]: '0700',
  };
  for (const [path, mode] of Object.entries(folders))
    world.does({ do: 'directory', path, mode, ...of, adjusts: true }, sure);
  const files = {
    'environment': '0644',
    'pg_ctl.conf': '0644',
    'pg_hba.conf': '0640',
    'pg_ident.conf': '0640',
    'postgresql.conf': '0644',
    'start.conf': '0644',
  };
  for (const [name, mode] of Object.entries(files)) {
    const path = `${etc}/main/${name}`;
    world.does({ do: 'file', path, isEmpty: false }, sure);
    world.does({ do: 'own', path, ...of, below: false }, sure);
    world.does({ do: 'mode', path, mode, below: false }, sure);
  }
}
