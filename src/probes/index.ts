/** One file a kind of question. Imports contract. */
export {
  commonFacts,
  fact,
  factNames,
  hostnameSubject,
  type FactName,
  type Facts,
  type MountFact,
  environmentNames,
  type ClockFact,
  type EnvironmentFact,
  type NetworkFact,
  type InterfaceFact,
  type AddressFact,
  type RouteFact,
  type PackageFact,
} from './facts.ts';
export { identityOf, stat } from './stat.ts';
export { asUser, contentAs } from './content-as.ts';
export { sha256OfSize } from './sized-hash.ts';
export { content, contentLimit, editLimit, largeContent, sha256, type Content } from './content.ts';
export { linkTarget, realPath, sameFile } from './link.ts';
export { mountsBelow, tree, type Tree, type TreeEntries } from './tree.ts';
export { allowMark } from './allow-mark.ts';
export { access, type Access } from './access.ts';
export { self, type Self } from './self.ts';
export {
  isOperated,
  noUnit,
  templateOf,
  unit,
  unitFiles,
  unitFolders,
  programOf,
  programUnit,
  unitName,
  unitsChanged,
  type Unit,
} from './unit.ts';
export { unitEnabled } from './unit-enabled.ts';
export {
  group,
  groupBy,
  isNumber,
  localGroup,
  localUser,
  shadow,
  shadowExpiry,
  user,
  userBy,
  type Group,
  type User,
} from './account.ts';
export { accountFiles, accountTable, amongFormer, groupIn, renamed, userIn } from './account-table.ts';
export { frozenBelow, type Frozen } from './frozen-below.ts';
export { closedBelow, type ClosedFolder } from './closed-below.ts';
export { modeBits } from './mode-bits.ts';
export { plainMountWord, readMountinfo, type MountLine } from './mountinfo.ts';
export { binds, type Bind } from './binds.ts';
export { mountsSubject, nothingInTheWay, writability, type Writability } from './writability.ts';
export { fileCapabilities, type Capabilities } from './capabilities.ts';
export { aclEntries, type AclEntry } from './acl-entries.ts';
export { walkSh } from './walk.ts';
export { way, type Way } from './way.ts';
export {
  decodeHolds,
  holdOn,
  holdsFolder,
  holdsQuestion,
  holdsSh,
  holdText,
  isSameHold,
  recordsSubject,
  timeText,
  type FoundHolds,
  type Hold,
} from './holds.ts';
export {
  foldKept,
  keptFiles,
  keptSh,
  parseKeptRecord,
  type FileTouch,
  type FoldedFile,
  type KeptFile,
  type KeptOwner,
  type KeptRecord,
  type KeptState,
} from './kept-files.ts';
export { recordsFolderSh } from './records-folder.ts';
export { ownFolderSh } from './own-folder.ts';
export {
  criticalFile,
  criticalSh,
  criticalText,
  decodeCritical,
  type CriticalJob,
  type CriticalRecord,
  type FoundCritical,
} from './critical.ts';
