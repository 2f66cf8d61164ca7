// A reporter for `node --test --test-reporter`: failures in full, one line for each file, the counts at the end.
import path from "node:path";
import { inspect } from "node:util";

/** @param {AsyncIterable<any>} events */
export default async function* report(events) {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for await (const { type, data } of events) {
        if (type === "test:stderr") {
            yield data.message;
        }
        if (type !== "test:pass" && type !== "test:fail") {
            continue;
        }
        if (data.details?.type === "suite" && type === "test:pass") {
            continue;
        }
        const file = path.basename(data.file ?? "").replace(/\.test\.mjs$/, "");
        const name = file === "" ? data.name : `${file}: ${data.name}`;
        if (data.skip !== undefined && data.skip !== false) {
            counts.skipped += 1;
            yield `skip ${name} (${data.skip === true ? "no reason given" : data.skip})\n`;
        } else if (type === "test:pass") {
            counts.passed += 1;
            yield `ok   ${name}\n`;
        } else {
            const error = data.details?.error;
            if (error?.failureType === "subtestsFailed") {
                continue; // the subtests themselves are reported
            }
            counts.failed += 1;
            yield `FAIL ${name}\n${indented(inspect(error?.cause ?? error, { depth: 4 }))}\n`;
        }
    }
    yield `${counts.skipped > 0 ? `${counts.skipped} skipped, ` : ""}${counts.passed} passed, ${counts.failed} failed\n`;
}

/** @param {string} text */
function indented(text) {
    return text.replaceAll(/^/gm, "     ");
}
