import { databaseModules } from './databases.ts';
import { diskModules } from './disks.ts';
import { fileModules } from './files.ts';
import { firewallModules } from './firewalls.ts';
import { packageModules } from './packages.ts';
import { rpmModules } from './rpm.ts';
import type { ModuleRule } from './rules.ts';
import { serviceModules } from './services.ts';
import { systemModules } from './system.ts';

const rules: Readonly<Record<string, ModuleRule>> = {
  ...fileModules,
  ...packageModules,
  ...diskModules,
  ...systemModules,
  ...rpmModules,
  ...serviceModules,
  ...databaseModules,
  ...firewallModules,
};

/** What a module becomes; undefined for one without a resource. */
export const ruleOf = (module: string): ModuleRule | undefined =>
  Object.hasOwn(rules, module) ? rules[module] : undefined;
