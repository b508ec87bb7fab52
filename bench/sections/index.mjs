// What is measured, by name, in this order. Each section brings up the hosts it needs.
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
  converged,
  files,
  inventory,
  twenty,
  endpoints,
  fresh,
};
