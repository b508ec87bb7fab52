/** Names that are given where a file of tasks is included. */
export class Parameters {
  readonly #runs = new Map<string, number>();

  /** @param run what of the run its value reads: then it is handed over as a function, wherever the file is included */
  add(name: string, run: number): void {
    this.#runs.set(name, this.runOf(name) | run);
  }

  has(name: string): boolean {
    return this.#runs.has(name);
  }

  runOf(name: string): number {
    return this.#runs.get(name) ?? 0;
  }

  get names(): string[] {
    return [...this.#runs.keys()];
  }
}

/** The parameters of files, by their paths. */
export class ParametersOf {
  readonly #files = new Map<string, Parameters>();

  of(path: string): Parameters {
    const known = this.#files.get(path) ?? new Parameters();
    this.#files.set(path, known);
    return known;
  }
}
