import { defineRunbook } from 'play';
import { clusterVariables } from './elasticsearch/cluster.ts';
import { aroundNodes } from './elasticsearch/steps.ts';

/** Restarts the nodes of a cluster one by one. */
export default defineRunbook({
  title: 'Bounce the nodes of an Elasticsearch cluster',
  description:
    'When nodes hang, or have run out of memory. Restarts one node after another, each only while the cluster is well, with allocation off, so that nothing is copied meanwhile. Whatever ends it, allocation is on again and nothing stays excluded. `-l NODE` takes one node only.',
  vars: clusterVariables,
  steps: (context) => aroundNodes(context, { verb: 'bounce', empties: false }),
});
