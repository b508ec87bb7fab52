import { option, v } from 'play';
import { targetEntries, wrongTargets, type TargetSource } from './targets.ts';

const wellTargeted = <J extends TargetSource>() =>
  v.check<J, (issue: v.CheckIssue<J>) => string>(
    (job) => wrongTargets(job) === undefined,
    ({ input }) => wrongTargets(input) ?? '',
  );

const scraped = v.pipe(
  v.strictObject({
    name: option.text("The job's name.", v.minLength(1)),
    ...targetEntries,
    scheme: option.choice('Protocol to scrape it with.', ['http', 'https'], 'http'),
    metrics_path: option.text('Where its metrics are.', '/metrics', v.startsWith('/', 'must begin with a slash')),
    params: option.record('Parameters of the URL.', v.array(v.string()), {}),
    honor_labels: option.flag('Keep labels that the target sets itself.', false),
    internal: option.flag(
      'Over https between our machines: both sides present a certificate from our own authority.',
      false,
    ),
  }),
  wellTargeted(),
  v.check(({ internal, scheme }) => !internal || scheme === 'https', 'is `internal`, so its `scheme` must be https'),
);

/** What Prometheus asks for metrics. */
export const scrapeJobs = option.list(
  'What is scraped: name, and targets or a group of the inventory with a port.',
  scraped,
  [],
);

const probed = v.pipe(
  v.strictObject({
    name: option.text("The job's name in Prometheus and in alerts.", v.minLength(1)),
    module: option.text('How to probe: a module of the blackbox exporter, such as `http_2xx_secure`.'),
    ...targetEntries,
  }),
  wellTargeted(),
);

/** What the blackbox exporter is asked to probe. */
export const blackboxJobs = option.list(
  'What is probed from outside by the blackbox exporter: name, module, and targets or a group of the inventory.',
  probed,
  [],
);
