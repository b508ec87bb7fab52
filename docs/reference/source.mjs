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
    return new Map(this.#checker.getExportsOfModule(module).map((one) => [one.name, this.#behind(one)]));
  }

  #behind(symbol) {
    return symbol.flags & SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol;
  }

  /** @returns the docstring's text and its tags: `{ text, tags: [{ name, text }] }` */
  docOf(symbol) {
    return {
      text: this.#checker.getDocumentationCommentOfSymbol(symbol).trim(),
      tags: this.#checker.getJsDocTagsOfSymbol(symbol).map(({ name, text }) => ({ name, text: (text ?? '').trim() })),
    };
  }

  isType(symbol) {
    return (symbol.flags & (SymbolFlags.Interface | SymbolFlags.TypeAlias)) !== 0;
  }

  isClass(symbol) {
    return (symbol.flags & SymbolFlags.Class) !== 0;
  }

  /** A function's declaration as it is written, without its body; a type's whole. */
  declarationOf(symbol) {
    const node = symbol.declarations[0].resolve(this.#project);
    const text = node.getSourceFile().text;
    return text.slice(node.getStart(), node.body?.getStart() ?? node.getEnd()).trim();
  }

  /** @returns a row for each property of an interface, class or alias, as `propertiesOf` */
  membersOf(symbol) {
    return this.propertiesOf(this.#checker.getDeclaredTypeOfSymbol(symbol));
  }

  /** @returns `{ name, type, isOptional, doc, at }` for each property of a type, in the order of the source */
  propertiesOf(type) {
    return this.#checker.getPropertiesOfType(type).map((one) => ({
      name: one.name,
      isOptional: (one.flags & SymbolFlags.Optional) !== 0,
      type: this.#typeText(one),
      doc: this.docOf(one),
      at: this.placeOf(one),
      inner: this.#innerOf(one),
    }));
  }

  #typeText(property) {
    return this.#checker.typeToString(
      this.#checker.getTypeOfSymbol(property),
      undefined,
      NodeBuilderFlags.NoTruncation,
    );
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

  placeOf(symbol) {
    const [declaration] = symbol.declarations;
    return declaration === undefined ? '' : relative(root, declaration.path);
  }
}
