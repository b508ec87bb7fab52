// `npm run faults`: something happens to runs of the three playbooks, at every request they make of a host, and then
// what is promised has to hold: test/faults/steps/.
//
//   npm run faults                                 an hour, at most 2,000 faults, a random seed
//   npm run faults -- --minutes 10 --faults 300 --playbook monitoring --kind kill,cut --section nginx
//   npm run faults -- --seed 7                     goes on where this seed was left, and tells all of it in the end
//   npm run faults -- --playbook backend-test --section nginx --row kill:before:12,cut:after:20     some again, one after the other
//   npm run faults -- --apt                        on hosts without the packages: faults strike while apt is at work
//   npm run faults -- --whole                      the playbook at once, not part by part
//   npm run faults -- --chains 0                   only prepares the hosts and surveys what happens without faults
//   npm run faults -- --jobs 2                     hosts at once; default 4: they mostly wait
//
// The exit code is 1 when something did not hold. What was prepared stays in fleets faults-*:
// `PLAY_SANDBOX_FLEET=faults-monitoring ./play sandbox rm`.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const outfile = join(root, 'node_modules/.cache/play/faults.mjs');
mkdirSync(dirname(outfile), { recursive: true });
await build({
  entryPoints: [join(root, 'test/faults/steps/main.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  packages: 'external',
  logLevel: 'error',
});
// Ctrl-C is the suite's own: it ends what it has begun.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined);
spawn(process.execPath, [outfile, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, PLAY_FAULTS_ROOT: root },
}).on('close', (code) => (process.exitCode = code ?? 1));
