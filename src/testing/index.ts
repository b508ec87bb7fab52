/**
 * Cases of resources as data: options and a host in a few words, and what the resource makes of them; no host,
 * milliseconds. Imports engine, playbook, probes, contract.
 */
export type { HostDescription, PathEntry } from './described-host.ts';
export { outcomeOf, planCases, type Expected, type PlanCase, type PlanCases } from './plan-cases.ts';
