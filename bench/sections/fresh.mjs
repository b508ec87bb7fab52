// The monitoring host of this repository, from nothing.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fleet } from '../hosts.mjs';
import { run } from '../measure.mjs';

const host = 'monitoring.ooni.org';

/** Packages and services of a host as it is. */
const packagesOf = "dpkg-query -W -f '${db:Status-Abbrev}${Package}\\n' | sed -n 's/^ii //p'";
const servicesOf = "systemctl list-units --type=service --state=active --plain --no-legend | cut -d' ' -f1";
/** Not what ends the session of whoever measures, or the host. */
const isRestarted = (unit) => !/^(?:dbus|systemd-|user|ssh@|session)/.test(unit);

const lines = (text) => text.split('\n').filter((line) => line !== '');

export async function fresh(bench) {
  const { hosts, results, play, root } = bench;
  const project = bench.folderOf('monitoring');
  for (const folder of ['inventory', 'group_vars', 'host_vars', 'playbooks', 'roles', 'sandbox'])
    cpSync(join(root, folder), join(project, folder), { recursive: true });
  const playsIt = () =>
    run(play, ['deploy-monitoring.ts', '-l', host, '--sandbox'], {
      cwd: project,
      env: { PLAY_SANDBOX_FLEET: fleet },
      limit: 400,
    });
  const listOf = async (what) => lines(await hosts.exec(host, what));

  await hosts.fresh(host);
  const [packagesBefore, servicesBefore] = [await listOf(packagesOf), await listOf(servicesOf)];
  await playsIt(); // all packages are at hand from here on
  const packages = (await listOf(packagesOf)).filter((one) => !packagesBefore.includes(one));
  const units = (await listOf(servicesOf)).filter((one) => !servicesBefore.includes(one) && isRestarted(one));
  const install = `apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends ${packages.join(' ')}`;
  const timed = (script) => async () => {
    const started = performance.now();
    await hosts.exec(host, script);
    return { seconds: (performance.now() - started) / 1000 };
  };
  const restarts = { name: 'start of its services', once: timed(`systemctl restart ${units.join(' ')}`) };
  const anew = (once) => async () => {
    await hosts.fresh(host);
    return await once();
  };
  const rows = await results.compare(`a fresh monitoring host, ${packages.length} packages, ${units.length} services`, [
    { name: 'apt-get install', once: anew(timed(install)) },
    { name: 'play', once: anew(playsIt) },
    restarts,
  ]);
  const bare = rows['apt-get install'].seconds + rows[restarts.name].seconds;
  results.reached('fresh', rows.play.seconds / bare);
  await hosts.keep(1);
}
