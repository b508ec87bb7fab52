import { v, option } from 'play';
import { targetEntries, wrongTargets } from './targets.ts';

const job = v.pipe(
  v.strictObject({
    name: option.text("The job's name.", v.minLength(1)),
    ...targetEntries,
    scheme: v.optional(v.picklist(['http', 'https']), 'http'),
    metrics_path: v.optional(v.pipe(v.string(), v.startsWith('/', 'must begin with a slash')), '/metrics'),
    params: v.optional(v.record(v.string(), v.array(v.string())), {}),
    honor_labels: option.flag('Keep labels that the target sets itself.', false),
    internal: option.flag(
      'Over https between our machines: both sides show a certificate of our own authority.',
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
export const scrapeJobs = option.list(
  'What is scraped: name, and targets or a group of the inventory with a port.',
  job,
);
