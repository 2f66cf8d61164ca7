// The groups whose members may use an app.
import { useQueryClient } from "@tanstack/react-query";
import { Plus, ShieldCheck, UserMinus } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { api, need, type Schemas } from "../../api/client";
import { useCan } from "../../me";
import { Button, Empty } from "../../ui/basics";
import type { Choice } from "../../ui/fields";
import { count } from "../../ui/format";
import { Confirm, FormDialog, Menu } from "../../ui/overlays";
import { PickMany } from "../../ui/pick";
import { PagedTable, type Column } from "../../ui/table";
import { toast } from "../../ui/toast";

type Group = Schemas["Group"];

/** Groups to choose from; those who may, also make new ones. */
export function GroupPick({
    chosen,
    onChange,
    hint,
}: {
    chosen: Choice[];
    onChange: (chosen: Choice[]) => void;
    hint?: string;
}) {
    const can = useCan();
    const asChoice = (group: Group): Choice => ({ id: String(group.id), name: group.name });
    const create = async (name: string) => asChoice(await need(api.POST("/api/v1/groups", { body: { name } })));
    return (
        <PickMany
            label="Groups"
            queryKey="groups"
            chosen={chosen}
            onChange={onChange}
            load={async (search) =>
                (
                    await need(
                        api.GET("/api/v1/groups", {
                            params: { query: { limit: 20, ...(search === "" ? {} : { search }) } },
                        }),
                    )
                ).items.map(asChoice)
            }
            placeholder={can("groups:write") ? "Find a group, or name a new one" : "Find a group"}
            {...(can("groups:write") ? { create } : {})}
            {...(hint === undefined ? {} : { hint })}
        />
    );
}

export const allow = (group: string, appId: string) =>
    need(api.PUT("/api/v1/groups/{id}/apps/{appId}", { params: { path: { id: Number(group), appId } } }));

export function AppAccess({ app }: { app: Schemas["App"] }) {
    const client = useQueryClient();
    const can = useCan();
    const [adding, setAdding] = useState(false);
    const [chosen, setChosen] = useState<Choice[]>([]);
    const [leaving, setLeaving] = useState<Group | null>(null);
    const changed = () => client.invalidateQueries({ queryKey: ["groups"] });
    const close = () => {
        setChosen([]);
        setAdding(false);
    };

    const add = async () => {
        for (const { id } of chosen) {
            await allow(id, app.id);
        }
        toast(chosen.length === 1 ? `"${chosen[0]?.name}" may use it now` : `${chosen.length} groups may use it now`);
        close();
        await changed();
    };
    const remove = async (group: Group) => {
        await need(
            api.DELETE("/api/v1/groups/{id}/apps/{appId}", { params: { path: { id: group.id, appId: app.id } } }),
        );
        toast(`"${group.name}" may no longer use it`);
        await changed();
    };

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
        ...(can("groups:write")
            ? [
                  {
                      title: "Actions",
                      kind: "actions" as const,
                      cell: (group: Group) => (
                          <Menu
                              label={`Actions for ${group.name}`}
                              entries={[
                                  {
                                      name: "Take access away",
                                      icon: UserMinus,
                                      danger: true,
                                      onAction: () => setLeaving(group),
                                  },
                              ]}
                          />
                      ),
                  },
              ]
            : []),
    ];
    const addButton = can("groups:write") ? (
        <Button kind="primary" icon={Plus} onPress={() => setAdding(true)}>
            Add groups
        </Button>
    ) : null;
    return (
        <section>
            <div className="section-head">
                <h2>Who may use it</h2>
                {addButton}
            </div>
            <PagedTable
                label="Groups that may use the app"
                columns={columns}
                rowKey={({ id }) => id}
                queryKey={["groups", { appId: app.id }]}
                load={(query) => need(api.GET("/api/v1/groups", { params: { query: { ...query, appId: app.id } } }))}
                empty={
                    <Empty icon={ShieldCheck} title="Nobody may use it yet">
                        A user may use an app through a group: as its member, or because the portal names the group in
                        its request for a link.
                    </Empty>
                }
            />
            <FormDialog
                title={`Who may use ${app.name}`}
                action="Add"
                open={adding}
                onClose={close}
                onSubmit={add}
                canSubmit={chosen.length > 0}
            >
                <GroupPick chosen={chosen} onChange={setChosen} />
            </FormDialog>
            <Confirm
                title={`Take access away from "${leaving?.name ?? ""}"?`}
                action="Take away"
                open={leaving !== null}
                onClose={() => setLeaving(null)}
                onConfirm={() => remove(leaving!)}
            >
                Sessions that were allowed only by this group end at once.
            </Confirm>
        </section>
    );
}
