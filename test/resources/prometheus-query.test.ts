/** `prometheusQuery` asks Debian's Prometheus, which scrapes itself. */
import { beforeAll, describe } from 'vitest';
import { prometheusQuery } from '../../src/resources/index.ts';
import { useLawHost } from '../support/law-host.ts';
import { holdToLaws } from '../support/laws.ts';

const host = useLawHost('prometheus1', ['prometheus', 'curl'], ['/etc']);
const up = 'up{job="prometheus"}';

beforeAll(async () => {
  await host.sh(
    `printf 'global:\\n  scrape_interval: 1s\\nscrape_configs:\\n  - job_name: prometheus\\n    static_configs: [{ targets: ["localhost:9090"] }]\\n' >/etc/prometheus/prometheus.yml
systemctl restart prometheus
for i in $(seq 1200); do curl -s 'http://127.0.0.1:9090/api/v1/query?query=up' | grep -q '"1"' && exit 0; sleep 0.1; done; exit 1`,
  );
}, 300_000);

describe('a metric', () => {
  holdToLaws(host, [
    {
      name: 'within its bounds, as a vector, a scalar, and a comparison',
      tasks: () => [
        prometheusQuery({ query: up, min: 1, max: 1 }),
        prometheusQuery({ query: 'scalar(vector(0.5))', min: 0.5, url: 'http://localhost:9090/' }),
        prometheusQuery({ query: `${up} == 1` }),
        prometheusQuery({ query: 'no_such_metric', max: 1, noData: 'pass' }),
      ],
      expect: ['ok', 'ok', 'ok', 'ok'],
    },
    {
      name: 'out of its bounds',
      tasks: () => [prometheusQuery({ query: up, max: 0.5 })],
      expect: ['failed'],
      again: ['failed'],
      says: /is 1 \{instance="localhost:9090", job="prometheus"\}, not at most 0\.5/,
    },
    {
      name: 'that is not a number',
      tasks: () => [prometheusQuery({ query: 'vector(0) / 0', min: 0 })],
      expect: ['failed'],
      again: ['failed'],
      says: /is NaN, not at least 0/,
    },
    {
      name: 'that is not there',
      tasks: () => [prometheusQuery({ query: `${up} == 0` })],
      expect: ['failed'],
      again: ['failed'],
      says: /gives no value/,
    },
    {
      name: 'of a query that nobody can read',
      tasks: () => [prometheusQuery({ query: 'sum(' })],
      expect: ['failed'],
      again: ['failed'],
      says: /Prometheus refuses the query: .*parse error/,
    },
  ]);
});
