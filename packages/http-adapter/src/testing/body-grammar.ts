/** A repeatable sequence of numbers from 0 to below `below`. */
export type Dice = (below: number) => number;

/** Dice by their seed: the same bodies every time. */
export function diceOf(seed: number): Dice {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

const pick = <T>(dice: Dice, all: readonly [T, ...T[]]): T => all[dice(all.length)] ?? all[0];

const digits = (dice: Dice, count: number): string => Array.from({ length: count }, () => dice(10)).join("");

/** A JSON number: mostly of the kinds that bodies have, else as odd as the grammar allows. */
export function someNumber(dice: Dice): string {
  const sign = dice(3) === 0 ? "-" : "";
  const whole = dice(2) === 0 ? "0" : `${1 + dice(9)}${digits(dice, pick(dice, [0, 0, 1, 3, 8, 9, 14, 19, 40]))}`;
  const zeros = "0".repeat(pick(dice, [0, 0, 0, 1, 4, 22]));
  const fraction = dice(3) === 0 ? "" : `.${zeros}${digits(dice, 1 + pick(dice, [0, 3, 5, 7, 8, 15, 16, 17, 18, 60]))}`;
  const power = pick(dice, [0, 1, 7, 22, 38, 45, 300, 330, 9_999]);
  const exponent = dice(4) === 0 ? `${pick(dice, ["e", "E"])}${pick(dice, ["", "+", "-"])}${power}` : "";
  return sign + whole + fraction + exponent;
}

const LEAVES: readonly [(dice: Dice) => string, ...((dice: Dice) => string)[]] = [
  someNumber,
  someNumber,
  (dice) => String(dice(300) - 40),
  (dice) => pick(dice, ["9223372036854775807", "-9223372036854775808", "18446744073709551615", "9007199254740993"]),
  (dice) => pick(dice, ["NaN", "Infinity", "-Infinity", "Inf", "-Inf", "-NaN"]),
  (dice) => pick(dice, ["true", "false"]),
  (dice) => pick(dice, ['"a"', '""', '"é😀"', '"\\n\\u00e9"', '"signature_name"', '"[1,2"', '"\u007f"']),
  (dice) => pick(dice, ['{"b64":"AQID"}', '{"b64": "AQ"}', '{ "b64":"" }', '{"b64":"é"}', '{"b64":1}', '{"b64":"A"}']),
  (dice) => pick(dice, ["null", "1.0", "1e2", "-0", "01", "1.", ".5", "+1", "--1", "nul", '{"x":1}', "{}", "[]"]),
];

/** One nested value whose leaves are mostly of one kind, and whose lists mostly fit each other. */
function someValue(dice: Dice, kind: number, shape: readonly number[]): string {
  const [size, ...rest] = shape;
  if (size === undefined) return (LEAVES[dice(60) === 0 ? dice(LEAVES.length) : kind] ?? someNumber)(dice);
  const count = dice(80) === 0 ? dice(4) : size;
  const children = Array.from({ length: count }, () => someValue(dice, kind, rest));
  return `[${blank(dice)}${children.join(`${blank(dice)},${blank(dice)}`)}${blank(dice)}]`;
}

const blank = (dice: Dice): string => pick(dice, ["", "", "", "", " ", "\n\t", "\r"]);

function someShape(dice: Dice): number[] {
  return Array.from({ length: dice(4) }, () => pick(dice, [1, 2, 3, 0]));
}

/** A body of a predict call for inputs called x and y, or nearly one. */
export function someBody(dice: Dice): string {
  const [kind, other] = [dice(LEAVES.length), dice(LEAVES.length)];
  const [shape, otherShape] = [someShape(dice), someShape(dice)];
  const named = (): string => {
    const members = [`"x"${blank(dice)}:${someValue(dice, kind, shape)}`, `"y":${someValue(dice, other, otherShape)}`];
    if (dice(3) === 0) members.reverse();
    if (dice(2) === 0) members.pop();
    if (dice(30) === 0) members.push(`"z":1`);
    if (dice(30) === 0) members.push(members[0] ?? "");
    return `{${members.join(`,${blank(dice)}`)}}`;
  };
  const isRows = dice(2) === 0;
  const isNamed = dice(2) === 0;
  const count = dice(20) === 0 ? 0 : 1 + dice(3);
  const rows = (): string => `[${Array.from({ length: count }, named).join(",")}]`;
  const values = isNamed ? (isRows ? rows() : named()) : someValue(dice, kind, shape);
  const members = [`"${isRows ? "instances" : "inputs"}":${blank(dice)}${values}`];
  if (dice(4) === 0) members.unshift(`"signature_name" : ${pick(dice, ['"serving_default"', '"other"', '""', "1"])}`);
  if (dice(12) === 0) members.push(`"signature_name":"other"`);
  if (dice(20) === 0) members.unshift(`"more":[1,{}]`);
  if (dice(20) === 0) members.push(`"inputs":1`);
  const body = `${blank(dice)}{${members.join(`,${blank(dice)}`)}}${blank(dice)}`;
  return dice(5) === 0 ? damaged(dice, body) : body;
}

const JUNK = ['"', "[", "]", "{", "}", ",", ":", "0", ".", "-", "e", "\\", "\u0000", "é", " ", "1"] as const;

function damaged(dice: Dice, body: string): string {
  const at = dice(body.length);
  const rest = body.slice(at + dice(3));
  return body.slice(0, at) + pick(dice, [...JUNK] as [string, ...string[]]) + (dice(4) === 0 ? "" : rest);
}
