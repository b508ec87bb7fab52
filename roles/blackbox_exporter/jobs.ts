import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { v, option } from 'play';
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
    name: option.text("The job's name in Prometheus and in alerts.", v.minLength(1)),
    module: option.choice('How to probe: a module of templates/blackbox.yml.hbs.', modulesOf(template)),
    ...targetEntries,
  }),
  v.check(
    (one) => wrongTargets(one) === undefined,
    ({ input }) => wrongTargets(input) ?? '',
  ),
);

/** What the blackbox exporter is asked to probe. Both its own role and that of Prometheus read it. */
export const blackboxJobs = option.list(
  'What is probed from outside: name, module, and targets or a group of the inventory.',
  job,
);
