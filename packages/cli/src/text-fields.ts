import { parseTextProto, type TextMessage, TextProtoError } from "./text-proto.js";
import type { UsageError } from "./usage-error.js";

/** Makes the error that names the file and the problem in it. */
export type Wrong = (problem: string) => UsageError;

/** A message within a file. */
export interface Where {
  readonly of: string;
  readonly wrong: Wrong;
}

/** Reads a file in protobuf's text format. */
export function parseMessage(text: string, wrong: Wrong): TextMessage {
  try {
    return parseTextProto(text);
  } catch (error) {
    if (error instanceof TextProtoError) throw wrong(error.message);
    throw error;
  }
}

interface FieldCheck extends Where {
  readonly known: readonly string[];
}

/** @throws UsageError for a field that is not known */
export function checkFields(message: TextMessage, { of, known, wrong }: FieldCheck): void {
  for (const field of message.keys()) {
    if (!known.includes(field)) throw wrong(`${of} has the unknown field ${field}; known are ${known.join(", ")}`);
  }
}

/** The values of a field that holds messages. */
export function messagesOf(message: TextMessage, field: string, wrong: Wrong): readonly TextMessage[] {
  return (message.get(field) ?? []).map((value) => {
    if (value.kind !== "message") throw wrong(`${field} must be a message in braces`);
    return value.message;
  });
}

/** The last value of a field that holds a text. */
export function textOf(message: TextMessage, field: string, wrong: Wrong): string | undefined {
  const value = message.get(field)?.at(-1);
  if (value !== undefined && value.kind !== "text") throw wrong(`${field} must be a text in quotes`);
  return value?.text;
}

/** The last value of a field that holds a word or a number, as it is written. */
export function wordOf(message: TextMessage, field: string, wrong: Wrong): string | undefined {
  const value = message.get(field)?.at(-1);
  if (value !== undefined && value.kind !== "word") throw wrong(`${field} must be a word`);
  return value?.word;
}
