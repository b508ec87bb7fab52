import { apt, copy, defineRole, v } from 'play';

/**
 * Jobs that look over what was measured. Without `analysis` they are not there. Which version: the deployer's business.
 */
export const analysis = defineRole({
  name: 'analysis',
  dir: import.meta.dirname,
  vars: {
    analysis: v.optional(
      v.pipe(
        v.strictObject({ clickhouse_url: v.optional(v.string(), 'clickhouse://localhost/default') }),
        v.description('The analysis jobs. Absent: none.'),
      ),
    ),
  },
  tasks: ({ vars }) =>
    vars.analysis === undefined
      ? []
      : [
          // Read by each job as it begins.
          copy(
            {
              content: `[DEFAULT]\nclickhouse_url = ${vars.analysis.clickhouse_url}\n`,
              dest: '/etc/ooni/analysis.conf',
              owner: 'root',
              group: 'root',
              mode: '0640',
            },
            { name: 'configuration of the analysis', tags: 'conf' },
          ),
          apt({ name: 'analysis', installRecommends: false }, { name: 'install the analysis' }),
        ],
});
