import { useQueryClient } from "@tanstack/react-query";
import { Copy, Plus, Trash2, Users } from "lucide-react";
import { useState } from "react";
import { api, need, type Schemas } from "../api/client";
import { Button, copy, Empty } from "../ui/basics";
import { TextField } from "../ui/fields";
import { count } from "../ui/format";
import { Confirm, FormDialog, Menu } from "../ui/overlays";
import { PageHead } from "../ui/page";
import { PagedTable, type Column } from "../ui/table";
import { Time } from "../ui/time";
import { toast } from "../ui/toast";

type Group = Schemas["Group"];

export default function Permissions() {
    const client = useQueryClient();
    const [name, setName] = useState<string | null>(null);
    const [leaving, setLeaving] = useState<Group | null>(null);
    const changed = () => client.invalidateQueries({ queryKey: ["groups"] });

    const columns: Column<Group>[] = [
        { title: "Group", kind: "lead", cell: (group) => <strong>{group.name}</strong> },
        { title: "Members", kind: "number", cell: (group) => count(group.memberCount) },
        { title: "Apps", kind: "number", cell: (group) => count(group.appCount) },
        { title: "Created", cell: (group) => <Time time={group.createdAt} /> },
        {
            title: "Actions",
            kind: "actions",
            cell: (group) => (
                <Menu
                    label={`Actions for ${group.name}`}
                    entries={[
                        { name: "Copy group ID", icon: Copy, onAction: () => void copy(String(group.id), `group ID "${group.id}" to clipboard`) },
                        null,
                        { name: "Delete group", icon: Trash2, danger: true, onAction: () => setLeaving(group) },
                    ]}
                />
            ),
        },
    ];

    const create = async () => {
        const group = await need(api.POST("/api/v1/groups", { body: { name: (name ?? "").trim() } }));
        setName(null);
        toast(`Created group "${group.name}"`);
        await changed();
    };

    const remove = async (group: Group) => {
        await need(api.DELETE("/api/v1/groups/{id}", { params: { path: { id: group.id } } }));
        toast(`Deleted group "${group.name}"`);
        await changed();
    };

    const createButton = (
        <Button kind="primary" icon={Plus} onPress={() => setName("")}>
            Create group
        </Button>
    );
    return (
        <>
            <PageHead title="Permission groups" lead="A user may use an app through a group that both belong to." actions={createButton} />
            <PagedTable
                label="Groups"
                columns={columns}
                rowKey={(group) => group.id}
                queryKey={["groups"]}
                load={(query) => need(api.GET("/api/v1/groups", { params: { query } }))}
                empty={
                    <Empty icon={Users} title="No groups yet" actions={createButton}>
                        Portals name groups when they ask for a link. Make one for each kind of customer.
                    </Empty>
                }
            />
            <FormDialog title="Create a group" action="Create" open={name !== null} onClose={() => setName(null)} onSubmit={create} canSubmit={name !== null && name.trim() !== ""}>
                <TextField label="Name" value={name ?? ""} onChange={setName} autoFocus required maxLength={128} />
            </FormDialog>
            <Confirm title={`Delete "${leaving?.name ?? ""}"?`} action="Delete group" open={leaving !== null} onClose={() => setLeaving(null)} onConfirm={() => remove(leaving!)}>
                Sessions that were allowed only by this group end at once.
            </Confirm>
        </>
    );
}
