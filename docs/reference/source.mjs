// What the source says of its own types: names, types and docstrings, as TypeScript's checker knows them. Its API of
// version 7 is called unstable; it is used all the same, since no parser resolves a type that is inferred or made of
// others, and since TypeScript is here already, at the version of the lockfile.
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { API, NodeBuilderFlags, SignatureKind, SymbolFlags } from 'typescript/unstable/sync';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The project's source as the checker sees it. Close it when done. */
export class Source {
  #api = new API({ cwd: root });
  #project;
  #checker;
  #exportedAs = new Map();

  constructor() {
    const config = join(root, 'tsconfig.json');
    this.#project = this.#api.updateSnapshot({ openProjects: [config] }).getProject(config);
    this.#checker = this.#project.checker;
  }

  close() {
    this.#api.close();
  }

  /** What a file of the project exports, behind re-exports. @returns a Map from name to symbol */
  exportsOf(file) {
    const module = this.#checker.getSymbolAtLocation(this.#project.program.getSourceFile(join(root, file)));
    return new Map(
      this.#checker.getExportsOfModule(module).map((one) => {
        const behind = this.#behind(one);
        // A namespace has its docstring where it is exported.
        if (this.isNamespace(behind)) this.#exportedAs.set(behind, one);
        return [one.name, behind];
      }),
    );
  }

  #behind(symbol) {
    return symbol.flags & SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol;
  }

  /** @returns the docstring's text and its tags: `{ text, tags: [{ name, text }] }` */
  docOf(symbol) {
    const statement = this.#exportedAs.get(symbol)?.declarations[0].resolve(this.#project).parent;
    if (statement) return docOfStatement(statement);
    return {
      text: this.#checker.getDocumentationCommentOfSymbol(symbol).trim(),
      tags: this.#checker.getJsDocTagsOfSymbol(symbol).map(({ name, text }) => ({ name, text: (text ?? '').trim() })),
    };
  }

  isInterface(symbol) {
    return (symbol.flags & SymbolFlags.Interface) !== 0;
  }

  isClass(symbol) {
    return (symbol.flags & SymbolFlags.Class) !== 0;
  }

  /** Whether an interface is that of a function. */
  isCalled(symbol) {
    const type = this.#checker.getDeclaredTypeOfSymbol(symbol);
    return this.#checker.getSignaturesOfType(type, SignatureKind.Call).length > 0;
  }

  isVariable(symbol) {
    return (symbol.flags & SymbolFlags.Variable) !== 0;
  }

  isNamespace(symbol) {
    return (symbol.flags & SymbolFlags.ValueModule) !== 0;
  }

  isOurs(symbol) {
    return this.placeOf(symbol).startsWith('src/');
  }

  /** What is in a namespace (`export * as name`), by name. */
  membersOfNamespace(symbol) {
    return new Map(this.#checker.getExportsOfModule(symbol).map((one) => [one.name, this.#behind(one)]));
  }

  /** How it is called: `(path: string)`; empty where it is no function. */
  callOf(symbol) {
    // Of several the last says most: overloads go from the plain call to the whole one.
    const signature = this.#checker
      .getSignaturesOfType(this.#checker.getTypeOfSymbol(symbol), SignatureKind.Call)
      .at(-1);
    if (signature === undefined) return '';
    return `(${signature
      .getParameters()
      .map((one) => one.declarations[0].resolve(this.#project).getText())
      .join(', ')})`;
  }

  /** A function's declaration as it is written, without its body; a type's whole. */
  declarationOf(symbol) {
    const node = symbol.declarations[0].resolve(this.#project);
    const text = node.getSourceFile().text;
    return text.slice(node.getStart(), node.body?.getStart() ?? node.getEnd()).trim();
  }

  /** @returns a row for each property of an interface, class or alias, as `propertiesOf` */
  membersOf(symbol) {
    const members = this.propertiesOf(this.#checker.getDeclaredTypeOfSymbol(symbol), symbol.declarations[0]);
    // The checker gives inherited ones in an order of its own, which differs from run to run.
    return members.sort((a, b) => Number(b.isOwn) - Number(a.isOwn) || a.at.localeCompare(b.at) || a.index - b.index);
  }

  /** @returns `{ name, type, isOptional, doc, at, index, isOwn, inner }` for each property of a type, in the order of the source */
  propertiesOf(type, owner) {
    return this.#checker.getPropertiesOfType(type).map((one) => ({
      name: one.name,
      isOptional: (one.flags & SymbolFlags.Optional) !== 0,
      type: this.#typeText(one),
      doc: this.docOf(one),
      at: this.placeOf(one),
      index: one.declarations[0]?.index ?? 0,
      isOwn: owner !== undefined && isWithin(one.declarations[0], owner),
      inner: this.#innerOf(one),
    }));
  }

  /** As it is written, unless that is longer than what the checker makes of it or names types that no page has. */
  #typeText(property) {
    const node = property.declarations[0]?.resolve(this.#project);
    if (node && (property.flags & SymbolFlags.Method) !== 0) return methodText(node);
    const type = this.#checker.getTypeOfSymbol(property);
    const optional = (property.flags & SymbolFlags.Optional) !== 0;
    const whole = this.#checker
      .typeToString(type, undefined, NodeBuilderFlags.NoTruncation)
      .replaceAll('"', "'")
      .replace(optional ? / \| undefined$/ : /$^/, '');
    const written = node?.type
      ?.getText()
      .replaceAll(/\s+/g, ' ')
      .replace(optional ? / \| undefined$/ : /$^/, '');
    const isPlain = written !== undefined && !/\['|\btypeof\b/.test(written);
    return isPlain && written.length <= whole.length ? written : whole;
  }

  /** Of what a property of a resource's result is made, where that is an interface of ours, or a list of such. */
  #innerOf(property) {
    const type = this.#checker.getTypeOfSymbol(property);
    const isList = this.#checker.isArrayType(type);
    const one = isList ? this.#checker.getTypeArguments(type)[0] : type;
    const symbol = one.getSymbol();
    const isOurs =
      symbol !== undefined &&
      (symbol.flags & (SymbolFlags.Interface | SymbolFlags.TypeLiteral)) !== 0 &&
      this.placeOf(symbol).startsWith('src/');
    return isOurs ? { suffix: isList ? '[]' : '', type: one } : undefined;
  }

  /** The type of the result of a resource: the R of the `Task<R>` that its function gives. */
  resultOf(symbol) {
    const [signature] = this.#checker.getSignaturesOfType(this.#checker.getTypeOfSymbol(symbol), SignatureKind.Call);
    const task = this.#checker.getReturnTypeOfSignature(signature);
    return this.#checker.getTypeArguments(task)[0];
  }

  /** The names of the types that a result is made of. */
  namesIn(type) {
    const inner = this.propertiesOf(type).flatMap((one) => (one.inner ? this.namesIn(one.inner.type) : []));
    return [type.getSymbol()?.name ?? '', ...inner];
  }

  placeOf(symbol) {
    const [declaration] = symbol.declarations;
    return declaration === undefined ? '' : relative(root, declaration.path);
  }
}

/** A method without its name and body: `(step: Step): Promise<StepOutput>`. */
function methodText(node) {
  const { text } = node.getSourceFile();
  const whole = text.slice(node.name.getEnd(), node.body?.getStart() ?? node.getEnd());
  return whole
    .replace(/^\?/, '')
    .replace(/;?\s*$/, '')
    .replaceAll(/\s+/g, ' ');
}

/** Whether a member stands in a declaration: in its file, behind its beginning. What it inherits stands before it. */
function isWithin(member, owner) {
  return member !== undefined && member.path === owner.path && member.index > owner.index;
}

/** The checker gives no docstring of `export * as`: it is had from the syntax tree. */
function docOfStatement(statement) {
  const [doc] = statement.jsDoc ?? [];
  const textOf = (parts = []) =>
    parts
      .map((part) => part.text)
      .join('')
      .trim();
  return {
    text: textOf(doc?.comment),
    tags: (doc?.tags ?? []).map((tag) => ({ name: tag.tagName.text, text: textOf(tag.comment) })),
  };
}
