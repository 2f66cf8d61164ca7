// Writes the media types of file names, as nginx.conf has them: IANA's registry and what servers use beside it, by the
// package mime-types.
//     node scripts/mime-types.mjs build/gen/mime.types
import { writeFileSync } from "node:fs";
import { types } from "mime-types";

/** What browsers need to run, show, or play, where the registry says something else or nothing. */
const ours = {
    cjs: "text/javascript", // "application/node" is for Node.js alone
    cur: "image/vnd.microsoft.icon",
    flac: "audio/flac", // RFC 9639
    geojsonl: "application/geo+json-seq",
    md: "text/plain", // browsers save text/markdown instead of showing it
    m4v: "video/mp4",
    ndjson: "application/x-ndjson",
    pmtiles: "application/vnd.pmtiles",
    topojson: "application/json",
    yaml: "application/yaml", // RFC 9512
    yml: "application/yaml",
};

/** @type {Map<string, string[]>} */
const byType = new Map();
for (const [extension, type] of Object.entries({ ...types, ...ours }).sort()) {
    if (/^[\w.+-]+$/.test(extension)) {
        byType.set(type, [...(byType.get(type) ?? []), extension]);
    }
}
const lines = [...byType].map(([type, extensions]) => {
    const full = type.startsWith("text/") ? `"${type}; charset=utf-8"` : type;
    return `        ${full} ${extensions.join(" ")};`;
});
writeFileSync(process.argv[2], ["{{#part types}}", ...lines, "{{/part}}", ""].join("\n"));
