import * as v from 'valibot';
import { ProbeFailure, type ProbeKind, type Question, type Subject } from '../../contract/index.ts';

/** Containers, images, networks and volumes, of either engine. */
export const containersSubject: Subject = { on: 'named', name: 'containers' };

export type ContainerEngine = 'docker' | 'podman';
/** `auto`: docker where it is installed, else podman. */
export type EngineChoice = ContainerEngine | 'auto';

/** What an engine says of one of its objects. */
export type FromEngine<A> =
  | { readonly engine: ContainerEngine; /** Null: there is none of this name. */ readonly is: A | null }
  /** Nobody could be asked, and why: nothing is installed, the daemon does not run. */
  | { readonly down: string };

type Family = 'container' | 'image' | 'network' | 'volume';

/** Makes the question about objects of one family: `docker FAMILY inspect NAME ...`, one process for all. */
export function engineQuestion<A>(
  family: Family,
  read: (json: unknown) => A,
  isNamed: (object: A, name: string) => boolean,
): (choice: EngineChoice, name: string) => Question<FromEngine<A>> {
  const kinds = new Map(
    (['auto', 'docker', 'podman'] as const).map((choice) => [choice, engineKind(choice, family, read, isNamed)]),
  );
  return (choice, name) => {
    const kind = kinds.get(choice);
    if (!kind) throw new Error(`no engine ${choice}`);
    return { kind, args: [name] };
  };
}

function engineKind<A>(
  choice: EngineChoice,
  family: Family,
  read: (json: unknown) => A,
  isNamed: (object: A, name: string) => boolean,
): ProbeKind<FromEngine<A>> {
  const candidates = choice === 'auto' ? 'docker podman' : choice;
  return {
    kind: `${choice}-${family}`,
    arity: 1,
    sh: `e=
for c in ${candidates}; do if command -v "$c" >/dev/null 2>&1; then e=$c; break; fi; done
[ -n "$e" ] || exit 0
echo "$e"
xargs -0 "$e" ${family} inspect --
exit 0`,
    decode(stdout, questions, stderr) {
      const [engine = '', ...lines] = stdout.toString('utf8').split('\n');
      if (engine !== 'docker' && engine !== 'podman')
        return questions.map(() => ({
          down: choice === 'auto' ? 'neither docker nor podman is installed' : `${choice} is not installed`,
        }));
      const trouble = troubleIn(stderr);
      if (trouble !== undefined) return questions.map(() => ({ down: trouble }));
      try {
        const objects = listsIn(lines).map(read);
        return questions.map(([name = '']) => ({ engine, is: objects.find((one) => isNamed(one, name)) ?? null }));
      } catch (error) {
        if (!(error instanceof v.ValiError) && !(error instanceof SyntaxError)) throw error;
        return questions.map(
          () => new ProbeFailure(`${engine} describes a ${family} in a way that play does not know: ${error.message}`),
        );
      }
    },
    depends: () => [{ on: 'packages' }, { on: 'units' }, { on: 'unit', unit: 'docker.service' }, containersSubject],
  };
}

/** Both engines print a list over many lines, its brackets at the margin; xargs may have called them more than once. */
function listsIn(lines: readonly string[]): unknown[] {
  const found: unknown[] = [];
  let list = '';
  for (const line of lines) {
    list += `${line}\n`;
    if (line !== ']' && line !== '[]') continue;
    const parsed: unknown = JSON.parse(list);
    if (Array.isArray(parsed)) found.push(...(parsed as readonly unknown[]));
    list = '';
  }
  return found;
}

/** What the engine complained of beyond a name that it does not have. */
function troubleIn(stderr: string): string | undefined {
  const missing = /no such|not found|not known|no container with name|unable to find/i;
  return stderr
    .split('\n')
    .find((line) => line.trim() !== '' && line.trim() !== 'errors pruning' && !missing.test(line))
    ?.trim();
}

/** Lists and maps that engines leave out or set to null where they are empty. */
export const maybe = <S extends v.GenericSchema>(schema: S) => v.nullish(schema);
export const words = v.nullish(v.array(v.string()));
/** A list of words or, in older podman, one text. */
export const wordsOrText = v.nullish(v.union([v.array(v.string()), v.string()]));

export function wordList(value: readonly string[] | string | null | undefined): readonly string[] {
  return typeof value === 'string' ? (value === '' ? [] : value.split(' ')) : (value ?? []);
}

/** `NAME=value` as a map. */
export function environmentOf(list: readonly string[] | null | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (list ?? []).map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]),
  );
}
