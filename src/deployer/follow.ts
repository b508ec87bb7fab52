import type { Become, Connection } from '../connection/index.ts';
import { HostLines, commandReport } from '../report/index.ts';
import type { Redactor } from '../secrets/index.ts';

export interface Followed {
  readonly host: string;
  /** Names, or patterns as systemctl takes them. */
  readonly units: readonly string[];
}

export interface FollowOptions {
  readonly connection: (host: string) => Promise<Connection>;
  readonly become: (host: string) => Become;
  readonly redactor: Redactor;
  readonly form: 'human' | 'jsonl';
}

// Its pid first, so that it can be ended: a channel that closes would leave it running. From this second on, so that
// nothing is lost between its start and the first look at the journal.
const script = `echo "$$"; since=$(date +%s); exec journalctl --follow --no-tail --quiet --no-hostname --since="@$since" "$@"`;
const endScript = `kill -TERM "$1" 2>/dev/null; exit 0`;

/** Journals that are being shown. */
export interface Following {
  /** Stops them on the hosts. */
  end(): Promise<void>;
}

/** Shows what services write to the journal, host by host, as it comes. Resolves once every journal is being read. */
export async function followJournals(followed: readonly Followed[], options: FollowOptions): Promise<Following> {
  const { redactor, form } = options;
  const report = commandReport({
    form,
    oneLine: false,
    width: Math.max(...followed.map(({ host }) => host.length)),
    redact: (text) => redactor.redact(text),
  });
  const all = await Promise.all(
    followed.map((one) =>
      followOne(one, options, (text) => report({ event: 'line', host: one.host, stream: 'stdout', text })),
    ),
  );
  return { end: async () => void (await Promise.all(all.map((end) => end()))) };
}

async function followOne(
  { host, units }: Followed,
  { connection: connect, become, redactor }: FollowOptions,
  tell: (line: string) => void,
): Promise<() => Promise<void>> {
  const connection = await connect(host);
  const account = become(host);
  let pid: string | undefined;
  let began: () => void = () => undefined;
  const isReading = new Promise<void>((done) => (began = done));
  const onLine = (line: string): void => {
    if (pid !== undefined) return tell(line);
    pid = line;
    began();
  };
  const lines = new HostLines({ redactor, onLine });
  const told = new HostLines({ redactor, onLine: tell });
  const over = connection
    .live({
      script,
      args: units.flatMap((unit) => ['-u', unit]),
      become: account,
      onStdout: (chunk) => lines.write(chunk),
      onStderr: (chunk) => told.write(chunk),
    })
    // What is followed is there to be looked at: losing sight of it must not fail the installation.
    .catch((error: unknown) =>
      tell(`(the journal cannot be followed: ${error instanceof Error ? error.message : String(error)})`),
    );
  await Promise.race([isReading, over]);
  return async () => {
    if (pid !== undefined)
      await (
        await connection.lane(account)
      )
        .exchange([{ script: endScript, args: [pid], timeout: 10 }])
        .catch(() => undefined);
    await over;
    lines.end();
    told.end();
  };
}
