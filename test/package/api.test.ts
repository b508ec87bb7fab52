/** What playbooks, resources and tests of other repositories import, by name: one that comes or goes is seen here. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as api from '../../src/index.ts';
import * as runner from '../../src/runner/index.ts';
import * as testing from '../../src/testing/index.ts';
import { playRoot } from '../cli/command-line.ts';

/** The types that an entry exports by name; those of resources come with a `*`. */
function typesOf(...files: readonly string[]): string[] {
  return files
    .flatMap((file) => [...readFileSync(join(playRoot, 'src', file), 'utf8').matchAll(/^export (type )?\{([^}]*)\}/gm)])
    .flatMap(([, isType, list = '']) =>
      list
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '' && (isType !== undefined || name.startsWith('type ')))
        .map((name) => name.replace(/^type /, '')),
    )
    .sort();
}

test('play', () => {
  expect(Object.keys(api).sort()).toMatchInlineSnapshot(`
    [
      "PlayError",
      "ProbeFailure",
      "Secret",
      "acl",
      "alternatives",
      "apt",
      "aptPin",
      "aptRepository",
      "ask",
      "assemble",
      "assert",
      "authorizedKey",
      "block",
      "blockinfile",
      "capabilities",
      "certificate",
      "command",
      "confirm",
      "container",
      "containerImage",
      "containerNetwork",
      "containerVolume",
      "copy",
      "cron",
      "debconf",
      "debug",
      "defineConfig",
      "defineInventory",
      "definePlaybook",
      "defineResource",
      "defineRole",
      "defineRunbook",
      "dpkgSelections",
      "fetch",
      "file",
      "fileQuestions",
      "find",
      "flushHandlers",
      "getUrl",
      "git",
      "group",
      "handler",
      "haproxyServer",
      "hostname",
      "htpasswd",
      "inOrder",
      "iniFile",
      "jsonFile",
      "knownHosts",
      "lineinfile",
      "local",
      "locale",
      "mount",
      "nftables",
      "option",
      "pause",
      "pip",
      "planFile",
      "planManagedFile",
      "planNoFile",
      "postgresqlDb",
      "postgresqlMigrations",
      "postgresqlUser",
      "predict",
      "presumeFolder",
      "prometheusQuery",
      "readRoleFile",
      "reboot",
      "replace",
      "sandboxSecretFile",
      "script",
      "secret",
      "secretFromCommand",
      "secretFromEnv",
      "secretFromFile",
      "secretJson",
      "secretOf",
      "secretText",
      "settled",
      "shell",
      "slurp",
      "stat",
      "sudoers",
      "supervisor",
      "sync",
      "sysctl",
      "systemFiles",
      "systemd",
      "systemdUnit",
      "tempfile",
      "template",
      "timezone",
      "topic",
      "unarchive",
      "unknownName",
      "uri",
      "user",
      "v",
      "waitFor",
      "xmlFile",
      "yamlFile",
    ]
  `);
});

test('types of play', () => {
  expect(typesOf('index.ts', 'resources/index.ts')).toMatchInlineSnapshot(`
    [
      "AccountTable",
      "AptResult",
      "Below",
      "Block",
      "BlockKeywords",
      "ByThen",
      "Canary",
      "Change",
      "Confirmation",
      "ContainerImageResult",
      "ContainerResult",
      "Content",
      "Deferrable",
      "Facts",
      "FetchResult",
      "FindResult",
      "Forecast",
      "Found",
      "FoundFile",
      "Gate",
      "GetUrlResult",
      "GitResult",
      "GroupTree",
      "Handler",
      "HandlerBody",
      "HaproxyServerResult",
      "HostView",
      "ImperativeContext",
      "InventoryTree",
      "JudgeContext",
      "Keywords",
      "LocalOptions",
      "LocalResult",
      "LocalTools",
      "MigrationsResult",
      "MissingFolder",
      "MountResult",
      "Need",
      "NftablesResult",
      "Notifiable",
      "Options",
      "Owned",
      "PathState",
      "PauseResult",
      "PipResult",
      "Plan",
      "PlannedPath",
      "PlayErrorData",
      "PlayKeywords",
      "PlaySpec",
      "Playbook",
      "Prediction",
      "ProbeKind",
      "ProjectConfig",
      "PrometheusQueryResult",
      "PrometheusSample",
      "Question",
      "QuestionStep",
      "RebootResult",
      "Resource",
      "ResourceFunction",
      "ResourceScope",
      "RoleContext",
      "RoleFile",
      "RoleFunction",
      "RoleKeywords",
      "RoleModule",
      "RoleSpec",
      "RoleUse",
      "RunContext",
      "Runbook",
      "RunbookContext",
      "RunbookSpec",
      "RunbookStep",
      "SecretSource",
      "Seen",
      "SharedKeywords",
      "SlurpResult",
      "Stat",
      "StatResult",
      "Step",
      "StepContext",
      "StepOutput",
      "StepText",
      "Subject",
      "SupervisorResult",
      "SystemdResult",
      "TableGroup",
      "TableUser",
      "Task",
      "TaskContext",
      "TaskDefaults",
      "TaskItem",
      "TaskOutcome",
      "TempfileResult",
      "TextChange",
      "Topic",
      "UnarchiveResult",
      "Validation",
      "WaitForResult",
      "WantedAttributes",
      "WantedFile",
      "WorkStep",
    ]
  `);
});

test('play/runner', () => {
  expect([Object.keys(runner).sort(), typesOf('runner/index.ts')]).toMatchInlineSnapshot(`
    [
      [
        "Unreachable",
        "errorText",
        "escapeControls",
        "holdForm",
        "holdOn",
        "holdText",
        "holdsQuestion",
        "humanReport",
        "jsonlReport",
        "lineReport",
        "openRunner",
        "parseHostOptions",
        "promptLine",
        "requireTrusted",
        "shortReason",
        "styleFor",
        "watchInterrupts",
      ],
      [
        "Answer",
        "AskOptions",
        "Failure",
        "FoundHolds",
        "Hold",
        "HostLine",
        "HostOptions",
        "HostResult",
        "HumanReportOptions",
        "ReportOptions",
        "RunEvent",
        "RunListener",
        "RunOptions",
        "RunResult",
        "Runner",
        "RunnerInventory",
        "RunnerOptions",
        "ShellOptions",
        "Style",
      ],
    ]
  `);
});

test('play/testing', () => {
  expect([Object.keys(testing).sort(), typesOf('testing/index.ts')]).toMatchInlineSnapshot(`
    [
      [
        "checkCase",
        "outcomeOf",
        "planCases",
        "rehearse",
        "whyNoSandbox",
      ],
      [
        "Expected",
        "HostDescription",
        "PathEntry",
        "PlanCase",
        "PlanCases",
        "Rehearsal",
        "RehearsalOptions",
        "RehearsedHosts",
      ],
    ]
  `);
});

test('entries of the package, and what is in it', () => {
  const { bin, exports } = JSON.parse(readFileSync(join(playRoot, 'package.json'), 'utf8')) as {
    readonly bin: unknown;
    readonly exports: Readonly<Record<string, unknown>>;
  };
  expect([bin, Object.keys(exports)]).toMatchInlineSnapshot(`
    [
      {
        "play": "./play",
      },
      [
        ".",
        "./runner",
        "./testing",
        "./roles/*",
        "./register",
        "./tsconfig.json",
        "./package.json",
      ],
    ]
  `);
});
