import { AppWindow, Copy, Link2 } from "lucide-react";
import { api, need, type Schemas } from "../api/client";
import { Avatar, Badge, copy, Empty } from "../ui/basics";
import { plural } from "../ui/format";
import { Menu } from "../ui/overlays";
import { PageHead } from "../ui/page";
import { PagedTable, type Column } from "../ui/table";
import { Time } from "../ui/time";

type App = Schemas["App"];

const columns: Column<App>[] = [
    {
        title: "Name",
        kind: "lead",
        cell: (app) => (
            <span className="who">
                <Avatar name={app.name} square />
                <span>
                    <strong>{app.name}</strong>
                    <small>{app.slug}</small>
                </span>
            </span>
        ),
    },
    { title: "Release", cell: (app) => (app.currentRelease === null ? <Badge tone="warn">Nothing released</Badge> : <code>{app.currentRelease}</code>) },
    { title: "Portals", cell: (app) => (app.frameAncestors.length === 0 ? <Badge tone="warn">None yet</Badge> : plural(app.frameAncestors.length, "portal")) },
    { title: "Changed", cell: (app) => <Time time={app.updatedAt} /> },
    {
        title: "Actions",
        kind: "actions",
        cell: (app) => (
            <Menu
                label={`Actions for ${app.name}`}
                entries={[
                    { name: "Copy app URL", icon: Link2, onAction: () => void copy(`${location.origin}/embed-apps/${app.id}`, "the app's URL") },
                    { name: "Copy app UUID", icon: Copy, onAction: () => void copy(app.id, "the app's UUID") },
                ]}
            />
        ),
    },
];

export default function Apps() {
    return (
        <>
            <PageHead title="Apps" lead="What portals show in their pages." />
            <PagedTable
                label="Apps"
                columns={columns}
                rowKey={(app) => app.id}
                queryKey={["apps"]}
                load={(query) => need(api.GET("/api/v1/apps", { params: { query } }))}
                empty={
                    <Empty icon={AppWindow} title="No apps yet">
                        An app is a folder of static files that a portal shows in a frame.
                    </Empty>
                }
            />
        </>
    );
}
