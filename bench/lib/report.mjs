// What was found, for people and for programs.
import fs from "node:fs";
import path from "node:path";

/**
 * @typedef {object} Finding
 * @property {string} what
 * @property {string} measured
 * @property {{ median: number, min: number, max: number }} [ratio]
 * @property {string} [target]
 * @property {boolean} [passes]
 */

const round = (value) => (value >= 20 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));
const ratioText = ({ ratio }) =>
    ratio ? `**${round(ratio.median)}** (${round(ratio.min)} to ${round(ratio.max)})` : "";
const verdict = ({ passes }) => (passes === undefined ? "" : passes ? "pass" : "MISS");

/** @param {Finding[]} findings @param {Record<string, string>} machine */
export function markdown(findings, machine, { when, rounds, seconds }) {
    const rows = findings.map((finding) => [
        finding.what,
        finding.measured,
        ratioText(finding),
        finding.target ?? "",
        verdict(finding),
    ]);
    return [
        `${when}; ${rounds} rounds of ${seconds} s for each side.`,
        "",
        "| what | measured (median) | ratio (lowest to highest round) | target | |",
        "| --- | --- | --- | --- | --- |",
        ...rows.map((cells) => `| ${cells.join(" | ")} |`),
        "",
        "| machine | |",
        "| --- | --- |",
        ...Object.entries(machine).map(([name, value]) => `| ${name} | ${value} |`),
        "",
    ].join("\n");
}

/** @param {Finding} finding */
export const line = (finding) =>
    [
        `${verdict(finding).padEnd(4)}  ${finding.what}: ${finding.measured}`,
        ratioText(finding).replaceAll("*", ""),
        finding.target,
    ]
        .filter(Boolean)
        .join(" · ");

/** Puts the table between the marks of a document. */
export function writeInto(file, table) {
    const text = fs.readFileSync(file, "utf8");
    const [before, , after] = text.split(/(?<=<!-- run -->\n)([\s\S]*?)(?=<!-- end of run -->)/);
    fs.writeFileSync(file, `${before}\n${table}\n${after}`);
}

export function writeResult(folder, result, table) {
    fs.writeFileSync(path.join(folder, "result.json"), `${JSON.stringify(result, null, 4)}\n`);
    fs.writeFileSync(path.join(folder, "result.md"), table);
}
