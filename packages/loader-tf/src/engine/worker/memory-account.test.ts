import fc from "fast-check";
import { expect, it } from "vitest";
import { MemoryAccount } from "./memory-account.js";

function account(): { holder: { memoryBytes: number }; memory: MemoryAccount } {
  const holder = { memoryBytes: 16 };
  return { holder, memory: new MemoryAccount(holder) };
}

it("takes what is there at the start for needed", () => {
  expect(account().memory.spareBytes).toBe(0);
});

it("spares what a model has made the memory grow by, once it is forgotten", () => {
  const { holder, memory } = account();
  holder.memoryBytes += 100;
  memory.charge(1);
  holder.memoryBytes += 10;
  memory.charge(2);
  expect(memory.spareBytes).toBe(0);
  memory.forget(1);
  expect(memory.spareBytes).toBe(100);
  memory.forget(2);
  expect(memory.spareBytes).toBe(110);
});

it("counts the weights of a model that lies where another was", () => {
  const { holder, memory } = account();
  holder.memoryBytes += 100;
  memory.charge(1);
  memory.forget(1);
  memory.charge(2);
  memory.require(2, 70);
  expect(memory.spareBytes).toBe(30);
  holder.memoryBytes += 10;
  memory.charge(2);
  expect(memory.spareBytes).toBe(40);
});

it("never spares more than the memory has grown by, nor less than nothing", () => {
  const step = fc.record({ model: fc.nat(3), grows: fc.nat(50), needs: fc.nat(80), ends: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const { holder, memory } = account();
      for (const { model, grows, needs, ends } of steps) {
        holder.memoryBytes += grows;
        memory.charge(model);
        memory.require(model, needs);
        if (ends) memory.forget(model);
        expect(memory.spareBytes).toBeGreaterThanOrEqual(0);
        expect(memory.spareBytes).toBeLessThanOrEqual(holder.memoryBytes - 16);
      }
      for (const { model } of steps) memory.forget(model);
      expect(memory.spareBytes).toBe(holder.memoryBytes - 16);
    }),
  );
});
