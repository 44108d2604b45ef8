import type { Progress } from "../../progress.js";
import { claim, short } from "./claim.js";

/** Claims that reports of progress can be shown: a stage, counts that are numbers from 0 on, no more done than there is. */
export function claimProgress(reports: readonly Progress[]): void {
  for (const report of reports) {
    const { stage, done, total, unit } = report;
    claim(typeof stage === "string" && stage !== "", `progress ${short(report)} has no stage`);
    for (const count of [done, total]) {
      claim(
        count === undefined || (Number.isFinite(count) && count >= 0),
        `progress ${short(report)}: done and total are numbers from 0 on`,
      );
    }
    claim(
      done === undefined || total === undefined || done <= total,
      `progress ${short(report)}: more is done than there is to do`,
    );
    claim(
      unit === undefined || unit === "bytes" || unit === "items",
      `progress ${short(report)}: a unit is bytes or items`,
    );
  }
}
