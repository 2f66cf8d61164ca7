// One group: its members, and the apps that they may use.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import {
    AppWindow,
    ChevronLeft,
    CircleAlert,
    Copy,
    Ellipsis,
    Pencil,
    Plus,
    Trash2,
    UserMinus,
    Users,
} from "lucide-react";
import { useState, type ReactNode } from "react";
import { Link, useLocation, useParams } from "wouter";
import { api, need, wordsOf, type Schemas } from "../api/client";
import { useCan } from "../me";
import { Avatar, Badge, Button, ButtonLink, Empty, IconButton, Skeleton } from "../ui/basics";
import type { Choice } from "../ui/fields";
import { personName, plural } from "../ui/format";
import { Confirm, FormDialog, Menu } from "../ui/overlays";
import { PageHead } from "../ui/page";
import { PickMany } from "../ui/pick";
import { PagedTable, type Column } from "../ui/table";
import { Tabs } from "../ui/tabs";
import { Time } from "../ui/time";
import { toast } from "../ui/toast";
import { allow } from "./app/access";
import { copyGroupId, DeleteGroup, RenameGroup } from "./group-dialogs";

type Group = Schemas["Group"];
type User = Schemas["User"];
type App = Schemas["App"];

/** What differs between the two tabs. */
interface Belonging<Row> {
    group: Group;
    what: string;
    add: string;
    columns: Column<Row>[];
    rowKey: (row: Row) => string;
    nameOf: (row: Row) => string;
    load: (page: { limit: number; after?: string }) => Promise<{ items: Row[]; next: string | null }>;
    find: (search: string) => Promise<Choice[]>;
    /** The key of what can be found. */
    findKey: string;
    addAll: (chosen: Choice[]) => Promise<unknown>;
    remove: (row: Row) => Promise<unknown>;
    ends: string;
    empty: ReactNode;
}

function Belongings<Row>({
    group,
    what,
    add,
    columns,
    rowKey,
    nameOf,
    load,
    find,
    findKey,
    addAll,
    remove,
    ends,
    empty,
}: Belonging<Row>) {
    const client = useQueryClient();
    const mayWrite = useCan()("groups:write");
    const [adding, setAdding] = useState(false);
    const [chosen, setChosen] = useState<Choice[]>([]);
    const [leaving, setLeaving] = useState<Row | null>(null);
    const changed = () =>
        Promise.all(
            [["groups"], ["group", String(group.id)]].map((queryKey) => client.invalidateQueries({ queryKey })),
        );
    const close = () => {
        setChosen([]);
        setAdding(false);
    };
    const submit = async () => {
        await addAll(chosen);
        toast(`Added ${plural(chosen.length, what)}`);
        close();
        await changed();
    };
    const actions: Column<Row> = {
        title: "Actions",
        kind: "actions",
        cell: (row) => (
            <Menu
                label={`Actions for ${nameOf(row)}`}
                entries={[{ name: "Remove", icon: UserMinus, danger: true, onAction: () => setLeaving(row) }]}
            />
        ),
    };
    return (
        <>
            {mayWrite && (
                <div className="toolbar">
                    <span className="push">
                        <Button kind="primary" icon={Plus} onPress={() => setAdding(true)}>
                            {add}
                        </Button>
                    </span>
                </div>
            )}
            <PagedTable
                label={`${what}s of the group`}
                columns={mayWrite ? [...columns, actions] : columns}
                rowKey={rowKey}
                queryKey={["groups", group.id, what]}
                load={load}
                empty={empty}
            />
            <FormDialog
                title={`${add} to "${group.name}"`}
                action={chosen.length < 2 ? "Add" : `Add ${chosen.length}`}
                open={adding}
                onClose={close}
                onSubmit={submit}
                canSubmit={chosen.length > 0}
            >
                <PickMany
                    label={`${what.charAt(0).toUpperCase()}${what.slice(1)}s`}
                    queryKey={findKey}
                    chosen={chosen}
                    onChange={setChosen}
                    load={find}
                    placeholder="Type to find, choose as many as you like"
                />
            </FormDialog>
            <Confirm
                title={`Remove ${leaving === null ? "" : nameOf(leaving)}?`}
                action="Remove"
                open={leaving !== null}
                onClose={() => setLeaving(null)}
                onConfirm={async () => {
                    await remove(leaving!);
                    toast(`Removed ${nameOf(leaving!)}`);
                    await changed();
                }}
            >
                {ends}
            </Confirm>
        </>
    );
}

const withSearch = (search: string) => ({ limit: 20, ...(search === "" ? {} : { search }) });

function Members({ group }: { group: Group }) {
    const path = { id: group.id };
    const userName = (user: User) => personName(user);
    return (
        <Belongings<User>
            group={group}
            what="member"
            add="Add members"
            columns={[
                {
                    title: "Member",
                    kind: "lead",
                    cell: (user) => (
                        <span className="who">
                            <Avatar name={personName(user)} />
                            <span>
                                <Link href={`/users/${user.id}`}>{personName(user)}</Link>
                                <small>{user.email ?? user.externalIdentifier}</small>
                            </span>
                        </span>
                    ),
                },
                { title: "Type", cell: ({ kind }) => (kind === "internal" ? "Internal" : "External") },
                {
                    title: "Status",
                    cell: ({ status }) => (status === "active" ? "Active" : <Badge tone="warn">Archived</Badge>),
                },
                { title: "Created", cell: ({ createdAt }) => <Time time={createdAt} /> },
            ]}
            rowKey={({ id }) => id}
            nameOf={userName}
            load={(query) => need(api.GET("/api/v1/groups/{id}/members", { params: { path, query } }))}
            findKey="users"
            find={async (search) =>
                (
                    await need(
                        api.GET("/api/v1/users", { params: { query: { ...withSearch(search), status: "active" } } }),
                    )
                ).items.map((user) => {
                    const name = personName(user);
                    const note = user.email ?? user.externalIdentifier ?? "";
                    return { id: user.id, name, ...(note === name ? {} : { note }) };
                })
            }
            addAll={(chosen) =>
                need(
                    api.POST("/api/v1/groups/{id}/members", {
                        params: { path },
                        body: { userIds: chosen.map(({ id }) => id) },
                    }),
                )
            }
            remove={(user) =>
                need(
                    api.DELETE("/api/v1/groups/{id}/members/{userId}", {
                        params: { path: { ...path, userId: user.id } },
                    }),
                )
            }
            ends="Sessions that were allowed only by this group end at once."
            empty={
                <Empty icon={Users} title="No members yet">
                    External users need not be members: a portal names the group in its request for a link.
                </Empty>
            }
        />
    );
}

function Apps({ group }: { group: Group }) {
    const path = { id: group.id };
    return (
        <Belongings<App>
            group={group}
            what="app"
            add="Add apps"
            columns={[
                {
                    title: "App",
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
                { title: "Kind", cell: ({ kind }) => (kind === "bundle" ? "Static files" : "Server") },
                { title: "Access", cell: () => "Use" },
            ]}
            rowKey={({ id }) => id}
            nameOf={({ name }) => name}
            load={(query) => need(api.GET("/api/v1/groups/{id}/apps", { params: { path, query } }))}
            findKey="apps"
            find={async (search) =>
                (await need(api.GET("/api/v1/apps", { params: { query: withSearch(search) } }))).items.map(
                    ({ id, name, slug }) => ({ id, name, note: slug }),
                )
            }
            addAll={async (chosen) => {
                for (const { id } of chosen) {
                    await allow(String(group.id), id);
                }
            }}
            remove={(app) =>
                need(api.DELETE("/api/v1/groups/{id}/apps/{appId}", { params: { path: { ...path, appId: app.id } } }))
            }
            ends="Sessions of this app that were allowed only by this group end at once."
            empty={
                <Empty icon={AppWindow} title="No apps yet">
                    Members of the group may use the apps that are added here.
                </Empty>
            }
        />
    );
}

export default function GroupPage() {
    const { id = "", tab } = useParams<{ id: string; tab?: string }>();
    const [, navigate] = useLocation();
    const mayWrite = useCan()("groups:write");
    const [renaming, setRenaming] = useState(false);
    const [leaving, setLeaving] = useState(false);
    const { data: group, error } = useQuery({
        queryKey: ["group", id],
        queryFn: () => need(api.GET("/api/v1/groups/{id}", { params: { path: { id: Number(id) } } })),
    });
    if (error !== null && group === undefined) {
        return (
            <Empty
                icon={CircleAlert}
                title="This group cannot be shown"
                actions={<ButtonLink href="/settings/permissions">All groups</ButtonLink>}
            >
                {wordsOf(error)}
            </Empty>
        );
    }
    if (group === undefined) {
        return <Skeleton />;
    }
    return (
        <>
            <Link href="/settings/permissions" className="crumb">
                <ChevronLeft size={15} aria-hidden /> Permission groups
            </Link>
            <PageHead
                title={group.name}
                lead={`${plural(group.memberCount, "member")}, ${plural(group.appCount, "app")}`}
                actions={
                    <>
                        <Button icon={Copy} onPress={() => copyGroupId(group)}>
                            Copy group ID
                        </Button>
                        {mayWrite && (
                            <Menu
                                label={`Actions for ${group.name}`}
                                trigger={<IconButton label={`Actions for ${group.name}`} icon={Ellipsis} />}
                                entries={[
                                    { name: "Rename", icon: Pencil, onAction: () => setRenaming(true) },
                                    {
                                        name: "Delete group",
                                        icon: Trash2,
                                        danger: true,
                                        onAction: () => setLeaving(true),
                                    },
                                ]}
                            />
                        )}
                    </>
                }
            />
            <Tabs
                label={group.name}
                base={`/settings/permissions/group/${id}`}
                chosen={tab}
                tabs={[
                    { id: "", name: "Members", content: <Members group={group} /> },
                    { id: "apps", name: "Apps", content: <Apps group={group} /> },
                ]}
            />
            <RenameGroup group={renaming ? group : null} onClose={() => setRenaming(false)} />
            <DeleteGroup
                group={leaving ? group : null}
                onClose={() => setLeaving(false)}
                onDone={() => navigate("/settings/permissions", { replace: true })}
            />
        </>
    );
}
