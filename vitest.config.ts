import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { CountReporter } from './test/support/count-reporter.ts';
import { LongestFirst } from './test/support/longest-first.ts';

export default defineConfig({
  resolve: {
    // Playbooks and roles under test share the instance of src/ that the tests import.
    alias: [
      { find: /^play$/, replacement: new URL('./src/index.ts', import.meta.url).pathname },
      { find: /^play\/(runner|testing)$/, replacement: `${new URL('./src', import.meta.url).pathname}/$1/index.ts` },
      { find: /^play\/roles\/(\w+)$/, replacement: `${new URL('./src/roles', import.meta.url).pathname}/$1/index.ts` },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/sandbox-fleet.ts'],
    setupFiles: ['test/support/forget-secrets.ts', 'test/support/stop-hosts.ts', 'test/support/remove-folders.ts'],
    // Hundreds of starts of play are about something else than types, each half a second of tsc; files about types take
    // it away (test/support/with-types.ts).
    // No run leaves a process behind, but where a test is about it.
    env: { PLAY_NO_TYPECHECK: '1', PLAY_NO_PERSIST: '1' },
    pool: 'forks',
    // Files of one worker share what is loaded of src/: to load it takes half a second of CPU, 200 times.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    // Hosts boot and services settle while a test waits: two workers more than there are processors keep these busy, as
    // three on two left an eighth of them idle.
    maxWorkers: Math.min(4, availableParallelism() + 2),
    // For what hangs. Hosts boot and packages install, on machines of any speed.
    testTimeout: 900_000,
    hookTimeout: 1_800_000,
    // What comes soon comes late on a busy machine; vitest's own second is too short for any host.
    expect: { poll: { timeout: 120_000, interval: 50 } },
    // A busy machine may fail a real-host test once; what fails twice is a fault. One that ran into its limit is not
    // tried again: it may still be at work on its hosts.
    retry: process.env['CI'] === 'true' ? { count: 1, condition: /^(?!Test timed out)/ } : 0,
    reporters: [process.stdout.isTTY ? 'default' : ['default', { summary: false }], new CountReporter()],
  },
});
