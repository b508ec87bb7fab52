// docs/api.md, resource-api.md and runner-api.md: what src/index.ts, src/runner/ and src/testing/ export, by subject, from declarations
// and docstrings.
import { example, page, table, typeCode } from './markdown.mjs';

/** What of the public API is told where. What is exported and stands in none of them is an error. */
const pages = {
  'api.md': {
    title: 'What playbooks are written with',
    words:
      'All of it is imported from `play`. Resources have [pages of their own](resources/README.md), settings are in [config.md](config.md), the language of templates in [templates.md](templates.md), and what resources are made of in [resource-api.md](resource-api.md).',
    sections: {
      'Plays': [
        'definePlaybook',
        'PlaySpec',
        'PlayKeywords',
        'Gate',
        'Canary',
        'Playbook',
        'Service',
        'ServicePriority',
        'IfItBreaks',
      ],
      'Roles': [
        'defineRole',
        'RoleSpec',
        'RoleModule',
        'TaskDefaults',
        'systemFiles',
        'RoleFunction',
        'RoleKeywords',
        'RoleContext',
        'RoleUse',
      ],
      'Runbooks': [
        'defineRunbook',
        'RunbookSpec',
        'RunbookContext',
        'RunbookStep',
        'WorkStep',
        'QuestionStep',
        'Confirmation',
        'StepText',
        'StepContext',
        'Runbook',
      ],
      'Tasks': ['Task', 'Keywords', 'SharedKeywords', 'TaskOutcome', 'JudgeContext'],
      'What is known during the run': [
        'RunContext',
        'Deferrable',
        'Facts',
        'MountFact',
        'NetworkFact',
        'InterfaceFact',
        'AddressFact',
        'RouteFact',
        'ClockFact',
        'PackageFact',
        'each',
        'EachResult',
        'Repeatable',
      ],
      'Blocks': ['block', 'BlockKeywords', 'TaskItem', 'Block'],
      'Transactions': ['transaction', 'TransactionKeywords'],
      'Handlers': ['handler', 'HandlerBody', 'HandlerOptions', 'topic', 'Notifiable', 'Handler', 'Topic'],
      'Hosts and variables': ['TaskContext', 'HostView'],
      'Secrets': [
        'Secret',
        'secret',
        'secretJson',
        'secretFromEnv',
        'secretFromFile',
        'secretFromCommand',
        'secretFromPrompt',
        'secretFromCredential',
        'secretOf',
        'SecretSource',
        'sandboxSecretFile',
      ],
      'Schemas of variables and options': ['option', 'v', 'secretText'],
      'Inventory and settings': [
        'defineInventory',
        'InventoryTree',
        'GroupTree',
        'PythonValue',
        'PythonKind',
        'defineConfig',
        'ProjectConfig',
      ],
      'Work on this machine': ['LocalOptions', 'LocalTools'],
      'Modules, filters and lookups of Ansible': [
        'AnsibleModuleOptions',
        'ansibleFilter',
        'ansibleLookup',
        'AnsiblePluginSettings',
      ],
      'Errors': ['PlayError', 'PlayErrorData', 'unknownName'],
    },
  },
  'resource-api.md': {
    title: 'What resources are made of',
    words:
      'All of it is imported from `play`. [own-resources.md](own-resources.md) shows how it goes together, with an example.',
    sections: {
      'The resource': ['defineResource', 'Resource', 'ResourceFunction', 'ResourceScope', 'Options'],
      'What is found': ['Found', 'Need', 'ByThen', 'Seen', 'PlannedPath', 'Forecast'],
      'Questions': [
        'Question',
        'ProbeKind',
        'ProbeFailure',
        'Subject',
        'Owned',
        'Stat',
        'PathState',
        'Content',
        'AccountTable',
        'TableUser',
        'TableGroup',
      ],
      'The plan': [
        'Plan',
        'settled',
        'Change',
        'TextChange',
        'LargeContent',
        'Step',
        'Input',
        'ByteSource',
        'StepOutput',
        'Report',
        'Validation',
        'ImperativeContext',
      ],
      'The state after': ['predict', 'Prediction', 'Below'],
      'Files and plans of several parts': [
        'fileQuestions',
        'planFile',
        'WantedFile',
        'WantedAttributes',
        'planManagedFile',
        'MissingFolder',
        'planNoFile',
        'inOrder',
        'presumeFolder',
        'readRoleFile',
        'RoleFile',
      ],
      'Questions that are there': ['ask'],
      'Cases': [
        'planCases',
        'PlanCases',
        'PlanCase',
        'Expected',
        'HostDescription',
        'PathEntry',
        'outcomeOf',
        'checkCase',
      ],
      'Rehearsals': ['rehearse', 'Rehearsal', 'RehearsalOptions', 'RehearsedHosts', 'whyNoSandbox'],
    },
  },
  'runner-api.md': {
    title: 'What tools on play are written with',
    words:
      'All of it is imported from `play/runner`. [runner.md](runner.md) shows how it goes together, with an example; playbooks and questions are made with what [`play`](api.md) has.',
    sections: {
      'Opening': ['openRunner', 'RunnerOptions', 'parseHostOptions', 'HostOptions'],
      'The runner': ['Runner', 'RunnerInventory'],
      'Asking': ['AskOptions', 'Answer', 'Unreachable', 'shortReason'],
      'Running': ['RunOptions', 'RunResult', 'HostResult', 'Failure', 'watchInterrupts'],
      'What operators hold': ['holdsQuestion', 'FoundHolds', 'Hold', 'holdOn', 'holdText', 'holdForm'],
      'Commands': ['ShellOptions', 'HostLine', 'lineReport'],
      'Reports': ['humanReport', 'jsonlReport', 'ReportOptions', 'HumanReportOptions', 'RunListener', 'RunEvent'],
      'The terminal': ['errorText', 'escapeControls', 'styleFor', 'Style', 'promptLine'],
      'Files of a tool': ['requireTrusted'],
    },
  },
};

/**
 * @param symbols what src/index.ts, src/runner/index.ts and src/testing/index.ts export
 * @param elsewhere names that other pages tell of: resources and what their results are made of
 * @returns the pages by path below docs/; `problems` hears of what has no meaning and of what no page tells
 */
export function apiPages(symbols, elsewhere, source, problems) {
  const told = new Set([...elsewhere, ...Object.values(pages).flatMap((one) => Object.values(one.sections).flat())]);
  for (const [name, symbol] of symbols)
    if (!told.has(name))
      problems.push(
        `${source.placeOf(symbol)}: ${name} is exported to playbooks, tools or tests and stands on no page: give it a place in docs/reference/api-pages.mjs`,
      );
  const entry = (name) => {
    const symbol = symbols.get(name);
    if (symbol === undefined) throw new Error(`docs/reference/api-pages.mjs tells of ${name}, which is not exported`);
    return entryOf(name, symbol, source, problems);
  };
  return Object.entries(pages).map(([file, { title, words, sections }]) => [
    file,
    page(
      `# ${title}`,
      words,
      contentsOf(sections),
      ...Object.entries(sections).flatMap(([subject, names]) => [`## ${subject}`, ...names.flatMap(entry)]),
    ),
  ]);
}

/** Headings by subject, as links. Of two that differ in their capitals only, GitHub numbers the second. */
function contentsOf(sections) {
  const seen = new Map();
  const anchor = (heading) => {
    const slug = heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-');
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  };
  return Object.entries(sections)
    .map(([subject, names]) => {
      const own = anchor(subject);
      return `- [${subject}](#${own}): ${names.map((name) => `[${name}](#${anchor(name)})`).join(', ')}`;
    })
    .join('\n');
}

function entryOf(name, symbol, source, problems) {
  const doc = source.docOf(symbol);
  if (doc.text === '') problems.push(`${source.placeOf(symbol)}: ${name} has no docstring`);
  if (source.isNamespace(symbol))
    return [
      `### ${name}`,
      doc.text,
      ...(source.isOurs(symbol) ? [namesOf(name, symbol, source, problems)] : []),
      ...saidBy(doc),
    ];
  const isInterface = source.isInterface(symbol);
  const hasMembers = isInterface || source.isClass(symbol);
  const declaration = () =>
    source.isVariable(symbol)
      ? `${name}${source.callOf(symbol)}`
      : source
          .declarationOf(symbol)
          .replace(/^export /, '')
          .replaceAll(/^ *\/\*\* .* \*\/\n/gm, '');
  return [
    `### ${name}`,
    doc.text,
    ...(!hasMembers || (isInterface && source.isCalled(symbol)) ? [example(declaration())] : []),
    ...saidBy(doc),
    ...(hasMembers ? membersOf(name, symbol, source, problems) : []),
  ];
}

/** What only play looks into: functions give them, and other functions take them. */
const opaque = new Set(['Playbook', 'RoleUse', 'Task', 'Block', 'Handler', 'Topic']);

function membersOf(owner, symbol, source, problems) {
  if (opaque.has(owner)) return [];
  // Private members begin with `_` for the checker; those of Error are known from elsewhere.
  // Settings that options are made of have a page to themselves.
  const members = source
    .membersOf(symbol)
    .filter((one) => !one.name.startsWith('_') && one.at.startsWith('src/') && one.at !== 'src/project/config.ts');
  for (const one of members)
    if (one.doc.text === '') problems.push(`${one.at}: \`${one.name}\` of ${owner} has no docstring`);
  if (members.length === 0) return [];
  return [
    table(
      ['name', 'type', 'meaning'],
      members.map(({ name, type, isOptional, doc }) => [
        `\`${name}${isOptional ? '?' : ''}\``,
        typeCode(type),
        sentences([doc.text, ...remarks(doc)]),
      ]),
    ),
  ];
}

/** The names of a namespace, each with its signature. */
function namesOf(owner, symbol, source, problems) {
  return table(
    ['name', 'meaning'],
    [...source.membersOfNamespace(symbol)].map(([name, one]) => {
      const doc = source.docOf(one);
      if (doc.text === '') problems.push(`${source.placeOf(one)}: ${owner}.${name} has no docstring`);
      return [typeCode(`${owner}.${name}${source.callOf(one)}`), sentences([doc.text, ...remarks(doc)])];
    }),
  );
}

/** Parameters, errors and examples of a docstring, as paragraphs. */
function saidBy(doc) {
  const examples = doc.tags.filter((tag) => tag.name === 'example').map((tag) => example(tag.text));
  return [
    ...(remarks(doc, false).length > 0
      ? [
          remarks(doc, false)
            .map((one) => `- ${one}`)
            .join('\n'),
        ]
      : []),
    ...examples,
  ];
}

function remarks(doc, withExamples = true) {
  return doc.tags.flatMap(({ name, text: raw }) => {
    const text = raw.replaceAll(/\s*\n\s*/g, ' ');
    switch (name) {
      case 'param':
      case 'typeParam':
        return [text.replace(/^(\S+)\s+(?:-\s+)?/, '`$1`: ').replace(/;$/, '')];
      case 'returns':
        return [`Gives ${text}`];
      case 'throws':
        return [`Throws ${text}`];
      case 'example':
        return withExamples ? [`Example: ${codeOf(text)}`] : [];
      default:
        return [];
    }
  });
}

/** Parts of a docstring in one cell: each ends as a sentence does. */
function sentences(parts) {
  return parts.map((one, i) => (i < parts.length - 1 && !/[.:)`]$/.test(one) ? `${one}.` : one)).join(' ');
}

/** Code in a line, which may hold backticks of its own. */
function codeOf(text) {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}
