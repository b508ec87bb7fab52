import { apt, copy, defineRole, v, option, systemFiles } from 'play';

/** Without `analysis` they are not there. Which version: the deployer's business. */
export const analysis = defineRole(import.meta, {
  description: 'Jobs that look over what was measured.',
  vars: {
    analysis: v.optional(
      option.object('The analysis jobs. Absent: none.', {
        clickhouse_url: v.optional(v.string(), 'clickhouse://localhost/default'),
      }),
    ),
  },
  defaults: { ...systemFiles, installRecommends: false },
  tasks: ({ vars }) =>
    vars.analysis === undefined
      ? []
      : [
          // Read by each job as it begins.
          copy(
            {
              content: `[DEFAULT]\nclickhouse_url = ${vars.analysis.clickhouse_url}\n`,
              dest: '/etc/ooni/analysis.conf',
              mode: '0640',
            },
            { name: 'configuration of the analysis', tags: 'conf' },
          ),
          apt({ name: 'analysis' }, { name: 'install the analysis' }),
        ],
});
