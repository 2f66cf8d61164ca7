// Writes the seeds in corpus/: good inputs that reach far into a parser, and hostile ones.
//     node tests/fuzz/make-corpus.mjs
import { mkdirSync, writeFileSync } from "node:fs";
import { deflateRawSync, gzipSync } from "node:zlib";

const corpus = new URL("corpus/", import.meta.url);

function write(fuzzer, seeds) {
    mkdirSync(new URL(`${fuzzer}/`, corpus), { recursive: true });
    for (const [name, bytes] of Object.entries(seeds)) {
        writeFileSync(new URL(`${fuzzer}/${name}`, corpus), bytes);
    }
}

// ---- scripts of service workers -------------------------------------------------------------------

write("workerscript", {
    classic: 'importScripts("/a.js");addEventListener("fetch",()=>{});const x={import:1,export:2};x.import();',
    strict: '/* licence */ "use strict"; importScripts("/a.js");',
    module: 'import "/a.js";\nimport{b}from"/b.js";export default 1;',
    dynamic: 'const a=()=>import("/a.js"),b=import.meta.url;',
    comments: "// import x\n/* import y */ import/**/z from 'z'",
    texts: "const a='import b',c=`\nimport ${'d'}`,e=/import \"f/;import\"f\"",
    do_while: "do;while(0)import'x'",
    line_separator: "a()\u2028import'x'",
    byte_order_mark: "\ufeffimport'x'",
    name: "const \u00e9import=1,import\\u0061=2",
});

// ---- posted links ---------------------------------------------------------------------------------

const form = "application/x-www-form-urlencoded\n";

write("linkform", {
    plain: `${form}secret=t4Kd-_x`,
    among: `${form}a=b&secret=%41+%2Bx&&c`,
    doubled: `${form}secret=a&secret=b`,
    broken: `${form}secret=%4`,
    nul: `${form}secret=a%00b`,
    other: "multipart/form-data\nsecret=a",
});

// ---- cookies ------------------------------------------------------------------------------------

const value = "dGhpcyBpcyAxNiBieXRlcw";

write("cookie", {
    alone: `__Host-inlay=${value}`,
    among_others: `theme=dark; __Host-inlay=${value}; _ga=GA1.2.3`,
    without_space: `a=1;__Host-inlay=${value};b=2`,
    twice_the_same: `__Host-inlay=${value}; __Host-inlay=${value}`,
    twice_different: `__Host-inlay=${value}; __Host-inlay=evil`,
    empty_value: "__Host-inlay=",
    without_value: "__Host-inlay; a",
    nameless: `=__Host-inlay=${value}`,
    quoted: `__Host-inlay="${value}"`,
    other_case: `__host-inlay=${value}`,
    longer_name: `x__Host-inlay=${value}; __Host-inlay2=${value}`,
    control: `__Host-inlay=a\tb\0c`,
    odd_others: Buffer.from(`;;=; =;\xff\xfe; b="q\\" x"; __Host-inlay=${value}`, "latin1"),
    comma: `a=1, __Host-inlay=${value}`,
});

// ---- hosts --------------------------------------------------------------------------------------

const label = "abcdefghijklmnopqrstuvwxyz";

write("host", {
    local: `http://*.localhost:3000\n${label}.localhost:3000`,
    apps: `https://*.apps.example.com\n${label}.apps.example.com`,
    default_port: `https://*.apps.example.com:443/\n${label}.APPS.example.com:443`,
    exact: "https://portal.example.com:8443/\nportal.example.com:8443",
    ipv4: "http://127.0.0.1:3000\n127.0.0.1:3000",
    ipv6: "http://[::1]:3000\n[::1]:3000",
    ipv6_long: "https://[2001:DB8:0:0:0:0:0:1]\n[2001:db8::1]",
    ipv6_mapped: "https://[::ffff:127.0.0.1]\n[::ffff:7f00:1]",
    punycode: "https://xn--bcher-kva.example\nb\u00fccher.example",
    trailing_dot: `http://*.localhost.:3000\n${label}.localhost.:3000`,
    capitals: `HTTP://*.LOCALHOST:3000\n${label.toUpperCase()}.localhost:3000`,
    wrong_port: `http://*.localhost:3000\n${label}.localhost:03000`,
    port_range: `https://a.example:65536\n${label}.localhost:99999999999999999999`,
    user: `https://user:pass@a.example\n${label}@x.localhost:3000`,
    path: "https://a.example/path?query#fragment\na.example/path",
    odd_numbers: "https://0x7f.1\n2130706433",
    injection: `https://a.example;script-src *\n${label}.localhost:3000\r\nX: y`,
    patterns: `https://*.*.example\n*.localhost:3000`,
    long_name: `https://${`${"a".repeat(63)}.`.repeat(3)}${"b".repeat(61)}\n${label}.localhost`,
    empty: "\n",
});

// ---- JSON ---------------------------------------------------------------------------------------

write("json", {
    body: '{"name":"Ada","note":null,"minutes":60,"metadata":{"tier":"gold","seats":12},"groups":[1,2]}',
    unknown_member: '{"name":"Ada","nmae":"x"}',
    unknown_member_long: `{"name":"Ada","${"\u20ac".repeat(60)}":1}`,
    unknown_member_control: '{"name":"Ada","a\\n\\u0001":1}',
    twice: '{"name":"a","name":"b"}',
    twice_escaped: '{"name":"a","\\u006eame":"b"}',
    numbers: '{"minutes":9223372036854775807,"a":-9223372036854775808,"b":0.1,"c":1e308,"d":-0.0}',
    numbers_too_large: '{"minutes":9223372036854775808}',
    numbers_infinite: '{"a":1e999}',
    not_numbers: "[NaN,Infinity,-Infinity,+1,01,.5,0x1]",
    deep: `${"[".repeat(16)}${"]".repeat(16)}`,
    too_deep: `${"[".repeat(17)}${"]".repeat(17)}`,
    very_deep: '[{"a":'.repeat(500),
    brackets_in_text: `["${"[".repeat(40)}","\\"[[[["]`,
    surrogate_pair: '["\\ud83d\\ude00"]',
    lone_surrogate: '["\\ud800"]',
    swapped_surrogates: '["\\ude00\\ud83d"]',
    nul: '["a\\u0000b"]',
    nul_in_name: '{"a\\u0000b":1}',
    raw_nul: '{"a":"\0"}',
    overlong: Buffer.from('["\xc0\xaf\xe0\x80\xaf"]', "latin1"),
    raw_surrogate: Buffer.from('["\xed\xa0\x80"]', "latin1"),
    byte_order_mark: "\ufeff{}",
    not_object: '["name"]',
    scalar: '"text"',
    empty: "",
    cut_off: '{"name":"Ad',
    trailing: "{} {}",
    comment: '{/*x*/"name":"a"} // y',
    wrong_types: '{"name":1,"minutes":"60","metadata":[],"groups":{}}',
    wrong_ranges: '{"name":"","minutes":9,"groups":[1,2,3,4]}',
});

// ---- archives -----------------------------------------------------------------------------------

function tarHeader({ path, type = "0", size = 0, link = "", prefix = "" }) {
    const header = Buffer.alloc(512);
    header.write(path, 0, 100, "latin1");
    header.write("0000644\0" + "0000000\0" + "0000000\0", 100);
    header.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
    header.write("00000000000\0" + "        " + type, 136);
    header.write(link, 157, 100, "latin1");
    header.write("ustar\u000000", 257);
    header.write(prefix, 345, 155, "latin1");
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return header;
}

function tarItem(item) {
    const bytes = Buffer.from(item.bytes ?? "");
    const padding = Buffer.alloc((512 - (bytes.length % 512)) % 512);
    return Buffer.concat([tarHeader({ size: bytes.length, ...item }), bytes, padding]);
}

const tar = (...items) => Buffer.concat([...items.map(tarItem), Buffer.alloc(1024)]);

/** A pax header for the item after it: lines "<length> <key>=<value>\n" that count themselves. */
function pax(values) {
    const line = (key, text) => {
        const rest = ` ${key}=${text}\n`;
        let length = Buffer.byteLength(rest);
        while (Buffer.byteLength(`${length}${rest}`) !== length) {
            length = Buffer.byteLength(`${length}${rest}`);
        }
        return `${length}${rest}`;
    };
    const lines = Object.entries(values).map(([key, text]) => line(key, text));
    return { path: "PaxHeader", type: "x", bytes: lines.join("") };
}

const index = { path: "index.html", bytes: "<!doctype html>hello" };
const script = { path: "assets/app.js", bytes: "const answer = 42;\n".repeat(20) };

write("archive", {
    "good.tar": tar(index, { path: "assets/", type: "5" }, script),
    "good_dotted.tar": tar({ path: "./", type: "5" }, { ...index, path: "./index.html" }),
    "good_folder.tar": tar({ ...index, path: "dist/index.html" }, { ...script, path: "dist/a.js" }),
    "good_junk.tar": tar(index, { path: "._index.html", bytes: "x" }, { path: ".DS_Store" }),
    "good_pax.tar": tar(index, pax({ path: "\u65e5\u672c.txt" }), { path: "fallback" }),
    "good_prefix.tar": tar(index, { path: "app.js", prefix: "some/long/folder" }),
    "good_long_name.tar": tar(
        index,
        { path: "././@LongLink", type: "L", bytes: `${"n".repeat(150)}\0` },
        { path: "n" },
    ),
    "own_variant.tar": tar(index, script, { path: "assets/app.js.gz", bytes: "own" }),
    "parent.tar": tar(index, { path: "../evil.html", bytes: "evil" }),
    "parent_inside.tar": tar(index, { path: "a/../../evil.html" }),
    "parent_pax.tar": tar(index, pax({ path: "../../etc/passwd" }), { path: "fine" }),
    "parent_folder.tar": tar(index, { path: "../evil/", type: "5" }),
    "absolute.tar": tar(index, { path: "/etc/passwd" }),
    "backslash.tar": tar(index, { path: "..\\evil" }),
    "drive.tar": tar(index, { path: "C:evil" }),
    "not_utf8.tar": tar(index, { path: "a\xff\xc0\xaf" }),
    "control.tar": tar(index, { path: "a\x1b[2J\n" }),
    "reserved.tar": tar(index, { path: "_inlay/session" }),
    "reserved_in_folder.tar": tar({ ...index, path: "d/index.html" }, { path: "d/_inlay/session" }),
    "symlink.tar": tar(index, { path: "link", type: "2", link: "/etc/passwd" }),
    "symlink_then_file.tar": tar(index, { path: "d", type: "2", link: "/tmp" }, { path: "d/x" }),
    "hardlink.tar": tar(index, { path: "hard", type: "1", link: "/etc/passwd" }),
    "hardlink_pax.tar": tar(index, pax({ linkpath: "/etc/passwd" }), { path: "x", type: "1" }),
    "device.tar": tar(index, { path: "null", type: "3" }),
    "fifo.tar": tar(index, { path: "fifo", type: "6" }),
    "twice.tar": tar(index, index),
    "file_and_folder.tar": tar(index, { path: "a", bytes: "1" }, { path: "a/b", bytes: "2" }),
    "no_index.tar": tar(script),
    "empty.tar": tar(),
    "size_lies.tar": tar({ ...index, size: 0o77777777777 }),
    "size_negative_pax.tar": tar(index, pax({ size: "-1" }), { path: "x", bytes: "x" }),
    "sparse.tar": tar(
        index,
        pax({
            "GNU.sparse.major": "1",
            "GNU.sparse.minor": "0",
            "GNU.sparse.name": "x",
            "GNU.sparse.realsize": "99999999999",
        }),
        { path: "s", bytes: `1\n0\n99999999999\n${"\0".repeat(490)}` },
    ),
    "pax_damaged.tar": tar(index, { path: "P", type: "x", bytes: "999 path=x\n" }, { path: "x" }),
    "checksum.tar": Buffer.concat([tarItem(index).fill("9", 148, 154), Buffer.alloc(1024)]),
    not_a_tar: "<!doctype html>",
    nothing: "",
    "good.tar.gz": gzipSync(tar(index, script)),
    "two_members.tar.gz": Buffer.concat([gzipSync(tarItem(index)), gzipSync(tar(script))]),
    "bomb.tar.gz": gzipSync(Buffer.concat([tar(index), Buffer.alloc(5_000_000)]), { level: 9 }),
    "cut_off.tar.gz": gzipSync(tar(index, script)).subarray(0, 100),
    "checksum.tar.gz": Buffer.concat([gzipSync(tar(index, script)).subarray(0, -8), Buffer.alloc(8)]),
});

const crcTable = Array.from({ length: 256 }, (_, n) => {
    for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
    return n >>> 0;
});

function crc32(bytes) {
    let crc = ~0;
    for (const byte of bytes) crc = (crc >>> 8) ^ crcTable[(crc ^ byte) & 0xff];
    return ~crc >>> 0;
}

/** Little-endian fields: [bytes, value] pairs. */
function fields(...pairs) {
    return Buffer.concat(
        pairs.map(([size, number]) => {
            const field = Buffer.alloc(8);
            field.writeBigUInt64LE(BigInt(number));
            return field.subarray(0, size);
        }),
    );
}

/** Each item may lie: about its name, method, flags, checksum or size in either of the two lists. */
function zip(...items) {
    const locals = [];
    const central = [];
    let offset = 0;
    for (const item of items) {
        const bytes = Buffer.from(item.bytes ?? "");
        const { method = 8, flags = 0, mode = 0o100644, crc = crc32(bytes), size = bytes.length } = item;
        const packed = method === 8 ? deflateRawSync(bytes) : bytes;
        const name = Buffer.from(item.path, "latin1");
        const localName = Buffer.from(item.localPath ?? item.path, "latin1");
        const common = [
            [2, 20],
            [2, flags],
            [2, method],
            [4, 0],
            [4, crc],
            [4, packed.length],
            [4, size],
        ];
        const local = Buffer.concat([
            Buffer.from("PK\x03\x04"),
            fields(...common, [2, localName.length], [2, 0]),
            localName,
            packed,
        ]);
        central.push(
            Buffer.concat([
                Buffer.from("PK\x01\x02"),
                fields(
                    [2, 0x0314],
                    ...common,
                    [2, name.length],
                    [2, 0],
                    [2, 0],
                    [2, 0],
                    [2, 0],
                    [4, mode * 65536],
                    [4, item.offset ?? offset],
                ),
                name,
            ]),
        );
        locals.push(local);
        offset += local.length;
    }
    const list = Buffer.concat(central);
    return Buffer.concat([
        ...locals,
        list,
        Buffer.from("PK\x05\x06"),
        fields([2, 0], [2, 0], [2, items.length], [2, items.length], [4, list.length], [4, offset], [2, 0]),
    ]);
}

const stored = { method: 0 };

write("archive", {
    "good.zip": zip(index, script),
    "good_stored.zip": zip({ ...index, ...stored }, { ...script, ...stored }),
    "good_folder.zip": zip({ path: "d/", mode: 0o040755 }, { ...index, path: "d/index.html" }),
    "good_utf8.zip": zip(index, { path: "\xc3\xbc.txt", flags: 0x800, bytes: "x" }),
    "good_windows.zip": zip(index, { path: "assets\\app.js", mode: 0, bytes: "x" }),
    "not_utf8.zip": zip(index, { path: "\xfc.txt", flags: 0x800 }),
    "parent.zip": zip(index, { path: "../evil.html", bytes: "evil" }),
    "parent_windows.zip": zip(index, { path: "..\\evil.html", bytes: "evil" }),
    "absolute.zip": zip(index, { path: "/etc/passwd" }),
    "nul_in_name.zip": zip(index, { path: "a\0../../evil", bytes: "x" }),
    "symlink.zip": zip(index, { path: "link", mode: 0o120777, bytes: "/etc/passwd" }),
    "device.zip": zip(index, { path: "null", mode: 0o020666 }),
    "encrypted.zip": zip({ ...index, flags: 1 }),
    "two_names.zip": zip(index, { path: "a.txt", localPath: "b.txt", bytes: "x" }),
    "two_names_unsafe.zip": zip(index, { path: "a.txt", localPath: "../evil", bytes: "x" }),
    "overlapping.zip": zip(index, { path: "a", offset: 0, bytes: "x" }, { path: "b", offset: 0 }),
    "checksum.zip": zip({ ...index, crc: 1 }),
    "size_lies.zip": zip({ ...index, size: 0xfffffff0 }),
    "size_zip64.zip": zip({ ...index, size: 0xffffffff }),
    "twice.zip": zip(index, index),
    "method_lzma.zip": zip({ ...index, method: 14 }),
    "method_ppmd.zip": zip({ ...index, method: 98 }),
    "bomb.zip": zip(
        index,
        { path: "bomb", bytes: Buffer.alloc(1_000_000) },
        { path: "bomb2", bytes: Buffer.alloc(1_000_000) },
    ),
    "empty.zip": zip(),
    "cut_off.zip": zip(index, script).subarray(0, 150),
});
