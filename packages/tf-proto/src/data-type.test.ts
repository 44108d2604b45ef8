import { describe, expect, it } from "vitest";
import { DataType, dataTypeCode, dataTypeEnumName, dataTypeName } from "./index.js";

describe("dataTypeName", () => {
  it.each([
    [DataType.DT_FLOAT, "float32"],
    [DataType.DT_HALF, "float16"],
    [DataType.DT_STRING, "string"],
    [DataType.DT_UINT64, "uint64"],
    [101, "float32"],
    [114, "bfloat16"],
  ])("reads %i as %s", (code, name) => {
    expect(dataTypeName(code)).toBe(name);
  });

  it.each([DataType.DT_INVALID, DataType.DT_QINT8, DataType.DT_RESOURCE, DataType.DT_VARIANT, 29, 100, 120, 201, -1])(
    "knows no name for %i",
    (code) => {
      expect(dataTypeName(code)).toBeUndefined();
    },
  );

  it("is undone by dataTypeCode, for 16 types", () => {
    const named = Object.values(DataType).filter((code) => dataTypeName(code) !== undefined);
    expect(named).toHaveLength(16);
    for (const code of named) expect(dataTypeCode(dataTypeName(code) ?? "string")).toBe(code);
  });
});

describe("dataTypeEnumName", () => {
  it.each([
    [1, "DT_FLOAT"],
    [120, "DT_RESOURCE_REF"],
    [11, "DT_QINT8"],
    [24, "DT_FLOAT8_E5M2"],
    [77, "DataType(77)"],
    [100, "DataType(100)"],
    [-1, "DataType(-1)"],
  ])("writes %i as %s", (code, name) => {
    expect(dataTypeEnumName(code)).toBe(name);
  });
});
