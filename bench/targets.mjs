// What play is held to, in the order of the table in docs/performance.md. A section measures the value of each by its
// key; it is met where it is not above `most`.
export const targets = {
  converged: {
    work: '100 converged tasks, first run',
    target: 'within 1.4x of `ssh HOST true`',
    most: 1.4,
    unit: 'x',
  },
  again: { work: 'the run after a run', target: 'faster than `ssh HOST true`', most: 1, unit: 'x' },
  againCheck: {
    work: 'the run after a run, check mode',
    target: 'faster than `ssh HOST true`',
    most: 1,
    unit: 'x',
  },
  againTrips: {
    work: 'the run after a run, 100 ms link',
    target: 'at most 3 round trips',
    most: 3,
    unit: ' round trips',
  },
  farTrips: { work: '100 ms link, cold', target: 'at most 11 round trips', most: 11, unit: ' round trips' },
  far: { work: '100 ms link, cold', target: 'within 1.15x of `ssh HOST true`', most: 1.15, unit: 'x' },
  twenty: {
    work: '20 hosts, cold',
    target: 'within 1.5x of 20 parallel `ssh HOST true`',
    most: 1.5,
    unit: 'x',
  },
  endpoints: { work: '500 SSH endpoints, 4 resources', target: 'under 3 s', most: 3, unit: ' s' },
  endpointsMemory: { work: '500 SSH endpoints, memory of play', target: 'under 200 MB', most: 200, unit: ' MB' },
  endpointsDelay: {
    work: '500 SSH endpoints, one hung and one slow: the other 498',
    target: 'not delayed (within 1.1x of without them)',
    most: 1.1,
    unit: 'x',
  },
  slope: { work: 'each converged task from 100 to 1,000', target: 'under 0.3 ms', most: 0.3, unit: ' ms' },
  exchanges: {
    work: 'exchanges of 1,000 converged tasks',
    target: 'as many as those of 100',
    most: 0,
    unit: ' more',
  },
  thousand: { work: '1,000 small files, first run, 26 ms link', target: 'under 5 s', most: 5, unit: ' s' },
  large: { work: 'a file of 500 MB', target: 'within 1.3x of `scp`', most: 1.3, unit: 'x' },
  largeMemory: { work: 'a file of 500 MB, memory of play', target: 'under 150 MB', most: 150, unit: ' MB' },
  tree: { work: 'a tree of 5,000 files, 10 changed', target: 'within 1.5x of `rsync`', most: 1.5, unit: 'x' },
  fresh: {
    work: 'a fresh monitoring host',
    target: 'within 1.15x of a bare `apt-get install` of the same packages and the start of the services',
    most: 1.15,
    unit: 'x',
  },
  memory: { work: 'memory for each host', target: 'under 1 MB', most: 1, unit: ' MB' },
  startup: {
    work: 'start-up, `--list-tasks` of 100 tasks',
    target: 'within 2.2x of `node -e 0`',
    most: 2.2,
    unit: 'x',
  },
};
