import { claim, claimFails, short } from "./claim.js";
import type { ContractCase } from "./contract.js";

/**
 * Proves a contract: a good subject passes every case, each subject with a fault fails the case that the table names for
 * it, and there is no case that no fault is caught by.
 * @param make the contract on a subject with one fault, or none
 * @param faults by fault, the name of the case that must fail
 */
export function contractProof<F extends string>(
  make: (fault?: F) => readonly ContractCase[],
  faults: Readonly<Record<F, string>>,
): readonly ContractCase[] {
  const good = make();
  const broken = (Object.keys(faults) as F[]).map((fault) => ({
    name: `a subject that ${fault} fails "${faults[fault]}"`,
    run: async () => {
      const failing = make(fault).find(({ name }) => name === faults[fault]);
      claim(failing !== undefined, `there is no case "${faults[fault]}"`);
      const error = await claimFails(failing.run, "the case");
      claim(error instanceof Error && error.message !== "", `the case failed with ${short(error)}, which says nothing`);
    },
  }));
  const caught = new Set<string>(Object.values(faults));
  const catching = {
    name: "every case catches a fault",
    run: async () => {
      const idle = good.filter(({ name }) => !caught.has(name)).map(({ name }) => `"${name}"`);
      claim(idle.length === 0, `no subject fails ${idle.join(", ")}`);
    },
  };
  return [...good.map(({ name, run }) => ({ name: `a good subject ${name}`, run })), ...broken, catching];
}
