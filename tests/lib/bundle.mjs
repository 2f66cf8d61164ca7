// Archives in memory, good ones and hostile ones, byte by byte.
import zlib from "node:zlib";

/**
 * @typedef {object} Entry
 * @property {string} path
 * @property {string | Buffer} [content]
 * @property {"file" | "folder" | "symlink" | "hardlink" | "character" | "block" | "fifo"} [type]
 * @property {string} [target] of a link
 * @property {number} [size] what the header claims, where that is a lie
 */

const tarType = { file: "0", hardlink: "1", symlink: "2", character: "3", block: "4", folder: "5", fifo: "6" };

/** @param {Entry} entry */
function tarEntry({ path, content = "", type = "file", target = "", size }) {
    const body = Buffer.from(content);
    const header = Buffer.alloc(512);
    const name = Buffer.from(path);
    if (name.length > 100) {
        // GNU's long name: an entry before the entry.
        const long = tarHeader("././@LongLink", "L", name.length + 1, "");
        return Buffer.concat([
            long,
            padded(Buffer.concat([name, Buffer.alloc(1)])),
            tarEntry({ path: path.slice(0, 90), content, type, target, size }),
        ]);
    }
    tarHeader(path, tarType[type], size ?? (type === "file" ? body.length : 0), target).copy(header);
    return type === "file" ? Buffer.concat([header, padded(body)]) : header;
}

function tarHeader(path, type, size, target) {
    const header = Buffer.alloc(512);
    header.write(path, 0, 100, "utf8");
    header.write("0000644\0", 100);
    header.write("0000000\0", 108);
    header.write("0000000\0", 116);
    header.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
    header.write("14000000000\0", 136);
    header.write("        ", 148);
    header.write(type, 156);
    header.write(target, 157, 100, "utf8");
    header.write("ustar\x0000", 257, "latin1");
    header.write("0000001\0", 329);
    header.write("0000003\0", 337);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return header;
}

/** @param {Buffer} bytes */
function padded(bytes) {
    return Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

/** @param {Entry[]} entries */
export function tar(entries) {
    return Buffer.concat([...entries.map(tarEntry), Buffer.alloc(1024)]);
}

/** @param {Entry[]} entries */
export function tarGz(entries, options = {}) {
    return zlib.gzipSync(tar(entries), options);
}

/** @param {Entry[]} entries */
export function zip(entries) {
    const parts = [];
    const central = [];
    let offset = 0;
    for (const { path, content = "", type = "file", target = "", size } of entries) {
        const plain = Buffer.from(type === "symlink" ? target : content);
        const packed = zlib.deflateRawSync(plain);
        const name = Buffer.from(type === "folder" ? `${path.replace(/\/$/, "")}/` : path);
        const mode = { file: 0o100644, folder: 0o40755, symlink: 0o120777 }[type];
        const common = Buffer.alloc(26);
        common.writeUInt16LE(20, 0); // version needed
        common.writeUInt16LE(0x0800, 2); // names are UTF-8
        common.writeUInt16LE(8, 4); // deflate
        common.writeUInt32LE(0x5a210000, 6); // 2025-01-01
        common.writeUInt32LE(crc32(plain), 10);
        common.writeUInt32LE(packed.length, 14);
        common.writeUInt32LE(size ?? plain.length, 18);
        common.writeUInt16LE(name.length, 22);
        const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), common, name, packed]);
        const tail = Buffer.alloc(14);
        tail.writeUInt32LE((mode << 16) >>> 0, 6);
        tail.writeUInt32LE(offset, 10);
        const made = Buffer.alloc(2);
        made.writeUInt16LE(0x0314, 0); // made on Unix, so the mode counts
        central.push(Buffer.concat([Buffer.from("PK\x01\x02", "latin1"), made, common, tail, name]));
        parts.push(local);
        offset += local.length;
    }
    const directory = Buffer.concat(central);
    const end = Buffer.alloc(18);
    end.writeUInt16LE(entries.length, 4);
    end.writeUInt16LE(entries.length, 6);
    end.writeUInt32LE(directory.length, 8);
    end.writeUInt32LE(offset, 12);
    return Buffer.concat([...parts, directory, Buffer.from("PK\x05\x06", "latin1"), end]);
}

const crcTable = Uint32Array.from({ length: 256 }, (_, index) => {
    let value = index;
    for (let bit = 0; bit < 8; bit++) {
        value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    }
    return value >>> 0;
});

/** @param {Buffer} bytes */
function crc32(bytes) {
    let value = 0xffffffff;
    for (const byte of bytes) {
        value = crcTable[(value ^ byte) & 0xff] ^ (value >>> 8);
    }
    return (value ^ 0xffffffff) >>> 0;
}

/** A small single-page app: a document, a hashed script, a text worth compressing, a folder with its own index. */
export function smallApp(title = "Small app", more = []) {
    return [
        {
            path: "index.html",
            content: `<!doctype html><title>${title}</title>
<script type="module" src="/assets/main-Bx7dK2p9.js"></script><p>${title}</p>\n`,
        },
        {
            path: "assets/main-Bx7dK2p9.js",
            content: `document.body.dataset.ran = "yes";\n${"// words that repeat and repeat\n".repeat(400)}`,
        },
        { path: "words.txt", content: "all work and no play\n".repeat(2000) },
        { path: "docs/index.html", content: "<!doctype html><title>Docs</title><p>docs</p>\n" },
        ...more,
    ];
}
