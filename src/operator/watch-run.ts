import { connect, type Become, type Connection, type Target } from '../connection/index.ts';
import { StatusBoard, type ShownListener } from '../report/index.ts';
import type { PreparedRun } from '../run/index.ts';
import type { Redactor } from '../secrets/index.ts';
import { peek, type Way } from './peek.ts';
import { watchStatus } from './watch-status.ts';
import { watchWaits } from './watch-waits.ts';

export interface WatchedRun {
  /** How a look at a host gets there. */
  readonly way: Way;
  readonly listener: ShownListener;
  readonly connect: (target: Target) => Promise<Connection>;
}

/**
 * Lets Ctrl-\ and `kill -USR1` tell what a run is doing, and tells by itself what a host waits for: it sees the run's
 * events and connections.
 *
 * @param say hears what there is to tell
 * @param connectTo makes a connection
 */
export function watchRun(
  prepared: PreparedRun,
  redactor: Redactor,
  say: ShownListener,
  connectTo: (target: Target) => Promise<Connection>,
): WatchedRun {
  const board = new StatusBoard();
  const connections = new Map<string, Connection>();
  const way: Way = {
    connectionOf: (host) => {
      const connection = connections.get(host);
      const isLocal = ({ target }: Connection): boolean => target.transport === 'local';
      // Several hosts that are all this machine: whose lane is whose cannot be seen, and one may be hidden (`noLog`).
      const isUnclear =
        connection !== undefined && isLocal(connection) && [...connections.values()].filter(isLocal).length > 1;
      return isUnclear ? undefined : connection;
    },
    become: (host) => observer(prepared, host),
    redactor,
  };
  watchStatus({ board, ...way });
  const waits = watchWaits((host) => peek(host, way), say);
  return {
    way,
    listener: (event) => {
      board.listener(event);
      waits(event);
    },
    async connect(target) {
      // One that is only tried out: nothing is done over it that anybody waits for.
      if (target.isFresh === true) return await connect(target);
      board.connecting(target.name);
      const connection = await connectTo(target);
      connections.set(target.name, connection);
      return connection;
    },
  };
}

/** Root where the run becomes root: it may read what lanes of all accounts write. */
function observer({ plays, request }: PreparedRun, host: string): Become | undefined {
  if (!plays.some((play) => play.selected.get(host)?.tasks.some((one) => one.become && one.becomeUser === 'root')))
    return undefined;
  const own = request.becomeOf?.(host, request.inventory);
  const password = own?.password ?? request.becomePassword;
  return { user: 'root', method: own?.method ?? request.becomeMethod, ...(password ? { password } : {}) };
}
