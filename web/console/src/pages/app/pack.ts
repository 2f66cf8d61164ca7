// A folder of the admin's computer as one .tar.gz, made in the browser.
const BLOCK = 512;
const encoder = new TextEncoder();

export interface PackFile {
    /** Relative, with slashes. */
    path: string;
    file: File;
}

function octal(value: number, length: number): Uint8Array {
    return encoder.encode(`${value.toString(8).padStart(length - 1, "0")}\0`);
}

/** A ustar header (POSIX.1-1988). */
function header(name: Uint8Array, size: number, type: "0" | "x"): Uint8Array<ArrayBuffer> {
    const block = new Uint8Array(BLOCK);
    block.set(name.subarray(0, 100), 0);
    block.set(octal(0o644, 8), 100);
    block.set(octal(0, 8), 108);
    block.set(octal(0, 8), 116);
    block.set(octal(size, 12), 124);
    block.set(octal(0, 12), 136);
    block.set(encoder.encode("        "), 148);
    block.set(encoder.encode(type), 156);
    block.set(encoder.encode("ustar\x0000"), 257);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.set(encoder.encode(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
    return block;
}

const padding = (size: number) => new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);

/** "<length> path=<path>\n", where the length counts itself (POSIX.1-2001, pax). */
function paxRecord(path: string): Uint8Array<ArrayBuffer> {
    const body = encoder.encode(` path=${path}\n`).length;
    let length = body + String(body).length;
    length = body + String(length).length;
    return encoder.encode(`${length} path=${path}\n`);
}

export function tar(files: readonly PackFile[]): Blob {
    const parts: BlobPart[] = [];
    for (const { path, file } of files) {
        const name = encoder.encode(path);
        if (name.length > 100 || name.length !== path.length) {
            const record = paxRecord(path);
            parts.push(header(encoder.encode("pax"), record.length, "x"), record, padding(record.length));
        }
        parts.push(header(name, file.size, "0"), file, padding(file.size));
    }
    parts.push(new Uint8Array(2 * BLOCK));
    return new Blob(parts);
}

export async function tarGz(files: readonly PackFile[]): Promise<Blob> {
    const packed = tar(files).stream().pipeThrough(new CompressionStream("gzip"));
    return new Blob([await new Response(packed).blob()], { type: "application/gzip" });
}

/** What never belongs in a bundle; `inlay app deploy` leaves out the same. */
const isLitter = (path: string) => /(^|\/)(\.|node_modules(\/|$)|Thumbs\.db$)/.test(path);

async function walk(entry: FileSystemEntry, path: string, out: PackFile[]): Promise<void> {
    if (isLitter(path)) {
        return;
    }
    if (entry.isFile) {
        const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
        out.push({ path, file });
        return;
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    for (;;) {
        // A call gives some of them; none means that all were given.
        const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
        if (some.length === 0) {
            return;
        }
        for (const child of some) {
            await walk(child, path === "" ? child.name : `${path}/${child.name}`, out);
        }
    }
}

export interface Bundle {
    name: string;
    archive: Blob;
}

const ARCHIVE_TYPES: [RegExp, string][] = [
    [/\.zip$/i, "application/zip"],
    [/\.(tgz|tar\.gz)$/i, "application/gzip"],
];

/** An archive as it is; anything else as a folder of files. */
export async function bundleOfFiles(files: readonly PackFile[], folder: string): Promise<Bundle> {
    const only = files.length === 1 ? files[0] : undefined;
    const type = only === undefined ? undefined : ARCHIVE_TYPES.find(([pattern]) => pattern.test(only.file.name))?.[1];
    if (only !== undefined && type !== undefined) {
        return { name: only.file.name, archive: new Blob([only.file], { type }) };
    }
    const kept = files.filter(({ path }) => !isLitter(path));
    if (kept.length === 0) {
        throw new Error("There is no file in it.");
    }
    return { name: folder, archive: await tarGz(kept) };
}

export async function bundleOfDrop(transfer: DataTransfer): Promise<Bundle> {
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
    const files: PackFile[] = [];
    const only = entries.length === 1 ? entries[0] : undefined;
    for (const entry of entries) {
        await walk(entry, entry === only && entry.isDirectory ? "" : entry.name, files);
    }
    return bundleOfFiles(files, only?.name ?? "files");
}

/** What `<input type="file">` has; with webkitdirectory, paths begin with the folder's name. */
export function bundleOfInput(list: FileList): Promise<Bundle> {
    const files = [...list].map((file) => {
        const path = file.webkitRelativePath;
        return { path: path === "" ? file.name : path.slice(path.indexOf("/") + 1), file };
    });
    const folder = list[0]?.webkitRelativePath.split("/")[0];
    return bundleOfFiles(files, folder === undefined || folder === "" ? "files" : folder);
}
