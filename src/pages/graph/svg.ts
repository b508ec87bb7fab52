import { html, verbatim, type Html, type Part } from '../html.ts';

/** What several drawings share: sizes, in pixels, and the frame with its colours. */

export const lineHeight = 18;
/** What a letter of the font takes: it is one of equal widths. */
const letter = 7.25;
const most = 56;

export const widthOf = (text: string): number => Math.min([...text].length, most) * letter;

/** A text at a place; a long one is cut, and whole in its tooltip. */
export function textAt(x: number, y: number, text: string, kind: string): Html {
  const letters = [...text];
  const shown = letters.length > most ? `${letters.slice(0, most - 1).join('')}\u2026` : text;
  return html`<text x="${x}" y="${y}" class="${kind}">${shown}${shown !== text && html`<title>${text}</title>`}</text>`;
}

const style = `
svg{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
text{fill:#1d2126}.title{font-weight:600}.quiet{fill:#626a73}.role{fill:#626a73;font-style:italic}
.back{fill:#fbfbfa}.box{fill:#fff;stroke:#d5d8d4}.band{fill:#f1f2ef}.handler{fill:#e3eef8}
.edge{fill:none;stroke:#9aa3ab;stroke-width:1.2}.more{stroke-dasharray:4 3}.notify{fill:none;stroke:#2b5f8f;stroke-width:1.2}.tip{fill:#2b5f8f}
@media (prefers-color-scheme:dark){text{fill:#e3e6e8}.quiet,.role{fill:#9aa3ab}.back{fill:#15181b}.box{fill:#1c2024;stroke:#3a4148}.band{fill:#23282d}.handler{fill:#1c3147}.edge{stroke:#626a73}.notify{stroke:#96c2ec}.tip{fill:#96c2ec}}
`;

/** A whole drawing. @param title what a screen reader says of it */
export function drawing(width: number, height: number, title: string, parts: Part): string {
  const [w, h] = [Math.ceil(width), Math.ceil(height)];
  return html`<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img" aria-labelledby="t">
<title id="t">${title}</title>
<style>${verbatim(style)}</style>
<rect class="back" width="${w}" height="${h}"/>
${parts}</svg>
`.text;
}
