import { confirm, defineRunbook, option, v } from 'play';
import { clusterVariables } from './elasticsearch/cluster.ts';
import { aroundNodes } from './elasticsearch/steps.ts';

/** Changes the nodes of a cluster one by one, each while it holds no shard. */
export default defineRunbook({
  title: 'Change the nodes of an Elasticsearch cluster',
  description:
    'A new version, other settings, another disk. One node after another is excluded, waited for until it has no shard left (a day for 2 TB), stopped, changed and started, each only while the cluster is well. Whatever ends it, allocation is on again and nothing stays excluded. `-l NODE` takes one node only.',
  vars: {
    ...clusterVariables,
    elasticsearch_change: v.optional(
      option.text(
        'The playbook that changes a node while it is stopped, by name or path. Default: the operator does it by hand, and says so.',
      ),
    ),
  },
  steps: ({ vars, groups }) =>
    aroundNodes(
      { vars, groups },
      {
        verb: 'change',
        empties: true,
        change: (host) =>
          vars.elasticsearch_change === undefined
            ? {
                tasks: () => [
                  confirm(
                    {
                      prompt: `${host} holds no shard and is stopped. Change it; it is started after that.`,
                      answer: host,
                    },
                    { runOnce: false },
                  ),
                ],
              }
            : { playbook: vars.elasticsearch_change },
      },
    ),
});
