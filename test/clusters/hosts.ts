import { expect } from 'vitest';
import type { TestHosts } from '../support/sandbox.ts';

/** Runs shell text as root on a host, and gives what it printed. @throws where it ends with another code than 0 */
export function shellOf(hosts: TestHosts): (host: string, script: string) => Promise<string> {
  return async (host, script) => {
    const { code, stdout, stderr } = await hosts.exec(host, ['sh', '-c', script]);
    if (code !== 0) throw new Error(`${host}: ${script}: code ${code}: ${stderr}`);
    return stdout.trim();
  };
}

interface Came {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** That a command went well, with what it said where it did not. */
export function expectWell({ code, stdout, stderr }: Came): string {
  expect(code, stdout + stderr).toBe(0);
  return stdout;
}
