import type { ModelFiles, Source } from "@servable/core";
import { watchFolders } from "@servable/source-folders";
import { defer, filter, merge, Subject, tap } from "rxjs";
import { isElsewhere } from "./bucket-events.js";
import { bucketFolders } from "./bucket-folders.js";
import { modelCache } from "./cache/model-cache.js";
import { resolveS3Options, type S3DiscoverOptions, type S3SourceOptions } from "./options.js";

/** The pause after a look that has brought something new. */
const QUICK_MS = 5_000;

const MONTH_MS = 30 * 86_400_000;

/**
 * Finds the versions of one model in an S3-compatible bucket: `url` holds one "folder" per version, named with a decimal
 * number. The list is the source's; the files come when a version is loaded, into a cache on the disk, which verifies
 * them and gives them again at the next start.
 * @throws ServingError INVALID_ARGUMENT for an option that cannot be meant
 */
export function s3Source<const N extends string>(options: S3SourceOptions<N>): Source<ModelFiles, N>;
/** The same for every model below one address; a model whose objects are removed is unloaded. */
export function s3Source(options: S3DiscoverOptions): Source<ModelFiles>;
export function s3Source(options: S3SourceOptions | S3DiscoverOptions): Source<ModelFiles> {
  const settings = resolveS3Options(options, process.env);
  const { name, place, rules, pollMs, recheckMs, cacheFolder, maxBytes, fetch, refresh$, discover } = settings;
  const onWarning = (text: string): void => rules.onWarning(`${name}: ${text}`);
  const cache = modelCache({ folder: cacheFolder, maxBytes, fetch, onWarning });
  const quickMs = Math.min(QUICK_MS, pollMs);
  return defer(() => {
    const changed$ = new Subject<void>();
    const bucket = bucketFolders(settings, cache, () => changed$.next());
    return watchFolders<ModelFiles, string>({
      name,
      store: bucket.folders,
      rules,
      discover,
      pace: {
        once: pollMs === 0,
        ...(pollMs > 0 && { minMs: quickMs, maxMs: pollMs }),
        jitter: 0.1,
        timeoutMs: 60_000,
      },
      quietMs: Math.min(quickMs, rules.settleMs),
      recheckMs,
      hint$: merge(changed$, refresh$.pipe(filter((event) => !isElsewhere(event, place)))).pipe(
        tap(() => bucket.forget()),
      ),
      notes: () => (pollMs === 0 ? [] : [costNote({ pollMs, recheckMs, pages: bucket.pages })]),
    });
  });
}

interface Cost {
  readonly pollMs: number;
  readonly recheckMs: number;
  readonly pages: number;
}

function costNote({ pollMs, recheckMs, pages }: Cost): string {
  const looks = MONTH_MS / pollMs;
  const rechecks = MONTH_MS / Math.max(recheckMs, pollMs);
  const requests = Math.round((looks * pages + rechecks) / 1_000);
  return `a look every ${pollMs / 1_000} s while nothing changes makes about ${requests},000 requests a month`;
}
