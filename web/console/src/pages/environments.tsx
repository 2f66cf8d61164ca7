// Named settings of the workspace, which a link may ask for.
import { useQueryClient } from "@tanstack/react-query";
import { Layers, Pencil, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { api, need, type Schemas } from "../api/client";
import { useCan } from "../me";
import { Button, Empty } from "../ui/basics";
import { TextField } from "../ui/fields";
import { Confirm, FormDialog, Menu } from "../ui/overlays";
import { PageHead } from "../ui/page";
import { PagedTable, type Column } from "../ui/table";
import { Time } from "../ui/time";
import { toast } from "../ui/toast";

type Environment = Schemas["Environment"];

const REQUIRED = "production";

function parseConfig(text: string): Record<string, never> {
    let value: unknown;
    try {
        value = JSON.parse(text);
    } catch (error) {
        throw new Error(`The settings are not JSON: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        throw new Error('The settings must be a JSON object, such as {"currency": "EUR"}.');
    }
    return value as Record<string, never>;
}

export default function Environments() {
    const client = useQueryClient();
    const mayWrite = useCan()("environments:write");
    const [editing, setEditing] = useState<{ id: string | null; old: string; name: string; config: string } | null>(
        null,
    );
    const [leaving, setLeaving] = useState<Environment | null>(null);
    const changed = () => client.invalidateQueries({ queryKey: ["environments"] });

    const edit = (environment: Environment | null) =>
        setEditing({
            id: environment?.id ?? null,
            old: environment?.name ?? "",
            name: environment?.name ?? "",
            config: JSON.stringify(environment?.config ?? {}, null, 2),
        });

    const save = async () => {
        if (editing === null) {
            return;
        }
        const name = editing.name.trim();
        const config = parseConfig(editing.config);
        if (editing.id === null) {
            await need(api.POST("/api/v1/environments", { body: { name, config } }));
        } else {
            const body = { config, ...(name === editing.old ? {} : { name }) };
            await need(api.PATCH("/api/v1/environments/{id}", { params: { path: { id: editing.id } }, body }));
        }
        setEditing(null);
        toast(editing.id === null ? `Created "${name}"` : `Saved "${name}"`);
        await changed();
    };
    const remove = async (environment: Environment) => {
        await need(api.DELETE("/api/v1/environments/{id}", { params: { path: { id: environment.id } } }));
        toast(`Deleted "${environment.name}"`);
        await changed();
    };

    const columns: Column<Environment>[] = [
        { title: "Name", kind: "lead", cell: ({ name }) => <strong>{name}</strong> },
        {
            title: "Settings",
            cell: ({ config }) => (
                <code className="clip">
                    {Object.keys(config).length === 0 ? "none" : Object.keys(config).join(", ")}
                </code>
            ),
        },
        { title: "Changed", cell: ({ updatedAt }) => <Time time={updatedAt} /> },
        ...(mayWrite
            ? [
                  {
                      title: "Actions",
                      kind: "actions" as const,
                      cell: (environment: Environment) => (
                          <Menu
                              label={`Actions for ${environment.name}`}
                              entries={[
                                  { name: "Edit", icon: Pencil, onAction: () => edit(environment) },
                                  ...(environment.name === REQUIRED
                                      ? []
                                      : [
                                            null,
                                            {
                                                name: "Delete",
                                                icon: Trash2,
                                                danger: true,
                                                onAction: () => setLeaving(environment),
                                            },
                                        ]),
                              ]}
                          />
                      ),
                  },
              ]
            : []),
    ];
    return (
        <>
            <PageHead
                title="Environments"
                lead={`Settings that apps get as "config". A link names an environment; without a name it is ${REQUIRED}.`}
                actions={
                    mayWrite && (
                        <Button kind="primary" icon={Plus} onPress={() => edit(null)}>
                            Create environment
                        </Button>
                    )
                }
            />
            <PagedTable
                label="Environments"
                columns={columns}
                rowKey={({ id }) => id}
                queryKey={["environments"]}
                load={(query) => need(api.GET("/api/v1/environments", { params: { query } }))}
                empty={<Empty icon={Layers} title="No environments" />}
            />
            <FormDialog
                title={editing?.id === null ? "Create an environment" : `Edit ${editing?.old ?? ""}`}
                action={editing?.id === null ? "Create" : "Save"}
                open={editing !== null}
                onClose={() => setEditing(null)}
                onSubmit={save}
                canSubmit={editing !== null && editing.name.trim() !== ""}
                wide
            >
                <TextField
                    label="Name"
                    value={editing?.name ?? ""}
                    onChange={(name) => editing !== null && setEditing({ ...editing, name })}
                    required
                    maxLength={63}
                    placeholder="staging"
                    disabled={editing?.old === REQUIRED}
                />
                <TextField
                    label="Settings"
                    code
                    rows={10}
                    value={editing?.config ?? ""}
                    onChange={(config) => editing !== null && setEditing({ ...editing, config })}
                    hint="A JSON object. Everybody who has an app open can read it: no passwords."
                />
            </FormDialog>
            <Confirm
                title={`Delete "${leaving?.name ?? ""}"?`}
                action="Delete"
                open={leaving !== null}
                onClose={() => setLeaving(null)}
                onConfirm={() => remove(leaving!)}
            >
                Sessions in this environment end at once, and links that name it open no more.
            </Confirm>
        </>
    );
}
