// A bundle by drag and drop, with its progress.
import { FileArchive, FolderOpen, Upload } from "lucide-react";
import { useRef, useState, type DragEvent } from "react";
import { ApiError, wordsOf, type Schemas } from "../../api/client";
import { Button, Notice } from "../../ui/basics";
import { bytes } from "../../ui/format";
import { bundleOfDrop, bundleOfInput, type Bundle } from "./pack";

/** fetch() tells nothing of an upload's progress, hence XMLHttpRequest. */
export function sendBundle(
    appId: string,
    target: { version: string } | { branch: string },
    archive: Blob,
    onProgress: (part: number) => void,
): Promise<Schemas["Release"] | Schemas["Branch"]> {
    return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open("POST", `/api/v1/apps/${encodeURIComponent(appId)}/releases?${new URLSearchParams(target)}`);
        request.setRequestHeader("Content-Type", archive.type);
        request.responseType = "json";
        request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / total);
        request.onload = () => {
            if (request.status === 201) {
                resolve(request.response as Schemas["Release"]);
            } else {
                reject(ApiError.from(request.status, request.response));
            }
        };
        request.onerror = () =>
            reject(
                new ApiError(0, "unreachable", "The upload broke off. Check your connection and try again.", undefined),
            );
        request.send(archive);
    });
}

export function Progress({ part }: { part: number }) {
    return (
        <div className="progress" role="status">
            <span>{part < 1 ? `Uploading, ${Math.round(part * 100)} %` : "Checking and unpacking it"}</span>
            <progress aria-label="Upload" {...(part < 1 ? { value: part } : {})} />
        </div>
    );
}

export function BundleDrop({ bundle, onChange }: { bundle: Bundle | null; onChange: (bundle: Bundle | null) => void }) {
    const [over, setOver] = useState(false);
    const [wrong, setWrong] = useState<string | null>(null);
    const [reading, setReading] = useState(false);
    const file = useRef<HTMLInputElement>(null);
    const folder = useRef<HTMLInputElement>(null);

    const take = (read: Promise<Bundle>) => {
        setReading(true);
        setWrong(null);
        read.then(onChange, (error: unknown) => setWrong(wordsOf(error))).finally(() => setReading(false));
    };
    const drop = (event: DragEvent) => {
        event.preventDefault();
        setOver(false);
        take(bundleOfDrop(event.dataTransfer));
    };
    const picked = (input: HTMLInputElement) => {
        if (input.files !== null && input.files.length > 0) {
            take(bundleOfInput(input.files));
        }
        // So that the same file can be chosen again.
        input.value = "";
    };
    return (
        <div className="stack">
            <div
                className="drop"
                role="group"
                aria-label="The app's files"
                data-drop-target={over ? "" : undefined}
                onDragOver={(event) => {
                    event.preventDefault();
                    setOver(true);
                }}
                onDragLeave={() => setOver(false)}
                onDrop={drop}
            >
                {bundle === null ? <Upload size={22} aria-hidden /> : <FileArchive size={22} aria-hidden />}
                {bundle === null ? (
                    <>
                        <strong>Drop a folder, a .zip or a .tar.gz here</strong>
                        <span className="quiet">With an index.html at its top, as your build makes it.</span>
                    </>
                ) : (
                    <>
                        <strong>{bundle.name}</strong>
                        <span className="quiet">{bytes(bundle.archive.size)} to upload</span>
                    </>
                )}
                <div className="row">
                    <Button small icon={FolderOpen} busy={reading} onPress={() => folder.current?.click()}>
                        Choose a folder
                    </Button>
                    <Button small icon={FileArchive} isDisabled={reading} onPress={() => file.current?.click()}>
                        Choose an archive
                    </Button>
                </div>
                <input
                    ref={file}
                    type="file"
                    hidden
                    accept=".zip,.tgz,.gz"
                    aria-label="Archive"
                    onChange={(event) => picked(event.target)}
                />
                <input
                    ref={(input) => {
                        folder.current = input;
                        input?.setAttribute("webkitdirectory", "");
                    }}
                    type="file"
                    hidden
                    aria-label="Folder"
                    onChange={(event) => picked(event.target)}
                />
            </div>
            {wrong !== null && <Notice tone="bad">{wrong}</Notice>}
        </div>
    );
}

/** The version after this one. */
export function nextVersion(version: string | null): string {
    const [, major, minor, patch] = /^(\d+)\.(\d+)\.(\d+)/.exec(version ?? "") ?? [];
    return patch === undefined ? "1.0.0" : `${major}.${minor}.${Number(patch) + 1}`;
}
