import { lineReport, type Runner } from '../runner/index.ts';

export interface Followed {
  readonly host: string;
  /** Names, or patterns as systemctl takes them. */
  readonly units: readonly string[];
}

// From this second on, so that nothing is lost between its start and the first look at the journal.
const command = `since=$(date +%s); exec journalctl --follow --no-tail --quiet --no-hostname --since="@$since" "$@"`;

/** Journals that are being shown. */
export interface Following {
  /** Stops them on the hosts. */
  end(): Promise<void>;
}

/** Shows what services write to the journal, host by host, as it comes. Resolves once every journal is being read. */
export async function followJournals(
  runner: Runner,
  followed: readonly Followed[],
  output: 'human' | 'jsonl',
): Promise<Following> {
  const report = lineReport(
    followed.map(({ host }) => host),
    output,
  );
  const stop = new AbortController();
  const all = await Promise.all(
    followed.map((one) =>
      followOne(runner, one, stop.signal, (text) => report({ host: one.host, stream: 'stdout', text })),
    ),
  );
  return {
    end: async () => {
      stop.abort();
      await Promise.all(all.map(({ over }) => over));
    },
  };
}

async function followOne(
  runner: Runner,
  { host, units }: Followed,
  signal: AbortSignal,
  tell: (line: string) => void,
): Promise<{ readonly over: Promise<unknown> }> {
  let began: () => void = () => undefined;
  const isReading = new Promise<void>((done) => (began = done));
  const over = runner
    .shell(host, command, {
      args: units.flatMap((unit) => ['-u', unit]),
      becomeUser: 'root',
      onStart: began,
      onLine: ({ text }) => tell(text),
      signal,
    })
    // What is followed is there to be looked at: losing sight of it must not fail the installation.
    .catch((error: unknown) =>
      tell(`(the journal cannot be followed: ${error instanceof Error ? error.message : String(error)})`),
    );
  await Promise.race([isReading, over]);
  // In a list, or it would be waited for.
  return { over };
}
