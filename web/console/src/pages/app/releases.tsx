// An app's releases, and branches.
import { useQueryClient } from "@tanstack/react-query";
import { GitBranch, History, PackageOpen, Trash2, Upload } from "lucide-react";
import { useState } from "react";
import { api, need, type Schemas } from "../../api/client";
import { useCan } from "../../me";
import { Badge, Button, Empty } from "../../ui/basics";
import { Segments, TextField } from "../../ui/fields";
import { bytes, count } from "../../ui/format";
import { Confirm, FormDialog, Menu } from "../../ui/overlays";
import { PagedTable, type Column } from "../../ui/table";
import { Time } from "../../ui/time";
import { toast } from "../../ui/toast";
import type { Bundle } from "./pack";
import { BundleDrop, nextVersion, Progress, sendBundle } from "./upload";

type App = Schemas["App"];
type Release = Schemas["Release"];
type Branch = Schemas["Branch"];

function UploadDialog({
    app,
    open,
    onClose,
    onDone,
}: {
    app: App;
    open: boolean;
    onClose: () => void;
    onDone: () => Promise<unknown>;
}) {
    const [kind, setKind] = useState<"release" | "branch">("release");
    const [version, setVersion] = useState<string | null>(null);
    const [branch, setBranch] = useState("");
    const [bundle, setBundle] = useState<Bundle | null>(null);
    const [part, setPart] = useState<number | null>(null);
    const shownVersion = version ?? nextVersion(app.currentRelease);
    const close = () => {
        setVersion(null);
        setBranch("");
        setBundle(null);
        onClose();
    };
    const send = async () => {
        if (bundle === null) {
            return;
        }
        setPart(0);
        try {
            await sendBundle(
                app.id,
                kind === "release" ? { version: shownVersion.trim() } : { branch: branch.trim() },
                bundle.archive,
                setPart,
            );
        } finally {
            setPart(null);
        }
        toast(kind === "release" ? `Released ${shownVersion.trim()}` : `Updated the branch ${branch.trim()}`);
        close();
        await onDone();
    };
    return (
        <FormDialog
            title="Upload a bundle"
            action="Upload"
            open={open}
            onClose={close}
            onSubmit={send}
            canSubmit={bundle !== null && (kind === "release" || branch.trim() !== "")}
        >
            <BundleDrop bundle={bundle} onChange={setBundle} />
            <Segments
                label="As what"
                choices={[
                    { id: "release", name: "As a release" },
                    { id: "branch", name: "As a branch" },
                ]}
                value={kind}
                onChange={setKind}
            />
            {kind === "release" ? (
                <TextField
                    label="Version"
                    code
                    value={shownVersion}
                    onChange={setVersion}
                    required
                    maxLength={64}
                    hint="Users see it with their next page load. Earlier releases stay, and you can go back to them."
                />
            ) : (
                <TextField
                    label="Branch"
                    code
                    value={branch}
                    onChange={setBranch}
                    required
                    maxLength={64}
                    placeholder="new-checkout"
                    hint="Shown by links that name it, for trying something out. The current release stays."
                />
            )}
            {part !== null && <Progress part={part} />}
        </FormDialog>
    );
}

export function AppReleases({ app }: { app: App }) {
    const client = useQueryClient();
    const can = useCan();
    const mayWrite = can("releases:write");
    const [uploading, setUploading] = useState(false);
    const [back, setBack] = useState<Release | null>(null);
    const [leaving, setLeaving] = useState<Release | null>(null);
    const [leavingBranch, setLeavingBranch] = useState<Branch | null>(null);
    const path = { id: app.id };
    const changed = () =>
        Promise.all(
            [["apps"], ["app", app.id], ["releases", app.id], ["branches", app.id]].map((queryKey) =>
                client.invalidateQueries({ queryKey }),
            ),
        );

    const rollBack = async (release: Release) => {
        await need(
            api.POST("/api/v1/apps/{id}/releases/{version}/rollback", {
                params: { path: { ...path, version: release.version } },
            }),
        );
        toast(`${release.version} is current now`);
        await changed();
    };
    const remove = async (release: Release) => {
        await need(
            api.DELETE("/api/v1/apps/{id}/releases/{version}", {
                params: { path: { ...path, version: release.version } },
            }),
        );
        toast(`Deleted ${release.version}`);
        await changed();
    };
    const removeBranch = async (branch: Branch) => {
        await need(
            api.DELETE("/api/v1/apps/{id}/branches/{name}", { params: { path: { ...path, name: branch.name } } }),
        );
        toast(`Deleted the branch ${branch.name}`);
        await changed();
    };

    const size: Column<Release | Branch> = {
        title: "Content",
        cell: ({ files, bytes: size }) => (
            <span>
                {bytes(size)}
                <span className="sub">{files === 1 ? "1 file" : `${count(files)} files`}</span>
            </span>
        ),
    };
    const releases: Column<Release>[] = [
        {
            title: "Version",
            kind: "lead",
            cell: ({ version, current }) => (
                <span className="row">
                    <strong>{version}</strong>
                    {current && (
                        <Badge tone="good" dot>
                            Current
                        </Badge>
                    )}
                </span>
            ),
        },
        size,
        {
            title: "Released",
            cell: ({ createdAt, createdBy }) => (
                <span>
                    <Time time={createdAt} />
                    {createdBy !== null && <span className="sub">by {createdBy}</span>}
                </span>
            ),
        },
        ...(mayWrite
            ? [
                  {
                      title: "Actions",
                      kind: "actions" as const,
                      cell: (release: Release) =>
                          release.current ? null : (
                              <Menu
                                  label={`Actions for ${release.version}`}
                                  entries={[
                                      { name: "Make it current", icon: History, onAction: () => setBack(release) },
                                      null,
                                      {
                                          name: "Delete",
                                          icon: Trash2,
                                          danger: true,
                                          onAction: () => setLeaving(release),
                                      },
                                  ]}
                              />
                          ),
                  },
              ]
            : []),
    ];
    const branches: Column<Branch>[] = [
        { title: "Branch", kind: "lead", cell: ({ name }) => <strong>{name}</strong> },
        size,
        { title: "Changed", cell: ({ updatedAt }) => <Time time={updatedAt} /> },
        ...(mayWrite
            ? [
                  {
                      title: "Actions",
                      kind: "actions" as const,
                      cell: (branch: Branch) => (
                          <Menu
                              label={`Actions for ${branch.name}`}
                              entries={[
                                  {
                                      name: "Delete",
                                      icon: Trash2,
                                      danger: true,
                                      onAction: () => setLeavingBranch(branch),
                                  },
                              ]}
                          />
                      ),
                  },
              ]
            : []),
    ];
    const upload = mayWrite ? (
        <Button kind="primary" icon={Upload} onPress={() => setUploading(true)}>
            Upload a bundle
        </Button>
    ) : null;
    return (
        <div className="stack-l">
            <section>
                <div className="section-head">
                    <h2>Releases</h2>
                    {upload}
                </div>
                <PagedTable
                    label="Releases"
                    columns={releases}
                    rowKey={({ version }) => version}
                    queryKey={["releases", app.id]}
                    load={(query) => need(api.GET("/api/v1/apps/{id}/releases", { params: { path, query } }))}
                    empty={
                        <Empty icon={PackageOpen} title="Nothing released yet">
                            A release is what your build makes: a folder of static files with an index.html.
                        </Empty>
                    }
                />
            </section>
            <section>
                <div className="section-head">
                    <h2>Branches</h2>
                </div>
                <PagedTable
                    label="Branches"
                    columns={branches}
                    rowKey={({ name }) => name}
                    queryKey={["branches", app.id]}
                    load={(query) => need(api.GET("/api/v1/apps/{id}/branches", { params: { path, query } }))}
                    empty={
                        <Empty icon={GitBranch} title="No branches">
                            A branch is content that only those links show that name it.
                        </Empty>
                    }
                />
            </section>
            <UploadDialog app={app} open={uploading} onClose={() => setUploading(false)} onDone={changed} />
            <Confirm
                title={`Make ${back?.version ?? ""} current?`}
                action="Make it current"
                calm
                open={back !== null}
                onClose={() => setBack(null)}
                onConfirm={() => rollBack(back!)}
            >
                Sessions that follow the current release show it with their next page load.
            </Confirm>
            <Confirm
                title={`Delete ${leaving?.version ?? ""}?`}
                action="Delete"
                open={leaving !== null}
                onClose={() => setLeaving(null)}
                onConfirm={() => remove(leaving!)}
            >
                Sessions whose link named this release end at once. It cannot be brought back.
            </Confirm>
            <Confirm
                title={`Delete the branch ${leavingBranch?.name ?? ""}?`}
                action="Delete"
                open={leavingBranch !== null}
                onClose={() => setLeavingBranch(null)}
                onConfirm={() => removeBranch(leavingBranch!)}
            >
                Sessions whose link named this branch end at once.
            </Confirm>
        </div>
    );
}
