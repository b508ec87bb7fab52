// What is measured, by name, in this order. Each section brings up the hosts it needs. What has no
// target comes last.
import { fresh } from './fresh.mjs';
import { endpoints, inventory, twenty } from './many-hosts.mjs';
import { converged, far, persist, startup } from './one-host.mjs';
import { files, large, tasks, thousand, tree } from './work.mjs';

export const sections = {
  startup,
  persist,
  far,
  tasks,
  thousand,
  large,
  tree,
  inventory,
  endpoints,
  twenty,
  fresh,
  converged,
  files,
};
