/** One file a kind of question. Imports nothing of src/. */
export { ProbeFailure, questionKey, type ProbeKind, type Question, type Subject } from './types.ts';
export { ProbeFailed, Unanswered, Unknowable, type Found, type PlannedPath } from './found.ts';
export { fact, factNames, type FactName, type Facts } from './facts.ts';
export { stat, type Stat } from './stat.ts';
export { content, contentLimit, sha256, type Content } from './content.ts';
export { linkTarget, realPath, sameFile } from './link.ts';
export { mountsBelow, tree, type Tree, type TreeEntries } from './tree.ts';
export { self, type Self } from './self.ts';
export { aptHost, type AptHost } from './apt-host.ts';
export { aptForesight, aptSimulation, aptSimulationInTurn, type AptAction, type AptRequest, type AptSimulation } from './apt-simulate.ts';
export type { Conffile, PackageContents, PackagedPath, RemovedPackage } from './apt-contents.ts';
export { packageState, type Package } from './package.ts';
export { unit, unitFolders, unitName, unitsChanged, type Unit } from './unit.ts';
export { group, shadow, user, type Group, type User } from './account.ts';
export { guard } from './guard.ts';
export { commandOutput, type CommandAnswer } from './command.ts';
export { accountDefaults, type AccountDefaults } from './account-defaults.ts';
export { httpPatient, httpQuick, httpStep, type HttpAnswer, type HttpRequest } from './http.ts';
