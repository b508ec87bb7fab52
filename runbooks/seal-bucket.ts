import { assert, copy, defineRunbook, file, find, option, slurp, stat, v } from 'play';

/** What sha256sum(1) says of nothing: the seal of a bucket without files. */
const emptySeal = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  -\n';

const isDay = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text);

/** Says of a day that no reports came. */
export default defineRunbook({
  title: 'Seal an empty bucket',
  description:
    'A bucket is the folder of a day, and its seal the file that says that all reports of the day are in it. Where the pipeline stood still, or nothing came, a day has no bucket and is waited for: this makes the seal of an empty one, as the user of the pipeline. `--back` removes it.',
  vars: {
    seal_hosts: option.text('The host of the collector, as a pattern.'),
    seal_days: option.list(
      'The days.',
      v.pipe(v.string(), v.check(isDay, 'must be a day: 2026-01-31')),
      v.minLength(1, 'must name a day'),
    ),
    seal_folder: v.optional(
      option.path('The folder of the seals. Default `/data/ooni/private/reports-raw-shals`.'),
      '/data/ooni/private/reports-raw-shals',
    ),
    seal_buckets: v.optional(
      option.path('The folder of the buckets. Default `/data/ooni/private/reports-raw`.'),
      '/data/ooni/private/reports-raw',
    ),
    seal_user: option.text('Whose file it is.', 'benchmark'),
  },
  steps: ({ vars: { seal_hosts: hosts, seal_days: days, seal_user: becomeUser } }) => [
    {
      name: 'look',
      hosts,
      becomeUser,
      before: ({ vars }) =>
        days.flatMap((day) => {
          const seal = stat({ path: `${vars.seal_folder}/${day}` }, { name: `seal of ${day}` });
          const text = slurp(
            { src: `${vars.seal_folder}/${day}` },
            { name: `what it says`, when: ({ results }) => results(seal).stat.exists },
          );
          const bucket = stat({ path: `${vars.seal_buckets}/${day}` }, { name: `bucket of ${day}` });
          const reports = find(
            { paths: [`${vars.seal_buckets}/${day}`], recurse: true, hidden: true },
            { name: `reports of ${day}`, when: ({ results }) => results(bucket).stat.exists },
          );
          return [
            assert(
              { that: day < new Date().toISOString().slice(0, 10), failMsg: `${day} is not over` },
              { name: `${day} is over` },
            ),
            seal,
            text,
            assert(
              {
                that: ({ results }) => !results(seal).stat.exists || results(text).text === emptySeal,
                failMsg: `${day} is sealed already, and not as an empty one`,
              },
              { name: `${day} is not sealed` },
            ),
            bucket,
            reports,
            assert(
              {
                that: ({ results }) => !results(bucket).stat.exists || results(reports).matched === 0,
                failMsg: ({ results }) => `the bucket of ${day} has ${results(reports).matched} files: it is not empty`,
              },
              { name: `the bucket of ${day} is empty` },
            ),
          ];
        }),
    },
    {
      name: 'seal',
      hosts,
      becomeUser,
      confirm: {
        question: `Sealed as empty: ${days.join(', ')}. What comes later for these days is in a later bucket.`,
        type: days.length === 1 ? (days[0] ?? '') : `${days.length} days`,
      },
      tasks: ({ vars }) =>
        days.map((day) => copy({ dest: `${vars.seal_folder}/${day}`, content: emptySeal, mode: '0644' })),
      back: ({ vars }) => days.map((day) => file({ path: `${vars.seal_folder}/${day}`, state: 'absent' })),
    },
    {
      name: 'clear',
      question:
        'In the web page of Airflow (`ssh -L 8080:ADDRESS:8080 HOST`), clear the failed `reports_raw_sensor` of these days in the tree view of hist_canning. Is it done?',
    },
  ],
});
