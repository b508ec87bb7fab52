import { createHash } from 'node:crypto';
import { html, verbatim, type Html } from './html.ts';
import { pageScript } from './page-script.ts';
import { pageStyle } from './page-style.ts';

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/**
 * What a page may do: show itself. Nothing is fetched, sent or embedded, and no style or script runs but ours, known by its
 * hash.
 *
 * @param connect what its script may ask: `'self'` for pages that follow a run
 */
export function contentPolicy(connect: "'none'" | "'self'" = "'none'"): string {
  return [
    "default-src 'none'",
    `style-src ${hashOf(pageStyle)}`,
    `script-src ${hashOf(pageScript)}`,
    `connect-src ${connect}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** A whole page, in one piece. */
export function pageOf({ title, body, policy }: { title: string; body: Html; policy: string }): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="play">
<title>${title}</title>
<style>${verbatim(pageStyle)}</style></head>
<body><a class="skip" href="#main">To the content</a>
<main id="main">
${body}
</main>
<script>${verbatim(pageScript)}</script></body></html>
`.text;
}
