import { firstValueFrom, take, toArray } from "rxjs";
import { describe, expect, it } from "vitest";
import { type ControllableSource, controllableSource } from "./controllable-source.js";
import type { AspiredVersions } from "./source.js";

const x = { version: 1, data: "x" };
const y = { version: 2, data: "y", revision: "r" };

/** What one subscriber hears: lists as `m:1,2`, and the end. */
function listen(source: ControllableSource<string>, onList?: (list: AspiredVersions<string>) => void): string[] {
  const heard: string[] = [];
  source.lists$.subscribe({
    next: (list) => {
      heard.push(`${list.name}:${list.versions.map(({ version }) => version).join()}`);
      onList?.(list);
    },
    complete: () => heard.push("complete"),
    error: (error: unknown) => heard.push(`error ${String(error)}`),
  });
  return heard;
}

describe("each method", () => {
  it.each<[string, (source: ControllableSource<string>) => void, string[]]>([
    ["add joins what is there", (s) => s.add("m", { version: 3, data: "z" }), ["m:1,2,3"]],
    ["add begins a name", (s) => s.add("n", x), ["n:1"]],
    ["add puts a version in the place of its like", (s) => s.add("m", { ...x, revision: "new" }), ["m:1,2"]],
    ["add puts an error in the place of a version", (s) => s.add("m", { version: 1, error: "e" }), ["m:1,2"]],
    ["add of other data under the same revision is a change", (s) => s.add("m", { ...y, data: "z" }), ["m:1,2"]],
    ["add of an identical version is none", (s) => s.add("m", { ...y }), []],
    ["remove takes one version", (s) => s.remove("m", 1), ["m:2"]],
    ["remove takes all of a name", (s) => s.remove("m"), ["m:"]],
    ["remove of what is not there is no change", (s) => s.remove("m", 9), []],
    ["remove of a name that nobody knows is no change", (s) => s.remove("n"), []],
    ["remove of a version of such a name is no change", (s) => s.remove("n", 1), []],
    ["replace takes the place of all", (s) => s.replace("m", [y]), ["m:2"]],
    ["replace by the same is no change", (s) => s.replace("m", [{ ...x }, { ...y }]), []],
    ["replace by nothing says so of a new name, too", (s) => s.replace("n", []), ["n:"]],
    ["set takes over a list", (s) => s.set({ name: "m", versions: [x] }), ["m:1"]],
    ["set of other notes is a change", (s) => s.set({ name: "m", versions: [x, y], notes: ["n"] }), ["m:1,2"]],
    ["clear empties a name", (s) => s.clear("m"), ["m:"]],
    ["clear empties every name", (s) => s.clear(), ["m:", "o:"]],
    ["clear of a name that nobody knows is no change", (s) => s.clear("n"), []],
    ["complete ends", (s) => s.complete(), ["complete"]],
    ["fail ends", (s) => s.fail("dead"), ["error dead"]],
  ])("%s", (_, call, expected) => {
    const source = controllableSource<string>();
    source.replace("m", [x, y]);
    source.add("o", x);
    const heard = listen(source);
    heard.length = 0;
    call(source);
    expect(heard).toEqual(expected);
  });

  it.each<[string, (source: ControllableSource<string>) => void, string]>([
    ["a negative version", (s) => s.add("m", { version: -1, data: "" }), 'add("m"): -1 is not a version'],
    ["a fraction to remove", (s) => s.remove("m", 0.5), 'remove("m"): 0.5 is not a version'],
    ["a version twice", (s) => s.replace("m", [x, y, x]), 'replace("m"): version 1 is there twice'],
    ["a wrong version in a list", (s) => s.set({ name: "m", versions: [{ version: NaN, data: "" }] }), "NaN is not"],
    ["an empty name", (s) => s.add("", x), "a model needs a name"],
  ])("refuses %s, and changes nothing", (_, call, message) => {
    const source = controllableSource<string>();
    const heard = listen(source);
    expect(() => call(source)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) }),
    );
    expect(heard).toEqual([]);
    expect(source.current.size).toBe(0);
  });

  it.each<[string, (source: ControllableSource<string>) => void]>([
    ["add", (s) => s.add("m", x)],
    ["remove", (s) => s.remove("m")],
    ["replace", (s) => s.replace("m", [])],
    ["set", (s) => s.set({ name: "m", versions: [] })],
    ["clear", (s) => s.clear()],
    ["complete", (s) => s.complete()],
    ["fail", (s) => s.fail("again")],
  ])("refuses to go on after the end: %s", (method, call) => {
    for (const how of ["completed", "failed"]) {
      const source = controllableSource<string>();
      source.add("m", x);
      if (how === "completed") source.complete();
      else source.fail("dead");
      expect(() => call(source)).toThrow(
        expect.objectContaining({
          code: "FAILED_PRECONDITION",
          message: expect.stringMatching(`${method}\\(.*the source has ${how}; make another one`),
        }),
      );
      expect(source.current.get("m")?.versions).toEqual([x]);
    }
  });
});

describe("notes and skipped entries", () => {
  it("stay with their name until they are set anew or cleared", () => {
    const source = controllableSource<string>();
    source.set({ name: "m", versions: [x], notes: ["n"], skipped: [{ entry: "e", reason: "r" }] });
    source.add("m", y);
    source.remove("m", 1);
    source.replace("m", [x]);
    const said = { notes: ["n"], skipped: [{ entry: "e", reason: "r" }] };
    expect(source.current.get("m")).toEqual({ name: "m", versions: [x], ...said });
    source.clear("m");
    expect(source.current.get("m")).toEqual({ name: "m", versions: [] });
  });
});

describe("what is aspired", () => {
  it("does not change with the arrays that were handed in", () => {
    const source = controllableSource<string>();
    const versions = [x];
    source.replace("m", versions);
    const { current } = source;
    versions.push({ version: 9, data: "" });
    source.add("m", y);
    expect(current.get("m")?.versions).toEqual([x]);
    expect(source.current.get("m")?.versions).toEqual([x, y]);
  });
});

describe("subscribers", () => {
  it("who come late hear the present lists; a name that was removed is not among them, a cleared one is", () => {
    const source = controllableSource<string>();
    for (const name of ["removed", "cleared", "kept"]) source.add(name, x);
    source.remove("removed");
    source.clear("cleared");
    expect(listen(source)).toEqual(["cleared:", "kept:1"]);
  });

  it("who come after the end hear the lists and the end", () => {
    const [completed, failed] = [controllableSource<string>(), controllableSource<string>()];
    completed.add("m", x);
    completed.complete();
    failed.add("m", x);
    failed.fail(new Error("dead"));
    expect([listen(completed), listen(failed)]).toEqual([
      ["m:1", "complete"],
      ["m:1", "error Error: dead"],
    ]);
  });

  it("hear an answer after the question, though another subscriber gives it at once", () => {
    const source = controllableSource<string>();
    const first = listen(source, ({ versions }) => versions.length === 1 && source.add("m", y));
    const second = listen(source);
    source.add("m", x);
    expect([first, second]).toEqual([["m:1", "m:1,2"], ["m:1,2"]]);
  });

  it("hear what they change themselves while they are told the present lists", () => {
    const source = controllableSource<string>();
    source.add("a", x);
    source.add("b", x);
    const heard = listen(source, ({ name }) => {
      if (name === "a") source.add("b", y);
    });
    expect(heard).toEqual(["a:1", "b:1,2"]);
  });

  it("who end it from within are told the rest before the end", () => {
    const source = controllableSource<string>();
    source.add("a", x);
    source.add("b", x);
    const heard = listen(source, ({ name }) => name === "a" && source.complete());
    expect(heard).toEqual(["a:1", "b:1", "complete"]);
  });

  it("may leave at any list", async () => {
    const source = controllableSource<string>();
    source.add("a", x);
    source.add("b", x);
    expect(await firstValueFrom(source.lists$.pipe(take(1), toArray()))).toHaveLength(1);
    source.add("a", y);
    expect(source.current.get("a")?.versions).toHaveLength(2);
  });
});
