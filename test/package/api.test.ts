/** What playbooks, resources and tests of other repositories import, by name: one that comes or goes is seen here. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as api from '../../src/index.ts';
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
      "Secret",
      "acl",
      "alternatives",
      "apt",
      "aptPin",
      "aptRepository",
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
      "hostname",
      "htpasswd",
      "iniFile",
      "jsonFile",
      "knownHosts",
      "lineinfile",
      "local",
      "locale",
      "mount",
      "nftables",
      "pause",
      "pip",
      "planFile",
      "postgresqlDb",
      "postgresqlMigrations",
      "postgresqlUser",
      "predict",
      "reboot",
      "replace",
      "script",
      "secret",
      "secretFromCommand",
      "secretFromEnv",
      "secretFromFile",
      "secretJson",
      "secretText",
      "settled",
      "shell",
      "slurp",
      "stat",
      "sudoers",
      "supervisor",
      "sync",
      "sysctl",
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
      "AptResult",
      "Change",
      "ContainerImageResult",
      "ContainerResult",
      "Deferrable",
      "FetchResult",
      "FindResult",
      "Found",
      "FoundFile",
      "GetUrlResult",
      "GitResult",
      "HostView",
      "InventoryTree",
      "Keywords",
      "LocalOptions",
      "LocalResult",
      "LocalTools",
      "MigrationsResult",
      "MountResult",
      "NftablesResult",
      "PauseResult",
      "PipResult",
      "Plan",
      "PlaySpec",
      "Prediction",
      "ProbeKind",
      "ProjectConfig",
      "Question",
      "RebootResult",
      "Resource",
      "ResourceScope",
      "RoleSpec",
      "RunContext",
      "SlurpResult",
      "StatResult",
      "Step",
      "Subject",
      "SupervisorResult",
      "SystemdResult",
      "Task",
      "TaskContext",
      "TaskOutcome",
      "TempfileResult",
      "UnarchiveResult",
      "WaitForResult",
      "WantedFile",
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
        "./testing",
        "./register",
        "./tsconfig.json",
        "./package.json",
      ],
    ]
  `);
});
