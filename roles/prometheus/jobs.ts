import { v } from 'play';
import { targetEntries, wrongTargets } from './targets.ts';

const job = v.pipe(
  v.strictObject({
    name: v.pipe(v.string(), v.minLength(1), v.description("The job's name.")),
    ...targetEntries,
    scheme: v.optional(v.picklist(['http', 'https']), 'http'),
    metrics_path: v.optional(v.pipe(v.string(), v.startsWith('/', 'must begin with a slash')), '/metrics'),
    params: v.optional(v.record(v.string(), v.array(v.string())), {}),
    honor_labels: v.optional(v.pipe(v.boolean(), v.description('Keep labels that the target sets itself.')), false),
    internal: v.optional(
      v.pipe(
        v.boolean(),
        v.description('Over https between our machines: both sides show a certificate of our own authority.'),
      ),
      false,
    ),
  }),
  v.check(
    (one) => wrongTargets(one) === undefined,
    ({ input }) => wrongTargets(input) ?? '',
  ),
  v.check(({ internal, scheme }) => !internal || scheme === 'https', 'is `internal`, so its `scheme` must be https'),
);

/** What Prometheus asks for metrics. */
export const scrapeJobs = v.pipe(
  v.array(job),
  v.description('What is scraped: name, and targets or a group of the inventory with a port.'),
);
