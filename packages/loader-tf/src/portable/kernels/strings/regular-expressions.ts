import { boolAttribute, textAttribute } from "../../graph/attributes.js";
import type { GraphNode } from "../../graph/graph.js";
import { type KernelFactory, type KernelTable, onHost } from "../../run/kernel.js";
import { bytesOf, mapStrings, stringOf, stringsOf, textOf } from "../host/bytes.js";
import { compileRegex, matchesWhole, parseRewrite, replaceMatches } from "../host/regex.js";

type Regex = ReturnType<typeof compileRegex>;

/** A pattern that comes with the call is mostly the same one each time. */
function rememberOne(): (pattern: string) => Regex {
  let last: { readonly pattern: string; readonly regex: Regex } | undefined;
  return (pattern) => {
    if (last?.pattern !== pattern) last = { pattern, regex: compileRegex(pattern) };
    return last.regex;
  };
}

function isGlobal(node: GraphNode): boolean {
  return boolAttribute(node, "replace_global", true);
}

const replace: KernelFactory = (node) => {
  const compiled = rememberOne();
  const global = isGlobal(node);
  return onHost((x, pattern, rewrite) => {
    const regex = compiled(textOf(stringOf(pattern)));
    const request = { rewrite: parseRewrite(stringOf(rewrite)), isGlobal: global };
    return mapStrings(x, (value) => replaceMatches(value, regex, request));
  });
};

const staticReplace: KernelFactory = (node) => {
  const regex = compileRegex(textAttribute(node, "pattern", ""));
  const request = { rewrite: parseRewrite(bytesOf(textAttribute(node, "rewrite", ""))), isGlobal: isGlobal(node) };
  return onHost((x) => mapStrings(x, (value) => replaceMatches(value, regex, request)));
};

const match: KernelFactory = () => {
  const compiled = rememberOne();
  return onHost((x, pattern) => {
    const regex = compiled(textOf(stringOf(pattern)));
    return {
      dtype: "bool",
      shape: x.shape,
      data: Uint8Array.from(stringsOf(x), (value) => +matchesWhole(regex, value)),
    };
  });
};

const staticMatch: KernelFactory = (node) => {
  const regex = compileRegex(textAttribute(node, "pattern", ""));
  return onHost((x) => ({
    dtype: "bool",
    shape: x.shape,
    data: Uint8Array.from(stringsOf(x), (value) => +matchesWhole(regex, value)),
  }));
};

/** Operations with regular expressions. */
export const REGULAR_EXPRESSIONS: KernelTable = {
  RegexFullMatch: match,
  RegexReplace: replace,
  StaticRegexFullMatch: staticMatch,
  StaticRegexReplace: staticReplace,
};
