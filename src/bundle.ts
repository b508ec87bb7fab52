/**
 * The entry of the bundle: the API that playbooks, tools and tests import, and the commands. Above all folders, so that it may wire them
 * together.
 */
import { start as startPlay } from './cli/main.ts';
import { runDeployer } from './deployer/index.ts';
import * as names from './index.ts';
import type { Launch } from './project/launch.ts';
import { strictApi } from './project/strict-api.ts';
import * as runnerNames from './runner/index.ts';
import * as testingNames from './testing/index.ts';

export { roleFile } from './project/library-roles.ts';
export { requireTrusted } from './trust/index.ts';

export const api = strictApi(names);
export const runner = strictApi(runnerNames);
export const testing = strictApi(testingNames);

export function start(launch: Launch): void {
  startPlay(launch, new Map([['deployer', runDeployer]]));
}
