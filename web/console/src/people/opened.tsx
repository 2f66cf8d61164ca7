// The apps that a user opened, most often first.
import { useQuery } from "@tanstack/react-query";
import { AppWindow } from "lucide-react";
import { Link } from "wouter";
import { api, need, type Schemas } from "../api/client";
import { Empty, Failure, Panel, Skeleton } from "../ui/basics";
import { count } from "../ui/format";
import { Table } from "../ui/table";

const SHOWN_MAX = 20;

export function OpenedApps({ user }: { user: Schemas["User"] }) {
    const query = { userId: user.id, from: user.createdAt, limit: SHOWN_MAX };
    const apps = useQuery({
        queryKey: ["usage", "apps", query],
        queryFn: () => need(api.GET("/api/v1/usage/apps", { params: { query } })),
    });
    return (
        <Panel title="Apps opened" flush>
            {apps.data === undefined ? (
                apps.error === null ? (
                    <Skeleton lines={3} />
                ) : (
                    <Failure error={apps.error} />
                )
            ) : apps.data.items.length === 0 ? (
                <Empty icon={AppWindow} title="None yet" />
            ) : (
                <Table
                    label="Apps opened"
                    rows={apps.data.items}
                    rowKey={({ app }) => app.id}
                    columns={[
                        {
                            title: "App",
                            kind: "lead",
                            cell: ({ app }) =>
                                app.name === null ? (
                                    <span className="quiet">a deleted app</span>
                                ) : (
                                    <Link className="main-link" href={`/apps/${app.id}`}>
                                        {app.name}
                                    </Link>
                                ),
                        },
                        { title: "Views", kind: "number", cell: ({ views }) => count(views) },
                        { title: "Denials", kind: "number", cell: ({ denials }) => count(denials) },
                    ]}
                />
            )}
        </Panel>
    );
}
