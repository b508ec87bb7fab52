import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/** Says what took long and why each skipped test was skipped, and leaves the counts for run.mjs. */
export class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const counts = { passed: 0, failed: unhandled.length, skipped: 0 };
    const skipped: string[] = [];
    for (const module of modules) {
      let failedHere = 0;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') counts.passed += 1;
        if (result.state === 'failed' || result.state === 'pending') failedHere += 1;
        if (result.state !== 'skipped') continue;
        counts.skipped += 1;
        skipped.push(`skipped  ${module.relativeModuleId} > ${test.fullName}: ${result.note ?? 'no reason given'}`);
      }
      // A file that cannot be loaded, or whose hooks fail, has no failed test to show for it.
      if (failedHere === 0 && module.state() === 'failed') failedHere = 1;
      counts.failed += failedHere;
    }
    if (modules.length > 50) process.stdout.write(`seconds  ${longest(modules, 50).join(', ')}\n`);
    if (skipped.length > 0) process.stdout.write(`${skipped.join('\n')}\n`);
    const file = process.env['PLAY_TEST_COUNTS'];
    if (file !== undefined) writeFileSync(file, JSON.stringify(counts));
  }
}

/** @returns names of files with the seconds they held a worker, the longest first */
function longest(modules: readonly TestModule[], count: number): string[] {
  return modules
    .map((module) => ({ name: module.relativeModuleId, seconds: module.diagnostic().duration / 1000 }))
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, count)
    .map(({ name, seconds }) => `${name.replace(/^test\/|\.test\.ts$/g, '')} ${seconds.toFixed(0)}`);
}
