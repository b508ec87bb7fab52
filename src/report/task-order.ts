export interface TaskName {
  readonly kind: string;
  readonly role: string | null;
  readonly task: string;
}

/** Where a host stands. */
interface Cursor<Row> {
  row: Row | undefined;
  readonly seen: Map<string, number>;
}

/**
 * The tasks of a play in one order. Hosts may have different tasks, and tell of them in any order: a new one goes behind
 * the one that its host came from.
 */
export class TaskOrder<Row extends TaskName> {
  readonly rows: Row[] = [];
  readonly #byKey = new Map<string, Row>();
  readonly #cursors = new Map<string, Cursor<Row>>();

  /**
   * The row of a host's next task.
   *
   * @param make makes it where no host had it before; its number counts tasks of this name, from 0
   */
  next(host: string, { kind, role, task }: TaskName, make: (nth: number) => Row): Row {
    const cursor = this.#cursors.get(host) ?? { row: undefined, seen: new Map<string, number>() };
    this.#cursors.set(host, cursor);
    const name = [kind, role ?? '', task].join('\0');
    const nth = cursor.seen.get(name) ?? 0;
    cursor.seen.set(name, nth + 1);
    const key = `${name}\0${nth}`;
    let row = this.#byKey.get(key);
    if (row === undefined) {
      row = make(nth);
      this.#byKey.set(key, row);
      let at = cursor.row === undefined ? 0 : this.rows.indexOf(cursor.row) + 1;
      // Handlers run last: other hosts may have tasks that this one has not.
      if (kind === 'handler') while (this.rows[at]?.kind === 'task') at++;
      this.rows.splice(at, 0, row);
    }
    cursor.row = row;
    return row;
  }
}
