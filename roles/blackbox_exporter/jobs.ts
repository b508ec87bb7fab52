import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { v } from 'play';
import { targetEntries, wrongTargets } from '../prometheus/targets.ts';

/**
 * The modules the exporter's template defines, so that a job that names another is refused at the desk. Read from the
 * template itself: written twice, the two lists would drift apart.
 */
function modulesOf(template: string): string[] {
  const [, body = ''] = template.split(/^modules:\n/m);
  return [...body.matchAll(/^ {2}(\w+):$/gm)].map(([, name = '']) => name);
}

const template = readFileSync(join(import.meta.dirname, 'templates/blackbox.yml.hbs'), 'utf8');

const job = v.pipe(
  v.strictObject({
    name: v.pipe(v.string(), v.minLength(1), v.description("The job's name in Prometheus and in alerts.")),
    module: v.pipe(
      v.picklist(modulesOf(template)),
      v.description('How to probe: a module of templates/blackbox.yml.hbs.'),
    ),
    ...targetEntries,
  }),
  v.check(
    (one) => wrongTargets(one) === undefined,
    ({ input }) => wrongTargets(input) ?? '',
  ),
);

/** What the blackbox exporter is asked to probe. Both its own role and that of Prometheus read it. */
export const blackboxJobs = v.pipe(
  v.array(job),
  v.description('What is probed from outside: name, module, and targets or a group of the inventory.'),
);
