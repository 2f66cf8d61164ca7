// What can be done with a group, on its page and in the list of groups.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, need, type Schemas } from "../api/client";
import { copy } from "../ui/basics";
import { TextField } from "../ui/fields";
import { Confirm, FormDialog } from "../ui/overlays";
import { toast } from "../ui/toast";

type Group = Schemas["Group"];

export const copyGroupId = (group: Group) => void copy(String(group.id), `group ID "${group.id}" to clipboard`);

export function RenameGroup({ group, onClose }: { group: Group | null; onClose: () => void }) {
    const client = useQueryClient();
    const [name, setName] = useState<string | null>(null);
    const shown = name ?? group?.name ?? "";
    const close = () => {
        setName(null);
        onClose();
    };
    const rename = async () => {
        await need(
            api.PATCH("/api/v1/groups/{id}", { params: { path: { id: group!.id } }, body: { name: shown.trim() } }),
        );
        close();
        toast("Saved");
        await Promise.all(
            [["groups"], ["group", String(group!.id)]].map((queryKey) => client.invalidateQueries({ queryKey })),
        );
    };
    return (
        <FormDialog
            title={`Rename "${group?.name ?? ""}"`}
            action="Save"
            open={group !== null}
            onClose={close}
            onSubmit={rename}
            canSubmit={shown.trim() !== ""}
        >
            <TextField label="Name" value={shown} onChange={setName} autoFocus required maxLength={128} />
        </FormDialog>
    );
}

export function DeleteGroup({
    group,
    onClose,
    onDone,
}: {
    group: Group | null;
    onClose: () => void;
    onDone?: () => void;
}) {
    const client = useQueryClient();
    const remove = async () => {
        await need(api.DELETE("/api/v1/groups/{id}", { params: { path: { id: group!.id } } }));
        toast(`Deleted group "${group!.name}"`);
        onDone?.();
        await client.invalidateQueries({ queryKey: ["groups"] });
    };
    return (
        <Confirm
            title={`Delete "${group?.name ?? ""}"?`}
            action="Delete group"
            open={group !== null}
            onClose={onClose}
            onConfirm={remove}
        >
            Its members stay. Sessions that were allowed only by this group end at once.
        </Confirm>
    );
}
