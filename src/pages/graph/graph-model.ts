/** A group of the inventory with what is directly in it. */
export interface DrawnGroup {
  readonly name: string;
  /** 0 for `all`; otherwise the longest path down from it. */
  readonly depth: number;
  readonly hosts: readonly string[];
  readonly children: readonly string[];
}

/** A task or handler of a play, the same for all hosts that have it. */
export interface DrawnTask {
  /** Different for all tasks and handlers of the play. */
  readonly key: string;
  readonly kind: 'task' | 'handler';
  readonly role: string | null;
  readonly name: string;
  /** Keys of the handlers that it notifies. */
  readonly notifies: readonly string[];
}

export interface DrawnPlay {
  readonly name: string;
  readonly pattern: string;
  /** How many. */
  readonly hosts: number;
  /** In the order in which they run, handlers last. */
  readonly tasks: readonly DrawnTask[];
}
