/** A step of the pipeline, as Airflow's worker may have it run. Nothing else can be run through the trampoline. */
interface PipelineStep {
  readonly name: string;
  /** What it is told besides its name: each is checked before anything runs. */
  readonly args: readonly ('bucket' | 'host')[];
  /** Folders below /data/ooni that it sees, writable or not. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** Needs the address and password of the metadata database. */
  readonly usesDatabase?: true;
  /** Logs in to collectors. */
  readonly usesCollectorKey?: true;
}

export const pipelineSteps: readonly PipelineStep[] = [
  {
    name: 'reports-raw-merge',
    args: ['bucket'],
    reads: ['private/incoming'],
    writes: ['private/reports-raw', 'private/reports-raw-shals'],
  },
  {
    name: 'canning',
    args: ['bucket'],
    reads: ['private/reports-raw', 'private/reports-raw-shals'],
    writes: ['private/canned'],
  },
  { name: 'autoclaving', args: ['bucket'], reads: ['private/canned'], writes: ['public/autoclaved'] },
  {
    name: 'meta-pg',
    args: ['bucket'],
    reads: ['public/autoclaved'],
    writes: ['public/autoclaved-index'],
    usesDatabase: true,
  },
  { name: 'fetch-collector', args: ['host'], reads: [], writes: ['private/incoming'], usesCollectorKey: true },
];
