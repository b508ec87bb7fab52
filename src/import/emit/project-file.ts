import type { AnsibleTask } from '../ansible/tree.ts';

/** A file of the project that is made. */
export interface ProjectFile {
  /** From the project's folder. */
  readonly path: string;
  readonly text: string;
  /** The tasks that go where the file does not fit its types: those that place what it makes. */
  readonly tasks?: readonly AnsibleTask[];
}
