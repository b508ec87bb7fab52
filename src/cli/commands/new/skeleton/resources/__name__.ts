import { defineResource, fileQuestions, planFile, v } from 'play';

/** Says what this resource is for. */
export const __identifier__ = defineResource({
  name: '__name__',
  summary: 'Keeps a line in a file of its own.',
  options: {
    path: v.pipe(v.string(), v.startsWith('/', 'must be an absolute path'), v.description('The file.')),
    text: v.pipe(v.string(), v.description('What it says.')),
  },
  example: "__identifier__({ path: '/etc/__name__', text: 'Hello' })",
  title: ({ path }) => path ?? '',
  // On this machine, before any host is touched.
  prepare: ({ path, text }) => ({ path, content: Buffer.from(`${text}\n`), mode: '0644' }),
  // What the host is asked, together with the questions of all other tasks.
  probes: ({ path }) => fileQuestions(path),
  // Pure: from what is wanted and what was found to changes and steps. Check mode and the run both use it.
  plan: (wanted, found) => planFile(wanted, found, {}),
  owns: ({ path }) => [{ on: 'path', path }],
});
