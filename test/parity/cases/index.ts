import type { ParityCase } from '../case.ts';
import { blockCases } from './blocks.ts';
import { failureCases } from './failures.ts';
import { handlerCases } from './handlers.ts';
import { roleCases } from './roles.ts';
import { serialCases } from './serial.ts';
import { taskCases } from './tasks.ts';

export const cases: readonly ParityCase[] = [
  ...handlerCases,
  ...failureCases,
  ...blockCases,
  ...serialCases,
  ...taskCases,
  ...roleCases,
];
