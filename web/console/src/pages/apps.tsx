// What portals show in their pages.
import { AppWindow, Copy, Link2, Plus } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { api, need, type Schemas } from "../api/client";
import { useCan } from "../me";
import { Avatar, Badge, ButtonLink, copy, Empty } from "../ui/basics";
import { SearchField } from "../ui/fields";
import { Menu } from "../ui/overlays";
import { PageHead } from "../ui/page";
import { PagedTable, type Column } from "../ui/table";
import { Time } from "../ui/time";

type App = Schemas["App"];

function hosts(app: App) {
    const [first, ...more] = app.portals;
    return first === undefined ? (
        <Badge tone="warn">None yet</Badge>
    ) : (
        <span>
            {first.replace(/^https?:\/\//, "")}
            {more.length > 0 && <span className="quiet"> and {more.length} more</span>}
        </span>
    );
}

const columns: Column<App>[] = [
    {
        title: "Name",
        kind: "lead",
        cell: (app) => (
            <span className="who">
                <Avatar name={app.name} square />
                <span>
                    <Link href={`/apps/${app.id}`}>{app.name}</Link>
                    <small>{app.slug}</small>
                </span>
            </span>
        ),
    },
    {
        title: "Shows",
        cell: (app) =>
            app.kind === "upstream" ? (
                <span className="clip">{app.upstream?.url}</span>
            ) : app.currentRelease === null ? (
                <Badge tone="warn">Nothing released</Badge>
            ) : (
                <code>{app.currentRelease}</code>
            ),
    },
    { title: "Portals", cell: hosts },
    { title: "Changed", cell: (app) => <Time time={app.updatedAt} /> },
    {
        title: "Actions",
        kind: "actions",
        cell: (app) => (
            <Menu
                label={`Actions for ${app.name}`}
                entries={[
                    {
                        name: "Copy app URL",
                        icon: Link2,
                        onAction: () => void copy(`${location.origin}/embed-apps/${app.id}`, "the app's URL"),
                    },
                    { name: "Copy app UUID", icon: Copy, onAction: () => void copy(app.id, "the app's UUID") },
                ]}
            />
        ),
    },
];

export default function Apps() {
    const mayWrite = useCan()("apps:write");
    const [search, setSearch] = useState("");
    const create = mayWrite ? (
        <ButtonLink href="/apps/new" kind="primary" icon={Plus}>
            Create app
        </ButtonLink>
    ) : undefined;
    return (
        <>
            <PageHead title="Apps" lead="What portals show in their pages." actions={create} />
            <div className="toolbar">
                <SearchField label="Find an app" onChange={setSearch} />
            </div>
            <PagedTable
                label="Apps"
                columns={columns}
                rowKey={({ id }) => id}
                queryKey={["apps", { search }]}
                load={(page) =>
                    need(
                        api.GET("/api/v1/apps", {
                            params: { query: { ...page, ...(search === "" ? {} : { search }) } },
                        }),
                    )
                }
                empty={
                    search === "" ? (
                        <Empty icon={AppWindow} title="No apps yet" actions={create}>
                            An app is a folder of static files, or a server that runs somewhere already.
                        </Empty>
                    ) : (
                        <Empty icon={AppWindow} title={`No app is called "${search}"`}>
                            Names, slugs and whole UUIDs are looked through.
                        </Empty>
                    )
                }
            />
        </>
    );
}
