import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { CountReporter } from './test/support/count-reporter.ts';

export default defineConfig({
  resolve: {
    // Playbooks and roles under test share the instance of src/ that the tests import.
    alias: { play: new URL('./src/index.ts', import.meta.url).pathname },
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/sandbox-fleet.ts'],
    pool: 'forks',
    maxWorkers: Math.min(4, availableParallelism()),
    // Hosts boot and packages install; what waits for a condition has its own, shorter limit.
    testTimeout: 180_000,
    // A busy machine may fail a real-host test once; what fails twice is a fault.
    retry: process.env['CI'] === 'true' ? 1 : 0,
    hookTimeout: 600_000,
    reporters: [process.stdout.isTTY ? 'default' : ['default', { summary: false }], new CountReporter()],
  },
});
