import { transformSync } from 'esbuild';

/** A function's body without its types. */
export function stripTypeScriptTypes(body: string): string {
  const { code } = transformSync(`function made() {\n${body}\n}`, { loader: 'ts' });
  return code.replace(/^function made\(\) \{\n/, '').replace(/\}\s*$/, '');
}
