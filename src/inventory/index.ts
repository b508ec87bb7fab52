/**
 * Ansible's inventories and variables files -> hosts, groups, variables with their origin; host patterns. Imports
 * secrets and errors only; reads local files, never the network.
 */
export { filesOf, formOf, loadInventory, type LoadInventoryOptions } from './load.ts';
export { addToIni, removeFromIni, type NewHost } from './edit-ini.ts';
export { Inventory, localhostNames, type Group, type Host } from './inventory.ts';
export {
  Variable,
  isMapping,
  levelText,
  type Form,
  type InventoryWarning,
  type Level,
  type OnWarning,
  type Origin,
  type Value,
} from './types.ts';
export { matchHosts, type MatchOptions } from './patterns.ts';
export { inventoryGraph, inventoryHost, inventoryList, toListed, type Listed } from './listing.ts';
export { hiddenDefinitions, type HiddenDefinition } from './hidden.ts';
export { mergeVariables } from './locked.ts';
export { placeWithin } from './place-within.ts';
export { strayHostFiles, type StrayFile } from './stray-files.ts';
export { explainVariable, type ExplainedDefinition, type ExplainedVariable } from './explain.ts';
export { defineInventory, type GroupTree, type InventoryTree, type TypedSource } from './typed.ts';
export { ambiguousSpellings } from './spelling.ts';
export { isOneHost } from './address.ts';
export { parseExtraVars } from './extra-vars.ts';
export { spellingsOf, type Spelling } from './number-spellings.ts';
export type { FoundTrap, YamlDialect, YamlReading } from './yaml-file.ts';
export { repairing } from './yaml-repair.ts';
export { splitWords } from './shell-words.ts';
export { nearestCfg } from './plugin-inventory.ts';
export { readKept, writeKept } from './plugin-cache.ts';
