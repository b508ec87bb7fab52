import { settled } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';

/** Runs the handlers that are due, now. */
export const flushHandlers = defineResource({
  name: 'flushHandlers',
  summary: 'Runs the handlers that are due now instead of at the end of the play (`meta: flush_handlers`).',
  options: {},
  example: 'flushHandlers({})',
  title: () => '',
  prepare: () => ({}),
  probes: () => [],
  plan: () => settled({}),
  flushesHandlers: true,
});
