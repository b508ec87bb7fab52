/** The part of handlebars that has no types of its own: its parser, without compiler and run time. */
declare module 'handlebars/dist/cjs/handlebars/compiler/base.js' {
  /** @throws Error with the place in its message */
  export function parse(text: string): unknown;
}
