// Groups: who belongs together, and what they may use.
import { useQueryClient } from "@tanstack/react-query";
import { Copy, Pencil, Plus, Trash2, Users } from "lucide-react";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { api, need, type Schemas } from "../api/client";
import { useCan } from "../me";
import { Button, Empty } from "../ui/basics";
import { SearchField, TextField } from "../ui/fields";
import { count } from "../ui/format";
import { FormDialog, Menu } from "../ui/overlays";
import { PageHead } from "../ui/page";
import { PagedTable, type Column } from "../ui/table";
import { useOpenedByAddress } from "../ui/opened";
import { Time } from "../ui/time";
import { toast } from "../ui/toast";
import { copyGroupId, DeleteGroup, RenameGroup } from "./group-dialogs";

type Group = Schemas["Group"];

export default function Permissions() {
    const client = useQueryClient();
    const [, navigate] = useLocation();
    const mayWrite = useCan()("groups:write");
    const [search, setSearch] = useState("");
    const [name, setName] = useOpenedByAddress<string | null>(null, "", mayWrite);
    const [renaming, setRenaming] = useState<Group | null>(null);
    const [leaving, setLeaving] = useState<Group | null>(null);

    const columns: Column<Group>[] = [
        {
            title: "Group",
            kind: "lead",
            cell: (group) => (
                <Link className="main-link" href={`/settings/permissions/group/${group.id}`}>
                    {group.name}
                </Link>
            ),
        },
        { title: "ID", cell: ({ id }) => <code>{id}</code> },
        { title: "Members", kind: "number", cell: ({ memberCount }) => count(memberCount) },
        { title: "Apps", kind: "number", cell: ({ appCount }) => count(appCount) },
        { title: "Created", cell: ({ createdAt }) => <Time time={createdAt} /> },
        {
            title: "Actions",
            kind: "actions",
            cell: (group) => (
                <Menu
                    label={`Actions for ${group.name}`}
                    entries={[
                        { name: "Copy group ID", icon: Copy, onAction: () => copyGroupId(group) },
                        ...(mayWrite
                            ? [
                                  { name: "Rename", icon: Pencil, onAction: () => setRenaming(group) },
                                  null,
                                  {
                                      name: "Delete group",
                                      icon: Trash2,
                                      danger: true,
                                      onAction: () => setLeaving(group),
                                  },
                              ]
                            : []),
                    ]}
                />
            ),
        },
    ];

    const create = async () => {
        const group = await need(api.POST("/api/v1/groups", { body: { name: (name ?? "").trim() } }));
        setName(null);
        toast(`Created group "${group.name}"`);
        navigate(`/settings/permissions/group/${group.id}`);
        await client.invalidateQueries({ queryKey: ["groups"] });
    };

    const createButton = mayWrite ? (
        <Button kind="primary" icon={Plus} onPress={() => setName("")}>
            Create group
        </Button>
    ) : undefined;
    return (
        <>
            <PageHead
                title="Permission groups"
                lead="A user may use an app through a group that both belong to."
                actions={createButton}
            />
            <div className="toolbar">
                <SearchField label="Find a group" onChange={setSearch} />
            </div>
            <PagedTable
                label="Groups"
                columns={columns}
                rowKey={({ id }) => id}
                queryKey={["groups", { search }]}
                load={(page) =>
                    need(
                        api.GET("/api/v1/groups", {
                            params: { query: { ...page, ...(search === "" ? {} : { search }) } },
                        }),
                    )
                }
                empty={
                    search === "" ? (
                        <Empty icon={Users} title="No groups yet" actions={createButton}>
                            Portals name groups when they ask for a link. Make one for each kind of customer.
                        </Empty>
                    ) : (
                        <Empty icon={Users} title={`No group is called "${search}"`} />
                    )
                }
            />
            <FormDialog
                title="Create a group"
                action="Create"
                open={name !== null}
                onClose={() => setName(null)}
                onSubmit={create}
                canSubmit={name !== null && name.trim() !== ""}
            >
                <TextField
                    label="Name"
                    value={name ?? ""}
                    onChange={setName}
                    autoFocus
                    required
                    maxLength={128}
                    placeholder="Warehouse managers"
                />
            </FormDialog>
            <RenameGroup group={renaming} onClose={() => setRenaming(null)} />
            <DeleteGroup group={leaving} onClose={() => setLeaving(null)} />
        </>
    );
}
