/**
 * What tests of a repository import, as `play/testing`. Cases of resources as data: options and a host in a few words,
 * and what the resource makes of them; no host, milliseconds. And rehearsals of playbooks on throwaway hosts. Imports
 * engine, playbook, probes, contract, sandbox.
 */
export type { HostDescription, PathEntry } from './described-host.ts';
export { checkCase, outcomeOf, planCases, type Expected, type PlanCase, type PlanCases } from './plan-cases.ts';
export { rehearse, whyNoSandbox, type RehearsedHosts, type Rehearsal, type RehearsalOptions } from './rehearse.ts';
