/** Quotes that keep what is in them together: those of gopkg.in/ini, which sops reads and writes INI with. */
const quotes = ['"""', '`', '"', "'"] as const;

export function unquotedIni(raw: string): string {
  const quote = quotes.find((one) => raw.length >= 2 * one.length && raw.startsWith(one) && raw.endsWith(one));
  return quote === undefined ? raw : raw.slice(quote.length, -quote.length);
}

export function writtenIni(plain: string): string {
  if (plain.includes('\n') || plain.includes('`')) return `"""${plain}"""`;
  return /[#;"'\\]/.test(plain) || plain !== plain.trim() ? `\`${plain}\`` : plain;
}
