/** A file of the project that is made. */
export interface ProjectFile {
  /** From the project's folder. */
  readonly path: string;
  readonly text: string;
}
